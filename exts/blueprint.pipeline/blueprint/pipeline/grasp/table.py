"""Fill one prop's grasp table: candidates by geometry, ranked."""

from collections.abc import Iterator
from pathlib import Path

from blueprint.pipeline.episode.grasps import GraspTable, TriedGrasp
from blueprint.pipeline.episode.records import GraspTrials
from blueprint.pipeline.planning.grasps import cost, find_grasps
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.sims.planning_world import MujocoPlanningWorld

from .stage import GraspTableSettings


def make_table(
    folder: Path, assembled: Assembled, prop: str, settings: GraspTableSettings
) -> Iterator[tuple[float, str]]:
    """Write `grasps.json` of one prop; yields progress."""
    robot = load_robot(assembled.manifest.robot.name)
    world = MujocoPlanningWorld(assembled.model_folder, robot)
    found = find_grasps(world, prop, world.prop_pose(prop), robot, stream(settings.seed, 0, f"grasp/{prop}"))
    yield 0.5, f"{len(found)} grasps by geometry"
    body = world.links_of(prop)[0]
    tried = [
        TriedGrasp(body, entry.T_prop_tcp, entry.width_m, entry.tilt_rad, cost(entry), 0, 0, 0.0, 0.0)
        for entry in found[: settings.kept]
    ]
    table = GraspTable(prop, robot.name, settings.engine, len(found), tuple(tried))
    save(folder / GraspTrials.TABLE_FILE, table)
