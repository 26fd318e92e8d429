"""Write the final scene and model, and see once more, with the robot in it, that it holds."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from blueprint.pipeline.engine.checks import Check, check_at_least, check_at_most
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.sims import compile_scene
from blueprint.pipeline.sims.protocols import SceneFiles
from blueprint.pipeline.usd.scene_layers import write_settle_layer

from .composition import RobotStand, Studio, compose, root_layer, write_folder
from .place_search import Search
from .reach import measure_reach, open_world
from .rest import Settled, measure_relations
from .robot_placement import RobotSettings
from .settle import AT_REST, SettleSettings, failure_sentence, judge
from .settle_run import settle

LOOK_AGAIN_S = 0.5


def write_final(folder: Path, studio: Studio, settled: Settled, stand: RobotStand) -> SceneManifest:
    """Write scene, compiled model and settle report; what was only a draft is removed."""
    scene, model = folder / "scene", folder / "model"
    relations = measure_relations(settled.parts, studio.scan.room)
    manifest = compose(studio, settled.parts, stand, settled.left_out, relations)
    write_folder(scene, studio, manifest, settled.parts, settled.placement)
    write_settle_layer(scene, settled.moves)
    shutil.rmtree(model)
    compile_scene(root_layer(scene), model, manifest)
    save(folder / Assembled.SETTLE_FILE, settled.report)
    return manifest


def confirm(
    folder: Path, manifest: SceneManifest, search: Search, settings: RobotSettings, rest: SettleSettings
) -> tuple[SceneManifest, list[Check]]:
    """Measure reach and rest in the final model; the manifest gets what is reached."""
    model = folder / "model"
    world = open_world(model, search.kinematics.robot, search.poses)
    reach = measure_reach(world, search.kinematics, search.grasps, settings.margin_m)
    manifest = replace(manifest, robot=replace(manifest.robot, reaches=reach.reached))
    save(folder / Assembled.MANIFEST, manifest)
    rests, _ = settle(rest.engine, SceneFiles(root_layer(folder / "scene"), model, manifest), LOOK_AGAIN_S)
    uneasy = [verdict for verdict in judge(rests, rest) if verdict.outcome != AT_REST]
    checks = [
        *reach_checks(search.grasps, reach.reached),
        check_at_least("home_clearance", reach.home_clearance_m, settings.margin_m, unit="m"),
        check_at_most(
            "props_disturbed_by_the_robot",
            float(len(uneasy)),
            0,
            unit="",
            why="; ".join(failure_sentence(verdict) for verdict in uneasy),
        ),
    ]
    return manifest, checks


def reach_checks(grasps: Mapping[str, Sequence[Pose]], reached: Sequence[str]) -> list[Check]:
    """Return whether anything is reached, which stops the run if not, and what is missed; `grasps` by prop."""
    missed = sorted(set(grasps) - set(reached))
    why = ", ".join(
        f"{name} ({'no pose of the arm' if grasps[name] else 'the gripper fits nowhere'})" for name in missed
    )
    return [
        check_at_least("props_in_reach", float(len(reached)), 1, unit="", why=why),
        check_at_most("graspable_props_out_of_reach", float(len(missed)), 0, unit="", blocking=False, why=why),
    ]
