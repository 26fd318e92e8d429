"""Dropping: room above, coming to rest, sinking and gained energy."""

import pytest

from blueprint.pipeline.prove.drop import GAIN, HEIGHT, MOVED, DropSettings, Lift, drop, plan_lifts, raised
from blueprint.pipeline.prove.subjects import movable_subjects
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.protocols import SceneFiles


def test_a_box_comes_to_rest_where_it_was(sim: MujocoSim, scene_files: SceneFiles) -> None:
    lifts = plan_lifts(sim, scene_files.manifest, DropSettings())
    box = next(each for each in movable_subjects(scene_files.manifest) if each.name == "box")
    assert lifts["box"].height_m == 0.05
    trial = drop(sim, box, lifts["box"], DropSettings())
    assert trial.holds, trial.outcome
    assert trial.value(HEIGHT) == 0.05
    assert trial.value(GAIN) < 0.01
    assert trial.value(MOVED) < 0.01
    assert trial.traces[0].values[0] == pytest.approx(0.05, abs=2e-3)


def test_too_short_a_fall_is_no_rest(sim: MujocoSim, scene_files: SceneFiles) -> None:
    box = next(each for each in movable_subjects(scene_files.manifest) if each.name == "box")
    high = Lift(raised(box.entry.prop.T_world_prop, 1.0), 1.0)
    trial = drop(sim, box, high, DropSettings(duration_s=0.3))
    assert "box still moves at " in trial.outcome


def test_a_fall_beside_the_table_ends_below(sim: MujocoSim, scene_files: SceneFiles) -> None:
    box = next(each for each in movable_subjects(scene_files.manifest) if each.name == "box")
    x, y, z = box.entry.prop.T_world_prop.position_m
    trial = drop(sim, box, Lift(Pose((x + 1.0, y, z)), 0.05), DropSettings())
    assert "mm below where it stood" in trial.outcome


def test_without_room_nothing_is_measured(sim: MujocoSim, scene_files: SceneFiles) -> None:
    box = next(each for each in movable_subjects(scene_files.manifest) if each.name == "box")
    trial = drop(sim, box, Lift(box.entry.prop.T_world_prop, 0.0), DropSettings())
    assert trial.holds
    assert trial.measures == ()
    assert trial.detail == "no room above it to lift it"
