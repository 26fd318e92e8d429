"""The stage `assemble`: props become a scene that has been seen to stand still, with a robot that reaches into it."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from blueprint.pipeline.engine.events import Progress, Warned
from blueprint.pipeline.engine.stage import Settings, Steps, Work, stage
from blueprint.pipeline.scene.records import Articulated, Assembled, Ingested, Repaired, SimReady

from .cameras import CameraSettings
from .lights import LightSettings
from .robot_placement import RobotSettings
from .settle import SettleSettings


class AssembleSettings(Settings, frozen=True):
    """The scene with robot, cameras and lights."""

    robot: RobotSettings = Field(default=RobotSettings(), description="Which robot, and where it may stand.")
    settle: SettleSettings = Field(default=SettleSettings(), description="Letting the scene come to rest.")
    cameras: CameraSettings = Field(
        default=CameraSettings(), description="The cameras that episodes are recorded with."
    )
    light: LightSettings = Field(default=LightSettings(), description="The scene's light.")


def robot_files(settings: AssembleSettings) -> Mapping[str, Path]:
    """Return the robot's description and asset, whose contents decide the scene's."""
    from blueprint.pipeline.scene.robots import load_robot, robot_file

    name = settings.robot.name
    return {"robot": robot_file(name), "robot_asset": load_robot(name).asset_folder}


def load_compiler() -> None:
    """Begin to load the scene compiler."""
    from blueprint.pipeline.sims.newton_mujoco.compile import warm_up

    warm_up()


TOOLS = ("usd-core", "newton", "mujoco", "warp-lang", "mink", "daqp", "scipy", "numpy")


@stage(
    version=10,
    tools=TOOLS,
    deadline_s=900,
    foreign=robot_files,
    warm_up=load_compiler,
)
def assemble(
    work: Work,
    scan: Ingested,
    articulated: Articulated,
    repaired: Repaired,
    simready: SimReady,
    settings: AssembleSettings,
) -> Steps[Assembled]:
    """Put the scene together and let it come to rest."""
    from blueprint.pipeline.scene.robots import load_robot
    from blueprint.pipeline.usd.robot_check import check_robot_asset

    from .composition import Studio
    from .finish import confirm, write_final
    from .parts import gather_parts, keep_meshes, left_out_before, require_graspable
    from .place_search import find_place, look_for_grasps, prepare_search
    from .rest import put_down_all, settle_all, settle_checks
    from .room import beyond_walls_m

    robot = load_robot(settings.robot.name)
    check_robot_asset(robot)
    studio = Studio(scan.scan, scan.folder, robot, settings.cameras, settings.light)
    parts = gather_parts(scan, articulated, repaired, simready)
    left_out = left_out_before(scan, articulated, repaired, simready)
    require_graspable(parts, left_out)
    yield Progress(0.05, "putting props on their supports")
    placed = put_down_all(parts, scan.scan.relations, settings.settle.support_reach_m)
    for name in placed.floating:
        yield Warned(f"{name} has no support within {settings.settle.support_reach_m:g} m below it and will fall")
    yield Progress(0.05, "looking for grasps")
    # Before the scene settles, because the compiler is still loading beside it.
    grasps = look_for_grasps(placed.parts, studio.robot)
    yield Progress(0.1, "letting the scene come to rest")
    settled = yield from settle_all(work.folder, studio, placed, left_out, settings.settle)
    work.check(*settle_checks(settled, settings.settle))
    require_graspable(settled.parts, settled.left_out)
    yield Progress(0.5, "looking for a place for the robot")
    search = prepare_search(settled, studio, grasps, settings.robot.margin_m)
    beyond = beyond_walls_m(studio.scan.room)
    stand = find_place(settled, search, studio.footprint, settings.robot, beyond)
    yield Progress(0.75, "compiling the scene")
    manifest = write_final(work.folder, studio, settled, stand)
    manifest, found = confirm(work.folder, manifest, search, settings.robot, settings.settle)
    work.check(*found)
    keep_meshes(work.folder, settled.parts)
    return Assembled(work.folder)
