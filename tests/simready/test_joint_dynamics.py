"""Joints resist as their parts' mass and geometry say, and a pushed part comes to rest in time."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.simready import shapes

from blueprint.pipeline.scene.edits import SetMass
from blueprint.pipeline.scene.props import Body, Joint, Prop, Role
from blueprint.pipeline.simready.inertia import distribution_of
from blueprint.pipeline.simready.joint_dynamics import damping_to_stop, propose_joint_dynamics
from blueprint.pipeline.simready.mass import LinkMass, propose_mass
from blueprint.pipeline.simready.solids import Solid, solid_of

DOOR = shapes.moved(shapes.box(0.4, 0.018, 0.7), 0.2)
"""Hinged at x = 0."""
HINGE = Joint("hinge", "revolute", "frame", "door", (0, 0, 1), (0, 0, 0), 0.0, 1.5)
RAIL = Joint("rail", "prismatic", "frame", "drawer", (0, -1, 0), (0, 0, 0), 0.0, 0.3)
CATCH = replace(HINGE, name="catch", parent="door", child="latch", axis=(0, 1, 0), origin_m=(0.35, 0, 0.35))


@pytest.fixture
def cabinet(tmp_path: Path) -> tuple[Prop, dict[str, SetMass], dict[str, Solid]]:
    meshes = {
        "frame": shapes.box(0.6, 0.5, 0.8),
        "door": DOOR,
        "drawer": shapes.box(0.4, 0.4, 0.15),
        "latch": shapes.moved(shapes.box(0.03, 0.03, 0.03), 0.35, 0.0, 0.335),
    }
    prop = shapes.prop_of(tmp_path, meshes["frame"], "cabinet", role=Role.FURNITURE)
    prop = replace(prop, bodies=tuple(Body(name, ()) for name in meshes), joints=(HINGE, RAIL, CATCH))
    solids = {name: solid_of([mesh]) for name, mesh in meshes.items()}
    weights = {"frame": 20.0, "door": 3.0, "drawer": 2.0, "latch": 0.05}
    masses = {
        name: propose_mass(prop, name, LinkMass(weights[name], "weighed"), distribution_of(solid, []))
        for name, solid in solids.items()
    }
    return prop, masses, solids


def test_a_door_and_a_drawer_resist_like_ones(cabinet: tuple[Prop, dict[str, SetMass], dict[str, Solid]]) -> None:
    hinge, rail, catch = propose_joint_dynamics(*cabinet)
    assert hinge.joint == "hinge"
    # Half a turn's arm of 0.2 m on hinges 0.49 m apart: 1 + 2 * 0.2 / 0.49 times the weight, and the latch's share.
    assert hinge.friction == pytest.approx(0.2 * 0.004 * 1.83 * 3.05 * 9.81, rel=0.02)
    assert rail.friction == pytest.approx(0.03 * 2 * 9.81, rel=1e-3)
    assert catch.friction == pytest.approx(0.01)
    for edit in (hinge, rail, catch):
        assert edit.stiffness == 0
        assert edit.max_effort > edit.friction
        assert "kg" in edit.why
        assert "no drive" in edit.why


def test_a_heavier_part_is_harder_to_move(cabinet: tuple[Prop, dict[str, SetMass], dict[str, Solid]]) -> None:
    prop, masses, solids = cabinet
    heavy = {name: replace(mass, mass_kg=3 * mass.mass_kg) for name, mass in masses.items()}
    for light, loaded in zip(
        propose_joint_dynamics(*cabinet)[:2], propose_joint_dynamics(prop, heavy, solids)[:2], strict=True
    ):
        assert loaded.friction == pytest.approx(3 * light.friction, rel=1e-3)


def test_what_slides_upright_stays_where_it_is(cabinet: tuple[Prop, dict[str, SetMass], dict[str, Solid]]) -> None:
    prop, masses, solids = cabinet
    lift = replace(RAIL, axis=(0, 0, 1))
    (edit,) = propose_joint_dynamics(replace(prop, joints=(lift,)), masses, solids)
    assert edit.friction > 2 * 9.81


def test_a_part_let_go_is_at_rest_in_a_second(cabinet: tuple[Prop, dict[str, SetMass], dict[str, Solid]]) -> None:
    """Integrated with small steps, the drawer stops from half a metre per second."""
    rail = propose_joint_dynamics(*cabinet)[1]
    speed, time, step = 0.5, 0.0, 1e-4
    while speed > 0:
        speed -= step * (rail.friction + rail.damping * speed) / 2.0
        time += step
    assert time == pytest.approx(1.0, abs=0.01)


@given(st.floats(1e-6, 100), st.floats(1e-4, 100), st.floats(0.1, 50), st.floats(0.1, 5))
def test_damping_stops_in_time_and_no_sooner_than_friction(
    inertia: float, friction: float, speed: float, time_s: float
) -> None:
    damping = damping_to_stop(inertia, friction, speed, time_s)
    assert damping > 0
    rest = inertia / damping * math.log1p(damping * speed / friction)
    assert rest <= time_s * (1 + 1e-6)
    assert np.isclose(rest, time_s, rtol=1e-6) or np.isclose(damping, inertia / 5)


def test_a_door_is_as_hard_to_stop_as_it_is_about_its_hinge(
    cabinet: tuple[Prop, dict[str, SetMass], dict[str, Solid]],
) -> None:
    """A board about its edge has a third of its mass times its width squared, about its own centre a twelfth."""
    prop, masses, solids = cabinet
    (hinge,) = propose_joint_dynamics(replace(prop, joints=(HINGE,)), masses, solids)
    inertia, rim = 3.0 * 0.4**2 / 3, math.hypot(0.4, 0.009)
    assert hinge.damping == pytest.approx(damping_to_stop(inertia, hinge.friction, 0.5 / rim, 1.0), rel=0.01)
