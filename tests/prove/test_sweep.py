"""Joints: driven to both ends, named where they stop early, overlaps measured."""

import numpy as np
import pytest
from tests.sims.scenes import DOOR_LIMIT_RAD, DRAWER_LIMIT_M

from blueprint.pipeline.prove.sweep import (
    ERROR,
    Course,
    Hinge,
    SweepSettings,
    articulated_joints,
    blockers,
    drive,
    judge_sweep,
    worst_overlaps,
)
from blueprint.pipeline.scene.props import Joint
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.overlaps import LinkOverlaps, Overlap
from blueprint.pipeline.sims.protocols import Contacts, SceneFiles

NONE = Overlap(0.0, 0.0, "", "")
DOOR = Hinge("cabinet/door", Joint("door", "revolute", "frame", "door", (0, 0, 1), (0, 0, 0), -1.6, 0.0))


def test_drawer_and_door_reach_both_ends(sim: MujocoSim, scene_files: SceneFiles) -> None:
    hinges = {hinge.name: hinge for hinge in articulated_joints(scene_files.manifest)}
    assert set(hinges) == {"cabinet/slide", "cabinet/hinge"}
    for name, lower, upper in (("cabinet/slide", 0.0, DRAWER_LIMIT_M), ("cabinet/hinge", -DOOR_LIMIT_RAD, 0.0)):
        course = drive(sim, hinges[name], SweepSettings(), feel=sim)
        assert course.reached_lower == pytest.approx(lower, abs=0.01 * (upper - lower))
        assert course.reached_upper == pytest.approx(upper, abs=0.01 * (upper - lower))
        assert course.touching == ()
        trial = judge_sweep("mujoco", hinges[name], course, 0.0, (NONE, NONE), SweepSettings())
        assert trial.holds, trial.outcome
        assert trial.value(ERROR) < 0.01


def test_an_effort_too_small_is_said(sim: MujocoSim, scene_files: SceneFiles) -> None:
    hinge = next(each for each in articulated_joints(scene_files.manifest) if each.name == "cabinet/hinge")
    course = drive(sim, hinge, SweepSettings(duration_s=0.2))
    trial = judge_sweep("mujoco", hinge, course, 0.0, (NONE, NONE), SweepSettings())
    assert trial.outcome.startswith("cabinet/hinge goes from ")
    assert "deg at 1 N m, authored -85.94 deg to 0.00 deg" in trial.outcome


@pytest.mark.parametrize(
    ("reached", "held", "depth_m", "said"),
    [
        ((-1.6, 0.0), 0.0, 0.0, "holds"),
        ((-0.8, 0.0), 0.0, 0.0, "cabinet/door goes from -45.84 deg to 0.00 deg at 1 N m"),
        ((-1.6, 0.0), 0.03, 0.0, "moves 1.72 deg when nobody touches it"),
        ((-1.6, 0.0), 0.0, 0.008, "has cabinet/door 8.0 mm deep in cabinet/frame at -45.84 deg"),
    ],
)
def test_each_fault_is_named(reached: tuple[float, float], held: float, depth_m: float, said: str) -> None:
    course = Course((0.0, 1.0, 2.0), (0.0, *reached), reached[1], reached[0], ("room/pedestal",))
    worst = Overlap(-0.8, depth_m, "cabinet/door", "cabinet/frame")
    trial = judge_sweep("mujoco", DOOR, course, held, (NONE, worst), SweepSettings())
    assert said in trial.outcome
    assert ("room/pedestal touches it" in trial.outcome) == (reached[0] == -0.8)


def test_what_stands_on_furniture_is_not_in_the_way() -> None:
    contacts = Contacts(
        ("cabinet/door", "cabinet/frame", "cabinet/frame"),
        ("room/pedestal", "can/body", "cabinet/door"),
        np.zeros((3, 3)),
        np.array([(1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)]),
        np.zeros((3, 3)),
        np.zeros(3),
    )
    assert blockers(contacts, "cabinet") == ("room/pedestal",)


def test_overlaps_along_the_way_are_measured(scene_files: SceneFiles) -> None:
    overlaps = LinkOverlaps(scene_files.model_folder)
    hinges = {hinge.name: hinge for hinge in articulated_joints(scene_files.manifest)}
    at_rest, worst = worst_overlaps(overlaps, hinges["cabinet/hinge"])
    # The door's box reaches 10 mm behind the hinge line and turns into the frame's side.
    assert {worst.first, worst.second} <= {"", "cabinet/door", "cabinet/frame", "cabinet/drawer"}
    assert worst.depth_m >= at_rest.depth_m >= 0.0
    inward = overlaps.along("cabinet/slide", [0.0, -0.1])
    # Pushed in by 10 cm the drawer's front, which is wider than the opening, is inside the frame.
    assert inward[1].depth_m > 0.005
    assert {inward[1].first, inward[1].second} == {"cabinet/drawer", "cabinet/frame"}
