"""The scene as a folder: `scene.usda` over one layer per subject, and the assets beside it."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from pxr import Gf, Usd, UsdGeom, UsdLux, UsdPhysics

from blueprint.pipeline.scene.edits import Edit, MoveProp, PlaceRobot
from blueprint.pipeline.scene.gravity import GRAVITY_M_S2
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.robots import Robot

from .anchors import anchor
from .apply import apply_scene_edits
from .cameras import define_camera
from .layers import new_stage, save_layer
from .lights import define_light
from .names import CAMERAS, LIGHTS, PHYSICS_SCENE, PROPS, ROBOT, WORLD, check_distinct, prim_name, prop_path
from .payloads import Payloads
from .physics import apply_labels
from .prop_asset import PropDecisions, asset_path, write_prop_asset
from .room import define_room

ROOT_LAYER = "scene.usda"
NO_PAYLOADS = Payloads(())
STRONGEST_FIRST = ("settle", "cameras", "lights", "robot", "room", "physics_scene", "placement")
DOME_INTENSITY = 400.0
"""USD intensity of the sky that fills shadows in renderers that read USD lights."""


def robot_asset_path(robot: Robot) -> str:
    """Return where a robot's USD lies below a scene's folder."""
    return f"assets/{prim_name(robot.name)}/{Path(robot.usd_path).name}"


def write_assets(
    folder: Path, decisions: Mapping[str, PropDecisions], payloads: Mapping[str, Payloads], robot: Robot
) -> None:
    """Write every prop's asset and copy the robot's, licence included, below a scene's folder."""
    check_distinct(decisions)
    for name, entry in decisions.items():
        write_prop_asset(folder, entry, payloads[name])
    target = (folder / robot_asset_path(robot)).parent
    shutil.copytree(robot.asset_folder, target, dirs_exist_ok=True)


def write_scene(
    folder: Path,
    manifest: SceneManifest,
    robot: Robot,
    placement: Sequence[MoveProp],
    room: Payloads = NO_PAYLOADS,
) -> None:
    """Write the scene's root and layers.

    `placement` has every prop's pose before the scene settles; `room` holds the textures of the room's boxes.
    """
    layers = {name: new_stage(WORLD[1:]) for name in STRONGEST_FIRST}
    for stage in layers.values():
        stage.OverridePrim(WORLD)
    _define_placement(layers["placement"], manifest, placement)
    _define_physics(layers["physics_scene"])
    define_room(layers["room"], manifest.room, room, folder)
    _define_robot(layers["robot"], manifest)
    _define_lights(layers["lights"], manifest)
    layers["cameras"].DefinePrim(CAMERAS, "Scope")
    for camera in manifest.cameras:
        define_camera(layers["cameras"], camera)
    references = {
        "placement": {prop_path(entry.prop.id): f"../{asset_path(entry.prop.id)}" for entry in manifest.props},
        "robot": {ROBOT: f"../{robot_asset_path(robot)}"},
    }
    for name, stage in layers.items():
        save_layer(stage, folder / "layers" / f"{name}.usda", references=references.get(name, {}))
    root = new_stage(WORLD[1:])
    Usd.ModelAPI(UsdGeom.Xform.Define(root, WORLD)).SetKind("assembly")
    save_layer(root, folder / ROOT_LAYER, strongest_first=[f"./layers/{name}.usda" for name in STRONGEST_FIRST])


def write_settle_layer(folder: Path, edits: Sequence[MoveProp]) -> None:
    """Write where the props came to rest, over where the scan has them."""
    stage = new_stage(WORLD[1:])
    stage.OverridePrim(WORLD)
    apply_scene_edits(stage, edits, camera_paths={}, light_paths={})
    save_layer(stage, folder / "layers" / "settle.usda")


def _define_placement(stage: Usd.Stage, manifest: SceneManifest, placement: Sequence[Edit]) -> None:
    Usd.ModelAPI(UsdGeom.Xform.Define(stage, PROPS)).SetKind("group")
    for entry in manifest.props:
        UsdGeom.Xform.Define(stage, prop_path(entry.prop.id))
        anchor(stage, entry)
    apply_scene_edits(stage, placement, camera_paths={}, light_paths={})


def _define_physics(stage: Usd.Stage) -> None:
    scene = UsdPhysics.Scene.Define(stage, PHYSICS_SCENE)
    scene.CreateGravityDirectionAttr(Gf.Vec3f(0, 0, -1))
    scene.CreateGravityMagnitudeAttr(GRAVITY_M_S2)


def _define_robot(stage: Usd.Stage, manifest: SceneManifest) -> None:
    prim = UsdGeom.Xform.Define(stage, ROBOT).GetPrim()
    placed = PlaceRobot(manifest.robot.name, manifest.robot.T_world_base, "")
    apply_scene_edits(stage, [placed], camera_paths={}, light_paths={})
    apply_labels(prim, {"class": "robot"})


def _define_lights(stage: Usd.Stage, manifest: SceneManifest) -> None:
    stage.DefinePrim(LIGHTS, "Scope")
    for light in manifest.lights:
        define_light(stage, light)
    dome = UsdLux.DomeLight.Define(stage, f"{LIGHTS}/sky")
    dome.CreateIntensityAttr(DOME_INTENSITY)
