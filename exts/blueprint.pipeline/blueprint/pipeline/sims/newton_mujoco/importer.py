"""Read a USD scene with Newton and let it build the MuJoCo model.

Runs in a process of its own (`compile.py`): USD's schema registry is fixed at its first use, and where another part of
the program has opened a stage before Newton registered its schemas, mimic joints vanish without a word.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

# First of all: registers Newton's schemas before anything touches USD's registry.
import newton_usd_schemas  # noqa: F401  # isort: skip
import mujoco
import newton
import numpy as np
from newton.solvers import SolverMuJoCo
from pxr import Usd

from blueprint.pipeline.errors import RunError
from blueprint.pipeline.sims.warp_start import start_warp

GAP_M = 0.001
"""Newton's default of 0.1 m gives ten times as many contacts, most of them without force."""

CONTACT_OPTIONS: dict[str, Any] = {"cone": "elliptic", "impratio": 10.0, "enable_multiccd": True}
"""Without the elliptic cone a held cube slides 10 mm in 3 s; without multiccd a mesh box on a box rocks for ever."""


class SchemasMissing(RunError):
    """Newton's USD schemas were registered too late to be seen."""

    def __init__(self) -> None:
        super().__init__(
            "USD was used in this process before Newton's schemas were registered, so mimic joints would be lost; "
            "compile the scene through blueprint.pipeline.sims.compile_scene, which starts a fresh process"
        )


@dataclass(frozen=True, eq=False, slots=True)
class Imported:
    """Newton's MuJoCo model, its draft as MJCF, and Newton's prim paths in MuJoCo's order ("" for the world)."""

    mj: mujoco.MjModel
    draft_path: Path
    body_paths: tuple[str, ...]
    joint_paths: tuple[str, ...]
    geom_paths: tuple[str, ...]
    scalar_start: dict[int, float]
    scalar_target: dict[int, float]


def import_scene(usd_path: Path, draft_path: Path) -> Imported:
    """Build the model of a scene; scalar starts and targets are by MuJoCo joint, in rad or m."""
    if Usd.SchemaRegistry().FindAppliedAPIPrimDefinition("NewtonMimicAPI") is None:
        raise SchemasMissing
    start_warp()
    builder = newton.ModelBuilder()
    builder.rigid_gap = GAP_M
    SolverMuJoCo.register_custom_attributes(builder)
    resolvers = [newton.usd.SchemaResolverNewton(), newton.usd.SchemaResolverPhysx(), newton.usd.SchemaResolverMjc()]
    builder.add_usd(str(usd_path), schema_resolvers=resolvers, load_visual_shapes=False)
    model = builder.finalize(device="cpu")
    # Roots that could be frozen at run time would bring a weld for every prop and a mocap robot base.
    solver = SolverMuJoCo(
        model, use_mujoco_cpu=True, kinematic_switchable_roots=False, save_to_mjcf=str(draft_path), **CONTACT_OPTIONS
    )
    return _collect(model, solver, draft_path)


def _collect(model: Any, solver: Any, draft_path: Path) -> Imported:
    mj = solver.mj_model
    bodies, joints = solver.mjc_body_to_newton.numpy()[0], solver.mjc_jnt_to_newton_jnt.numpy()[0]
    shapes = solver.mjc_geom_to_newton_shape.numpy()[0]
    coordinate = model.joint_q_start.numpy()[joints]
    start, target = model.joint_q.numpy(), model.joint_target_q.numpy()
    scalar = [j for j in range(mj.njnt) if mj.jnt_type[j] >= int(mujoco.mjtJoint.mjJNT_SLIDE)]
    return Imported(
        mj,
        draft_path,
        tuple("" if i < 0 else model.body_label[i] for i in bodies[: mj.nbody]),
        tuple(model.joint_label[i] for i in joints[: mj.njnt]),
        tuple(model.shape_label[i] for i in shapes[: mj.ngeom]),
        {j: float(start[coordinate[j]]) for j in scalar},
        {j: float(np.float64(target[coordinate[j]])) for j in scalar},
    )
