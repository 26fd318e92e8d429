"""Geometry and looks, read back through plain USD."""

from pathlib import Path

import numpy as np
import pytest
from pxr import Usd, UsdGeom, UsdShade
from tests.usd.kitchenette import Made, box

from blueprint.pipeline.usd.author import linear_from_srgb


def visible_meshes(stage: Usd.Stage) -> list[UsdGeom.Mesh]:
    """Return the meshes that a camera sees."""
    meshes = [UsdGeom.Mesh(prim) for prim in stage.Traverse() if prim.IsA(UsdGeom.Mesh)]
    return [mesh for mesh in meshes if mesh.ComputePurpose() == UsdGeom.Tokens.default_]


def test_an_asymmetric_prop_keeps_its_shape(assets: dict[str, Usd.Stage]) -> None:
    (mesh,) = visible_meshes(assets["ell"])
    bounds = UsdGeom.Imageable(mesh).ComputeWorldBound(0, UsdGeom.Tokens.default_).ComputeAlignedRange()
    assert np.allclose(bounds.GetMin(), (-0.06, -0.02, 0.0), atol=1e-7)
    assert np.allclose(bounds.GetMax(), (0.02, 0.02, 0.1), atol=1e-7)
    # The upright part of the L stands at -x: nothing is above 4 cm at +x.
    points = np.array(mesh.GetPointsAttr().Get())
    assert points[points[:, 2] > 0.045][:, 0].max() < -0.015


@pytest.mark.parametrize("name", ["ell", "cracker_box", "cabinet"])
def test_meshes_are_complete(assets: dict[str, Usd.Stage], name: str) -> None:
    for mesh in visible_meshes(assets[name]):
        corner_count = len(mesh.GetFaceVertexIndicesAttr().Get())
        assert mesh.GetSubdivisionSchemeAttr().Get() == "none"
        assert len(mesh.GetNormalsAttr().Get()) == corner_count
        assert mesh.GetNormalsInterpolation() == "faceVarying"
        extent = mesh.GetExtentAttr().Get()
        points = np.array(mesh.GetPointsAttr().Get())
        assert np.allclose(extent, [points.min(axis=0), points.max(axis=0)])
        assert UsdShade.MaterialBindingAPI(mesh).ComputeBoundMaterial()[0]
        assert len(mesh.GetDisplayColorAttr().Get()) == 1


def test_faces_point_outwards(assets: dict[str, Usd.Stage]) -> None:
    (mesh,) = visible_meshes(assets["cracker_box"])
    points = np.array(mesh.GetPointsAttr().Get())
    faces = np.array(mesh.GetFaceVertexIndicesAttr().Get()).reshape(-1, 3)
    a, b, c = (points[faces[:, k]] for k in range(3))
    outwards = np.einsum("ij,ij->i", np.cross(b - a, c - a), (a + b + c) / 3 - points.mean(axis=0))
    assert (outwards > 0).all()


def test_texture_coordinates_reach_the_stage(assets: dict[str, Usd.Stage], made: dict[str, Made]) -> None:
    (mesh,) = visible_meshes(assets["cracker_box"])
    st = UsdGeom.PrimvarsAPI(mesh).GetPrimvar("st")
    original = box((0, 0, 0.1), (0.06, 0.16, 0.2))
    assert st.GetInterpolation() == "faceVarying"
    assert original.uv is not None
    assert np.allclose(st.ComputeFlattened(), original.uv[original.faces.reshape(-1)])


def test_a_texture_lies_beside_its_layer(assets: dict[str, Usd.Stage], asset_folder: Path) -> None:
    stage = assets["cracker_box"]
    (file,) = [prim.GetAttribute("inputs:file") for prim in stage.Traverse() if prim.HasAttribute("inputs:file")]
    asset = file.Get()
    assert asset.path.startswith("../textures/")
    assert Path(asset.resolvedPath).is_relative_to(asset_folder / "assets" / "cracker_box")


def test_plain_colours_are_linear(assets: dict[str, Usd.Stage]) -> None:
    stage = assets["ell"]
    shader = UsdShade.Shader(stage.GetPrimAtPath("/ell/Looks/look_00/surface"))
    assert shader.GetIdAttr().Get() == "UsdPreviewSurface"
    assert np.allclose(shader.GetInput("diffuseColor").Get(), linear_from_srgb((0.1, 0.3, 0.7)), atol=1e-6)
    assert np.allclose(linear_from_srgb((0.0, 0.5, 1.0)), (0.0, 0.2140411, 1.0), atol=1e-6)


def test_the_sides_of_a_texture_seam_share_their_points(assets: dict[str, Usd.Stage]) -> None:
    (mesh,) = visible_meshes(assets["cracker_box"])
    original = box((0, 0, 0.1), (0.06, 0.16, 0.2))
    points = np.array(mesh.GetPointsAttr().Get())
    corners = np.array(mesh.GetFaceVertexIndicesAttr().Get())
    assert len(points) == len(np.unique(points, axis=0)) == 8 < len(original.vertices_m)
    np.testing.assert_array_equal(points[corners], original.vertices_m[original.faces.reshape(-1)].astype(np.float32))
    # Every side now has a partner the other way round, as a validator looks for by number.
    faces = corners.reshape(-1, 3)
    sides = {(int(face[k]), int(face[(k + 1) % 3])) for face in faces for k in range(3)}
    assert sides == {(end, start) for start, end in sides}
