"""The grasp table of a small scene."""

from blueprint.pipeline.episode.records import Grasps


def test_what_fits_the_gripper_has_grasps(grasps: Grasps) -> None:
    """The box does, the crate is too wide."""
    tables = grasps.tables()
    assert tables["box"].grasps
    assert not tables["crate"].grasps
    assert all(0 < grasp.width_m < 0.08 for grasp in tables["box"].grasps)
