"""The kitchenette as an assembled scene, with settled poses, robot, cameras, light and floor."""

from pathlib import Path

from tests.usd.kitchenette import TABLE_SIZE, kitchenette, kitchenette_scan

from blueprint.pipeline.assemble.cameras import CameraSettings
from blueprint.pipeline.assemble.composition import RobotStand, Studio, compose, write_folder
from blueprint.pipeline.assemble.lights import LightSettings
from blueprint.pipeline.assemble.parts import Part, keep_meshes, make_part
from blueprint.pipeline.scene.edits import MoveProp
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.usd.prop_asset import PropDecisions
from blueprint.pipeline.usd.scene_layers import write_settle_layer

BASE = Pose.from_yaw((0.3, 1.05, TABLE_SIZE[2]), 1.9)


def kitchenette_parts(payload_folder: Path) -> dict[str, Part]:
    """Return every prop with its files."""
    payload_folder.mkdir(parents=True, exist_ok=True)
    return {
        name: make_part(PropDecisions(entry.prop, entry.articulation, (), entry.physics), (payload_folder,))
        for name, entry in kitchenette(payload_folder).items()
    }


def write_kitchenette(folder: Path) -> SceneManifest:
    """Write `scene/` and `meshes/` below a folder, every movable prop a millimetre beside where the scan has it."""
    parts = kitchenette_parts(folder / "payloads")
    made = kitchenette(folder / "payloads")
    studio = Studio(
        kitchenette_scan(made), folder / "payloads", load_robot("franka_panda"), CameraSettings(), LightSettings()
    )
    placement = [MoveProp(name, part.T_world_prop, "as scanned") for name, part in parts.items()]
    settled = {name: part.at(_nudged(part)) if part.entry.movable else part for name, part in parts.items()}
    manifest = compose(studio, settled, RobotStand(BASE, None, ("can",)), ())
    write_folder(folder / "scene", studio, manifest, settled, placement)
    moves = [MoveProp(name, part.T_world_prop, "settled") for name, part in settled.items() if part.entry.movable]
    write_settle_layer(folder / "scene", moves)
    keep_meshes(folder, settled)
    return manifest


def _nudged(part: Part) -> Pose:
    return Pose((0.001, 0.0, 0.0)) @ part.T_world_prop
