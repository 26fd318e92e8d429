"""The grasp table of a small scene."""

from blueprint.pipeline.episode.records import Grasps


def test_what_fits_the_gripper_has_grasps(grasps: Grasps) -> None:
    """The box does, the crate is too wide."""
    tables = grasps.tables()
    assert tables["box"].grasps
    assert not tables["crate"].grasps
    assert all(0 < grasp.width_m < 0.08 for grasp in tables["box"].grasps)


def test_every_grasp_was_tried_and_the_best_come_first(grasps: Grasps) -> None:
    """Ranked by the share of trials in which it held, then by geometry; the box's best hold always."""
    tried = grasps.tables()["box"].grasps
    assert all(grasp.trials >= 2 for grasp in tried)
    assert all(0 <= grasp.held <= grasp.trials for grasp in tried)
    order = [(-grasp.success_share, grasp.cost) for grasp in tried]
    assert order == sorted(order)
    assert tried[0].success_share == 1.0
    assert tried[0].slip_m < 0.005
