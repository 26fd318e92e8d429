"""Leaving a scene alone: what stands holds, what hangs in the air is named with its drift."""

import numpy as np
import pytest

from blueprint.pipeline.prove.rest import (
    DRIFT,
    PENETRATION,
    TURN,
    Depth,
    RestRun,
    RestSettings,
    deepest,
    judge_rest,
    leave_alone,
    outcome,
    resting_depths,
)
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.proofs import HOLDS
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.protocols import Contacts, SceneFiles

STILL = (Pose((0.5, -0.1, 0.3)),) * 3


def run(**box: object) -> RestRun:
    """Return a run of 5 s in which only the box does something."""
    poses = {"box": STILL, "block": STILL, **box}
    return RestRun("mujoco", (0.0, 2.5, 5.0), poses, dict.fromkeys(poses, 0.0), {"cabinet/slide": (0.0, 0.001, 0.002)})


def test_what_floats_is_seen_to_fall_and_what_stands_to_hold(sim: MujocoSim, scene_files: SceneFiles) -> None:
    settings = RestSettings(duration_s=1.0)
    found = leave_alone(sim, scene_files.manifest, settings)
    depths = resting_depths(sim, found)
    trials = {trial.subject: trial for trial in judge_rest(found, scene_files.manifest, depths, settings)}
    assert trials["box"].holds
    assert 0 < trials["box"].value(PENETRATION) < 0.001
    assert not trials["block"].holds
    assert trials["block"].outcome.startswith("block moved ")
    assert trials["block"].value(DRIFT) > 0.05
    assert trials["cabinet/slide"].holds


@pytest.mark.parametrize(
    ("box", "depth_m", "said"),
    [
        (STILL, 0.0005, HOLDS),
        (((STILL[0], Pose((0.5, -0.1, 0.308)), STILL[0])), 0.0, "box moved 8.00 mm in 5 s"),
        (((STILL[0], STILL[0], Pose.from_yaw(STILL[0].position_m, 0.05))), 0.0, "box turned 2.86 deg"),
        (STILL, 0.0021, "box is 2.10 mm deep in table/top"),
    ],
)
def test_each_bound_is_kept(box: tuple[Pose, ...], depth_m: float, said: str, scene_files: SceneFiles) -> None:
    depths = {"box": Depth(depth_m, "table/top"), "block": Depth(0.0, "")}
    trials = judge_rest(run(box=box), scene_files.manifest, depths, RestSettings())
    trial = next(each for each in trials if each.subject == "box")
    assert trial.outcome == said
    assert trial.value(TURN) is not None


def test_the_deepest_contact_is_with_something_else() -> None:
    contacts = Contacts(
        ("box/a", "room/floor", "box/a", "can/body"),
        ("box/b", "box/a", "table/top", "table/top"),
        np.zeros((4, 3)),
        np.zeros((4, 3)),
        np.zeros((4, 3)),
        np.array([0.01, 0.002, 0.003, 0.02]),
    )
    assert deepest(contacts, "box") == Depth(0.003, "table/top")
    assert deepest(contacts, "cup") == Depth(0.0, "")


def test_an_outcome_names_every_fault() -> None:
    assert outcome("mug", ["", ""]) == HOLDS
    assert outcome("mug", ["moved 9 mm", "", "turned 3 deg"]) == "mug moved 9 mm, turned 3 deg"
