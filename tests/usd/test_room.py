"""The room's boxes on a stage: solid, visible or not, with a texture on the side that faces the room."""

from pathlib import Path

import numpy as np
import pytest
from pxr import Usd, UsdGeom, UsdShade
from tests.usd.kitchenette import checker

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import Appearance
from blueprint.pipeline.scene.room_meshes import textured_box_mesh
from blueprint.pipeline.scene.rooms import RoomBox
from blueprint.pipeline.usd.layers import new_stage
from blueprint.pipeline.usd.payloads import Payloads
from blueprint.pipeline.usd.room import define_room

HALF = (2.0, 1.5, 0.05)


def areas(corners: np.ndarray) -> np.ndarray:
    """Return the signed areas of triangles (N, 3, 2)."""
    u, v = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return (u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]) / 2


@pytest.mark.parametrize("inner", [None, (0.5, 1.0), (3.0, 1.0)])
def test_the_texture_covers_its_rectangle_once_and_all_else_has_the_rims_colour(inner: tuple | None) -> None:
    mesh = textured_box_mesh(HALF, inner)
    assert mesh.uv is not None
    normals = np.cross(*(mesh.vertices_m[mesh.faces[:, n]] - mesh.vertices_m[mesh.faces[:, 0]] for n in (1, 2)))
    assert (np.einsum("ij,ij->i", normals, mesh.vertices_m[mesh.faces].mean(axis=1)) > 0).all()
    assert np.linalg.norm(normals, axis=1).sum() / 2 == pytest.approx(2 * (4 * 3 + 4 * 0.1 + 3 * 0.1))
    shown = areas(mesh.uv[mesh.faces].astype(np.float64))
    assert shown.sum() == pytest.approx(1.0, abs=1e-3)
    top = mesh.vertices_m[mesh.faces][shown > 1e-3]
    size = np.minimum(HALF[:2], inner or HALF[:2])
    assert np.abs(top[..., :2]).reshape(-1, 2).max(axis=0) == pytest.approx(size)
    assert top[..., 2] == pytest.approx(HALF[2])


def test_u_runs_along_x_and_v_along_y() -> None:
    mesh = textured_box_mesh(HALF)
    assert mesh.uv is not None
    corner = mesh.vertices_m[np.argmin(np.abs(mesh.uv - [1.0, 1.0]).sum(axis=1))]
    assert corner == pytest.approx((2.0, 1.5, 0.05))


def room(folder: Path, **changes: object) -> Usd.Stage:
    """Return a stage with one wall."""
    stage = new_stage("World")
    values = {"appearance": Appearance((1.0, 1.0, 1.0), checker(folder)), **changes}
    wall = RoomBox("wall_1", Pose(), HALF, (0.5, 0.5, 0.5), 0.6, 0.5, "seen", **values)  # type: ignore[arg-type]
    define_room(stage, (wall,), Payloads((folder,)), folder / "scene")
    return stage


def test_a_wall_is_a_textured_mesh_and_one_box(tmp_path: Path) -> None:
    stage = room(tmp_path)
    visual = stage.GetPrimAtPath("/World/room/wall_1/visual")
    assert UsdGeom.PrimvarsAPI(visual).GetPrimvar("st")
    material = UsdShade.MaterialBindingAPI(visual).GetDirectBinding().GetMaterial()
    file = stage.GetPrimAtPath(f"{material.GetPath()}/texture").GetAttribute("inputs:file").Get().path
    assert (tmp_path / "scene/layers" / file).resolve().is_file()
    assert stage.GetPrimAtPath("/World/room/wall_1/collider").IsA(UsdGeom.Cube)


def test_an_invisible_wall_is_still_solid(tmp_path: Path) -> None:
    stage = room(tmp_path, visible=False)
    assert not stage.GetPrimAtPath("/World/room/wall_1/visual")
    assert stage.GetPrimAtPath("/World/room/wall_1/collider")
