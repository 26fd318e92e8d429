"""A predicted part is called what a person would call it, and its board is measured."""

from collections.abc import Callable

import numpy as np
import pytest
from manifold3d import Manifold
from tests.articulate import furniture

from blueprint.pipeline.articulate.closed_solids import mesh_of
from blueprint.pipeline.articulate.predicted_panels import kind_of, panel_of
from blueprint.pipeline.scene.props import Joint

CENTRE = np.array([0.0, 0.0, 0.3])


def front() -> Manifold:
    return furniture.block((-0.29, -0.318, 0.1), (0.29, -0.3, 0.5))


def top() -> Manifold:
    return furniture.block((-0.3, -0.3, 0.5), (0.3, 0.3, 0.53))


def drawer() -> Manifold:
    outer = furniture.block((-0.27, -0.301, 0.12), (0.27, 0.2, 0.4))
    return front() + outer - furniture.block((-0.26, -0.3, 0.13), (0.26, 0.19, 0.6))


def knob() -> Manifold:
    return furniture.grip("knob", 0.0, -0.3, 0.4)


def ball() -> Manifold:
    return Manifold.sphere(0.2)


def door() -> Manifold:
    return front() + furniture.grip("upright", -0.25, -0.318, 0.3)


def joint(kind: str, axis: tuple[float, float, float], origin: tuple[float, float, float], upper: float) -> Joint:
    return Joint("j", "prismatic" if kind == "slides" else "revolute", "base", "part", axis, origin, 0.0, upper)


@pytest.mark.parametrize(
    ("make", "made", "kind"),
    [
        (front, joint("turns", (0, 0, 1), (0.29, -0.3, 0.3), 1.5), "door"),
        (front, joint("turns", (1, 0, 0), (0, -0.3, 0.1), 1.5), "door"),
        (front, joint("slides", (0, -1, 0), (0, 0, 0), 0.3), "drawer"),
        (drawer, joint("slides", (0, 1, 0), (0, 0, 0), -0.3), "drawer"),
        (top, joint("turns", (-1, 0, 0), (0, 0.3, 0.5), 1.5), "lid"),
        (knob, joint("turns", (0, -1, 0), (0, 0, 0.4), 2.0), "knob"),
        (ball, joint("turns", (0, 0, 1), (0, 0, 0), 1.0), "hinged"),
        (ball, joint("slides", (0, 0, 1), (0, 0, 0), 1.0), "sliding"),
    ],
)
def test_parts_are_called_by_what_they_are(make: Callable[[], Manifold], made: Joint, kind: str) -> None:
    mesh = mesh_of(make().refine_to_length(0.05), textured=False)
    assert kind_of(mesh, made, panel_of(mesh, made, CENTRE)) == kind


@pytest.mark.parametrize("make", [front, drawer, door])
def test_the_board_of_a_part_is_measured(make: Callable[[], Manifold]) -> None:
    mesh = mesh_of(make().refine_to_length(0.05), textured=False)
    panel = panel_of(mesh, joint("slides", (0, -1, 0), (0, 0, 0), 0.3), CENTRE)
    assert panel is not None
    assert panel.face_m == pytest.approx(0.318, abs=1e-6)
    assert panel.thickness_m == pytest.approx(0.018, abs=1e-6)
    corners = (panel.rectangle.left, panel.rectangle.bottom, panel.rectangle.right, panel.rectangle.top)
    np.testing.assert_allclose(corners, (-0.29, 0.1, 0.29, 0.5), atol=1e-9)
