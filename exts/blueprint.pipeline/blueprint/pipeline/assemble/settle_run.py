"""Let a compiled scene come to rest in a simulator."""

from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.sims import open_sim
from blueprint.pipeline.sims.protocols import Observation, SceneFiles, Sim

from .settle import Rest


def settle(engine: str, files: SceneFiles, duration_s: float) -> tuple[dict[str, Rest], dict[str, float]]:
    """Step a scene from its authored state; returns each movable prop's rest, and how far furniture's joints moved.

    Raises SimulationDiverged where a state is not finite.
    """
    sim = open_sim(engine, files)
    try:
        sim.reset()
        before = sim.observe()
        sim.step(round(duration_s / sim.dt_s))
        after = sim.observe()
        rests = {
            entry.prop.id: _rest(f"{entry.prop.id}/{entry.prop.bodies[0].name}", sim, before, after)
            for entry in files.manifest.props
            if entry.movable
        }
        return rests, _joint_moves(sim, before, after)
    finally:
        sim.close()


def _rest(link: str, sim: Sim, before: Observation, after: Observation) -> Rest:
    # A link's frame is its prop's frame at the input pose, so the first link's pose is the prop's.
    row = sim.body_names.index(link)
    speed = float((after.body_velocity_m_s[row] ** 2).sum() ** 0.5)
    return Rest(_pose(before, row), _pose(after, row), speed)


def _pose(seen: Observation, row: int) -> Pose:
    w, x, y, z = seen.body_quat_wxyz[row].tolist()
    return Pose(vec3(seen.body_position_m[row]), (w, x, y, z))


def _joint_moves(sim: Sim, before: Observation, after: Observation) -> dict[str, float]:
    return {
        name: float(abs(after.joint_position[index] - before.joint_position[index]))
        for index, name in enumerate(sim.joint_names)
        if not name.startswith("robot/")
    }
