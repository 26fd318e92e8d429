"""Stand the robot of a compiled model elsewhere, without going back to USD: for trying places, not for keeping."""

from dataclasses import replace
from pathlib import Path

import mujoco

from blueprint.pipeline.scene.poses import Pose, multiply_quats, vec3
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.sims.model import MJCF_FILE, ROBOT, CompiledModel, load_model, save_model


def write_rebased_model(source: Path, target: Path, robot: Robot, T_world_base: Pose) -> CompiledModel:
    """Write a copy of a compiled model whose robot stands at `T_world_base`; everything else stays where it is."""
    compiled = load_model(source)
    T_new_old = T_world_base @ compiled.body(f"{ROBOT}/{robot.base_link}").T_world_body.inverse()
    spec = mujoco.MjSpec.from_file(str(source / MJCF_FILE))
    owner = {geom.name: geom.body for geom in compiled.geoms}
    for element in (*spec.worldbody.geoms, *spec.worldbody.bodies):
        if owner.get(element.name or "", element.name or "").startswith(f"{ROBOT}/"):
            T_world_old = Pose(vec3(element.pos), multiply_quats(element.quat, (1.0, 0.0, 0.0, 0.0)))
            T_world_new = T_new_old @ T_world_old
            element.pos, element.quat = T_world_new.position_m, T_world_new.quat_wxyz
    spec.compile()
    target.mkdir(parents=True, exist_ok=True)
    (target / MJCF_FILE).write_text(spec.to_xml())
    bodies = tuple(
        replace(body, T_world_body=T_new_old @ body.T_world_body) if body.name.startswith(f"{ROBOT}/") else body
        for body in compiled.bodies
    )
    moved = replace(compiled, bodies=bodies)
    save_model(target, moved)
    return moved
