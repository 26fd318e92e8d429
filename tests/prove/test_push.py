"""Pushing: what contacts let expect, and when a prop has given way."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sims.scenes import BOX_MASS_KG

from blueprint.pipeline.prove.push import (
    BREAK_AWAY,
    PushSettings,
    break_away_n,
    contact_frictions,
    plan_push,
    plan_pushes,
    push,
)
from blueprint.pipeline.prove.subjects import GRAVITY_M_S2, movable_subjects
from blueprint.pipeline.scene.edits import SetMaterial
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.protocols import Contacts, SceneFiles

FRICTIONS = {"box/body": (0.4, 0.5), "table/top": (0.3, 0.45), "cup/body": (0.2, 0.2)}


def contacts(points: list[tuple[float, float, float]], *more: tuple[str, tuple[float, float, float]]) -> Contacts:
    """Return contacts of the box with the table at points, and with other things with given normals."""
    first = ["table/top"] * len(points) + [name for name, _ in more]
    normals = [(0.0, 0.0, 1.0)] * len(points) + [normal for _, normal in more]
    places = [*points, *[(0.0, 0.03, 0.5)] * len(more)]
    count = len(first)
    return Contacts(
        tuple(first),
        ("box/body",) * count,
        np.array(places),
        np.array(normals),
        np.zeros((count, 3)),
        np.full(count, 1e-4),
    )


def square(half_m: float) -> list[tuple[float, float, float]]:
    """Return four contacts around the origin at the height of the table."""
    return [(x, y, 0.4) for x in (-half_m, half_m) for y in (-half_m, half_m)]


@given(st.floats(0.05, 20.0), st.floats(0.05, 0.2), st.floats(0.01, 0.4))
def test_a_prop_slides_at_friction_or_tips_before(mass_kg: float, half_m: float, height_m: float) -> None:
    plan = plan_push("box", mass_kg, np.array([0.0, 0.0, 0.4 + height_m]), contacts(square(half_m)), FRICTIONS)
    weight = mass_kg * GRAVITY_M_S2
    assert plan.slide_n == pytest.approx((0.4 * weight, 0.5 * weight))
    assert plan.tip_n == pytest.approx(weight * half_m * np.sqrt(2) / height_m)
    assert plan.expected_n == (min(plan.slide_n[0], plan.tip_n), min(plan.slide_n[1], plan.tip_n))
    assert abs(plan.direction[0]) == pytest.approx(abs(plan.direction[1]))
    assert plan.unjudged == ""


def test_what_leans_or_carries_is_pushed_without_a_verdict() -> None:
    plan = plan_push("box", 1.0, np.array([0, 0, 0.5]), contacts(square(0.1), ("cup/body", (0.0, 1.0, 0.0))), FRICTIONS)
    assert plan.unjudged == "also touches cup/body"
    assert plan_push("box", 1.0, np.array([0, 0, 0.5]), contacts([]), FRICTIONS).unjudged == "stands on nothing"
    unknown = plan_push("box", 1.0, np.array([0, 0, 0.5]), contacts(square(0.1)), {"box/body": (0.4, 0.5)})
    assert unknown.unjudged == "stands on something of unknown friction"


def test_giving_way_is_moving_for_good() -> None:
    forces = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert break_away_n(forces, [0, 0, 1e-5, 2e-5, 0.001, 0.004], 0.05) == 4.0
    assert break_away_n(forces, [0, 0.001, 0.001, 0.001, 0.002, 0.004], 0.05) == 4.0
    assert break_away_n(forces, [0, 0, 0, 1e-5, 2e-5, 3e-5], 0.05) is None


def test_a_box_gives_way_where_friction_says(sim: MujocoSim, scene_files: SceneFiles) -> None:
    subject = next(each for each in movable_subjects(scene_files.manifest) if each.name == "box")
    plan = _plan(sim, scene_files)
    assert plan.expected_n[1] <= 0.8 * BOX_MASS_KG * GRAVITY_M_S2 * 1.001
    trial = push(sim, subject, plan, PushSettings())
    assert trial.holds, trial.outcome
    assert trial.value(BREAK_AWAY) == pytest.approx(plan.expected_n[0], rel=0.15)


def test_slippery_ground_is_noticed(sim: MujocoSim, scene_files: SceneFiles) -> None:
    subject = next(each for each in movable_subjects(scene_files.manifest) if each.name == "box")
    plan = _plan(sim, scene_files)
    ice = [
        SetMaterial(entry.prop.id, body.body, "ice", 900, 0.1, 0.1, 0.0, "for a test")
        for entry in scene_files.manifest.props
        for body in entry.physics
    ]
    trial = push(_OnIce(sim, ice), subject, plan, PushSettings())
    assert not trial.holds
    assert "box gives way at" in trial.outcome
    assert " N, expected " in trial.outcome


class _OnIce:
    """The engine with other materials at each reset."""

    def __init__(self, sim: MujocoSim, edits: list[SetMaterial]) -> None:
        self._sim, self._edits = sim, edits

    def __getattr__(self, name: str) -> object:
        return getattr(self._sim, name)

    def reset(self) -> None:
        self._sim.reset(self._edits)


def _plan(sim: MujocoSim, files: SceneFiles):
    # The scratch scene has no room in its manifest; its floor has the friction of everything else.
    sim.reset()
    sim.step(120)
    assert contact_frictions(files.manifest)["box/body"] == (0.8, 0.8)
    return plan_pushes(sim, files.manifest)["box"]
