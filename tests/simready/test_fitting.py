"""What is open stays open: a ball dropped over a vessel of the sample kitchen comes to rest on its inner floor."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import mujoco
import numpy as np
import pytest
import trimesh
from pxr import Usd, UsdGeom, UsdPhysics
from tests.simready import shapes

from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.scene.colliders import HullPiece, SpherePiece
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.edits import SetColliders
from blueprint.pipeline.scene.meshes import TriangleMesh, save_mesh
from blueprint.pipeline.simready.hulls import hull_of
from blueprint.pipeline.simready.physics import propose_physics
from blueprint.pipeline.simready.solids import Solid, solid_of
from blueprint.pipeline.simready.stage import SimreadySettings
from blueprint.pipeline.usd.payloads import Payloads
from blueprint.pipeline.usd.physics import author_collider

BALL_RADIUS_M = 0.01
IMPORT = (
    "import sys; from pathlib import Path\n"
    "from blueprint.pipeline.sims.newton_mujoco.importer import import_scene\n"
    "import_scene(Path(sys.argv[1]), Path(sys.argv[2]))"
)


def scanned(label: str) -> TriangleMesh:
    """Return an object of the sample scan in its true size, upright over the origin."""
    scan = resource_path("data", "scans/kitchen")
    objects = json.loads((scan / "truth.json").read_text())["objects"]
    key, truth = next((key, entry) for key, entry in objects.items() if entry["label"] == label)
    mesh = trimesh.load(scan / "output" / "3D" / key / f"{key}.glb", process=False, force="mesh")
    turn = np.array(truth["T_world_object"])[:3, :3]
    vertices = np.asarray(mesh.vertices) * truth["metres_per_canonical_unit"] @ turn.T
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    return TriangleMesh(vertices - [*((low + high) / 2)[:2], low[2]], np.asarray(mesh.faces, dtype=np.int32))


def middle_of_cavity(solid: Solid) -> tuple[np.ndarray, float]:
    """Return the axis (2,) of the hollow and the height of its floor, found on the mesh by looking down."""
    low, high = solid.vertices_m.min(axis=0), solid.vertices_m.max(axis=0)
    x, y = (np.linspace(low[axis], high[axis], 60) for axis in (0, 1))
    flat = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    origins = np.column_stack([flat, np.full(len(flat), high[2] + 0.01)])
    down = np.tile([0.0, 0.0, -1.0], (len(flat), 1))
    points, _, _ = solid.mesh.ray.intersects_location(origins, down, multiple_hits=False)
    bottom = points[:, 2].min() if points[:, 2].min() > 1e-3 else np.sort(points[:, 2])[len(points) // 50]
    deep = points[:, 2] < (bottom + high[2]) / 2
    inner = np.linalg.norm(points[:, :2] - np.median(points[deep, :2], axis=0), axis=1) < 0.02
    return np.median(points[inner & deep, :2], axis=0), float(points[inner & deep, 2].min())


@dataclass(frozen=True)
class Drop:
    """A vessel's colliders, its cavity on the mesh, and where the ball lay at the end in the vessel's frame."""

    colliders: SetColliders
    axis_m: np.ndarray
    floor_m: float
    rim_m: float
    ball_m: np.ndarray
    speed_m_s: float


def proposed(folder: Path, label: str, mesh: TriangleMesh) -> SetColliders:
    prop = shapes.prop_of(folder, mesh, label)
    edits = propose_physics(Work(folder), prop, Correction(object=prop.id), [folder], SimreadySettings())
    (colliders,) = [edit for edit in edits if isinstance(edit, SetColliders)]
    return colliders


def author(stage: Usd.Stage, folder: Path, name: str, colliders: SetColliders, x_m: float, ball_m: np.ndarray) -> None:
    """Write a vessel as a fixed thing, and a ball above it."""
    vessel = UsdGeom.Xform.Define(stage, f"/World/{name}")
    vessel.AddTranslateOp().Set((x_m, 0.0, 0.0))
    for index, piece in enumerate(colliders.pieces):
        author_collider(stage, f"/World/{name}/piece_{index:02d}", piece, Payloads((folder,)))
    ball = UsdGeom.Xform.Define(stage, f"/World/{name}_ball")
    ball.AddTranslateOp().Set((x_m + ball_m[0], *map(float, ball_m[1:])))
    UsdPhysics.RigidBodyAPI.Apply(ball.GetPrim())
    UsdPhysics.MassAPI.Apply(ball.GetPrim()).CreateMassAttr(0.01)
    author_collider(stage, f"/World/{name}_ball/piece", SpherePiece((0.0, 0.0, 0.0), BALL_RADIUS_M), None)


def stepped(folder: Path, usd_path: Path, seconds: float) -> tuple[mujoco.MjModel, mujoco.MjData]:
    """Import a scene as the default engine does, and step it."""
    draft = folder / "draft.xml"
    subprocess.run([sys.executable, "-c", IMPORT, str(usd_path), str(draft)], check=True, timeout=300)
    model = mujoco.MjModel.from_xml_path(str(draft))
    model.opt.timestep = 1 / 240
    data = mujoco.MjData(model)
    for _ in range(int(240 * seconds)):
        mujoco.mj_step(model, data)
    return model, data


@pytest.fixture(scope="module")
def drops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Drop]:
    """Mug, bowl, and the mug as one hull, each with a ball dropped beside its axis from 5 cm over the rim."""
    folder = tmp_path_factory.mktemp("filling")
    meshes = {"mug": scanned("mug"), "bowl": scanned("bowl")}
    colliders = {label: proposed(folder, label, mesh) for label, mesh in meshes.items()}
    meshes["filled"] = meshes["mug"]
    hull = HullPiece(save_mesh(folder, hull_of(meshes["mug"].vertices_m)))
    colliders["filled"] = SetColliders("filled", "body", (hull,), "hull", None, "one hull, for comparison")
    path = folder / "filling.usda"
    stage = Usd.Stage.CreateNew(str(path))
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    cavities = {name: middle_of_cavity(solid_of([mesh])) for name, mesh in meshes.items()}
    for at, (name, mesh) in enumerate(meshes.items()):
        above = [*(cavities[name][0] + (0.008, -0.005)), mesh.vertices_m[:, 2].max() + 0.05]
        author(stage, folder, name, colliders[name], 0.4 * at, np.array(above))
    stage.Save()
    model, data = stepped(folder, path, 3.0)
    found: dict[str, Drop] = {}
    for at, (name, mesh) in enumerate(meshes.items()):
        body = next(body for body in range(model.nbody) if model.body(body).name.endswith(f"{name}_ball"))
        row = model.jnt_qposadr[model.body_jntadr[body]]
        place = data.qpos[row : row + 3] - (0.4 * at, 0.0, 0.0)
        speed = float(np.linalg.norm(data.cvel[body, 3:]))
        rim_m = float(mesh.vertices_m[:, 2].max())
        found[name] = Drop(colliders[name], *cavities[name], rim_m, place, speed)
    return found


@pytest.mark.parametrize("name", ["mug", "bowl"])
def test_a_dropped_ball_comes_to_rest_inside(drops: dict[str, Drop], name: str) -> None:
    drop = drops[name]
    assert np.linalg.norm(drop.ball_m[:2] - drop.axis_m) < 0.03
    assert drop.floor_m - 0.001 < drop.ball_m[2] - BALL_RADIUS_M < drop.floor_m + 0.003
    assert drop.ball_m[2] + BALL_RADIUS_M < drop.rim_m
    assert drop.speed_m_s < 0.01


@pytest.mark.parametrize("name", ["mug", "bowl"])
def test_vessels_are_turned_and_near_the_scan(drops: dict[str, Drop], name: str) -> None:
    colliders = drops[name].colliders
    assert colliders.method.startswith("vessel")
    assert len(colliders.pieces) <= 32
    assert colliders.volume_ratio == pytest.approx(1.0, abs=0.12)
    assert colliders.distance_p95_m is not None
    assert colliders.distance_p95_m < 0.005


def test_a_filled_vessel_does_not_hold_the_ball(drops: dict[str, Drop]) -> None:
    assert abs(drops["filled"].ball_m[2] - BALL_RADIUS_M - drops["filled"].floor_m) > 0.02
