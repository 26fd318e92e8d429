"""Write Newton's model as an MJCF with our names and explicit options, and prove that it is still the same model."""

from collections.abc import Mapping
from pathlib import Path

import mujoco
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import RunError
from blueprint.pipeline.sims.model import ROBOT

from .shapes import local_corners_m

TIMESTEP_S = 1 / 240
ITERATIONS = 100
ABSOLUTE_TOLERANCE, RELATIVE_TOLERANCE = 1e-6, 5e-6
"""MJCF keeps six significant digits."""
INERTIA_TOLERANCE = 2e-5
"""Share of a body's largest moment: six digits of each moment, and of the quaternion that turns them."""
PLACE_TOLERANCE_M = 5e-5
"""Where a corner is: six digits of a centre metres from the origin, which the corner's own coordinates do not show."""

# Not compared is `jnt_solref`. Where none is authored, Newton derives a limit so soft that 20 N push a 2 kg drawer
# 13 cm through its end; its MJCF writer leaves that out, and MuJoCo's own stiff, critically damped limit remains.
COMPARED = (
    *("body_parentid", "body_mass", "body_ipos", "body_pos", "body_gravcomp", "body_mocapid"),
    *("jnt_type", "jnt_bodyid", "jnt_pos", "jnt_axis", "jnt_limited", "jnt_solimp"),
    *("jnt_actfrclimited", "jnt_actgravcomp", "jnt_stiffness"),
    *("dof_armature", "dof_damping", "dof_frictionloss"),
    *("geom_type", "geom_bodyid", "geom_friction", "geom_solref", "geom_solimp", "geom_margin", "geom_gap"),
    *("geom_contype", "geom_conaffinity", "geom_condim", "exclude_signature"),
    *("actuator_trnid", "actuator_gainprm", "actuator_biasprm", "actuator_gear", "actuator_ctrlrange"),
    *("eq_type", "eq_obj1id", "eq_obj2id", "eq_data", "eq_active0", "eq_solref", "eq_solimp"),
)
LEAST_MOVED = {int(mujoco.mjtJoint.mjJNT_SLIDE): 0.5, int(mujoco.mjtJoint.mjJNT_HINGE): 2e-3}
"""What moves with a joint of furniture at least, in kg or kg m2; what a part lacks is added as armature.

MuJoCo's limits and dry friction are as stiff as what they hold is heavy. A button of 5 g sinks through its 6 mm by its
own weight in a second, at 1 N of dry friction; with this, by 0.05 mm.
"""
OPTIONS = (
    *("timestep", "gravity", "integrator", "cone", "impratio", "iterations", "solver", "tolerance"),
    *("disableflags", "enableflags", "ccd_iterations", "ccd_tolerance", "ls_iterations", "ls_tolerance"),
)


class ModelDiffers(RunError):
    """The model read back from MJCF is not the one that Newton built."""

    def __init__(self, differences: list[str]) -> None:
        self.differences = tuple(differences)
        super().__init__("the compiled model differs from the imported scene: " + "; ".join(differences[:8]))


def write_mjcf(
    imported: mujoco.MjModel,
    draft_path: Path,
    target: Path,
    *,
    bodies: Mapping[str, str],
    joints: Mapping[str, str],
    geoms: Mapping[str, str],
) -> mujoco.MjModel:
    """Rename and complete a draft, write it to `target` and return the model read back from there.

    The mappings go from Newton's names to ours. Raises ModelDiffers.
    """
    spec = mujoco.MjSpec.from_file(str(draft_path))
    spec.modelname = "scene"
    _set_options(spec.option)
    _set_options(imported.opt)
    _rename(spec, bodies, joints, geoms)
    _steady(spec, imported, joints)
    spec.compile()
    target.write_text(spec.to_xml())
    model = mujoco.MjModel.from_xml_path(str(target))
    if found := differences(imported, model):
        raise ModelDiffers(found)
    return model


def _set_options(option: mujoco.MjOption) -> None:
    option.timestep = TIMESTEP_S
    option.integrator = int(mujoco.mjtIntegrator.mjINT_IMPLICITFAST)
    option.cone = int(mujoco.mjtCone.mjCONE_ELLIPTIC)
    option.impratio = 10.0
    option.iterations = ITERATIONS
    # MuJoCo would answer a diverging state by starting over in silence.
    option.disableflags |= int(mujoco.mjtDisableBit.mjDSBL_AUTORESET)
    option.disableflags &= ~int(mujoco.mjtDisableBit.mjDSBL_MULTICCD)


def _steady(spec: mujoco.MjSpec, imported: mujoco.MjModel, joints: Mapping[str, str]) -> None:
    """Give light parts of furniture armature, in the draft and in the model that it is compared with."""
    for at in range(imported.njnt):
        kind, dof = int(imported.jnt_type[at]), int(imported.jnt_dofadr[at])
        name = joints[imported.joint(at).name]
        lacking = LEAST_MOVED.get(kind, 0.0) - float(imported.dof_M0[dof])
        if kind in LEAST_MOVED and not name.startswith(f"{ROBOT}/") and lacking > 0:
            armature = float(imported.dof_armature[dof]) + lacking
            spec.joint(name).armature = imported.dof_armature[dof] = armature


def _rename(
    spec: mujoco.MjSpec, bodies: Mapping[str, str], joints: Mapping[str, str], geoms: Mapping[str, str]
) -> None:
    for exclude in spec.excludes:
        exclude.bodyname1, exclude.bodyname2 = bodies[exclude.bodyname1], bodies[exclude.bodyname2]
    for equality in spec.equalities:
        names = joints if equality.objtype == mujoco.mjtObj.mjOBJ_JOINT or _joins_joints(equality) else bodies
        equality.name1 = names[equality.name1]
        equality.name2 = names[equality.name2] if equality.name2 else ""
    for actuator in spec.actuators:
        actuator.target = actuator.name = joints[actuator.target]
    for body in spec.bodies[1:]:
        body.name = bodies[body.name]
    for joint in spec.joints:
        joint.name = joints[joint.name]
    for geom in spec.geoms:
        geom.name = geoms[geom.name]


def _joins_joints(equality: mujoco.MjsEquality) -> bool:
    return equality.type == mujoco.mjtEq.mjEQ_JOINT


def differences(first: mujoco.MjModel, second: mujoco.MjModel) -> list[str]:
    """List the fields in which two models differ by more than MJCF's number format explains."""
    found = [name for name in OPTIONS if not _same(getattr(first.opt, name), getattr(second.opt, name))]
    found += [name for name in COMPARED if not _same(getattr(first, name), getattr(second, name))]
    derived = (("joint limits", _limits), ("body orientation", _orientations))
    found += [name for name, measure in derived if not _same(measure(first), measure(second))]
    if not _same_inertia(_inertias(first), _inertias(second)):
        found.append("inertia tensors")
    if not _same(_corners(first), _corners(second), PLACE_TOLERANCE_M):
        found.append("collider corners")
    return found


def _same(first: object, second: object, absolute: float = ABSOLUTE_TOLERANCE) -> bool:
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    return a.shape == b.shape and np.allclose(b, a, rtol=RELATIVE_TOLERANCE, atol=absolute)


def _same_inertia(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
    """Compare tensors (N, 3, 3) by each body's largest entry: rounded moments turned leave that much off the axes."""
    if first.shape != second.shape:
        return False
    largest = np.abs(first).max(axis=(1, 2), initial=0.0, keepdims=True)
    return bool((np.abs(first - second) <= INERTIA_TOLERANCE * largest).all())


def _limits(model: mujoco.MjModel) -> NDArray[np.float64]:
    # Where nothing is limited, the range holds whatever its writer liked.
    limits = model.jnt_range * model.jnt_limited[:, None].astype(np.float64)
    return np.concatenate([limits, model.jnt_actfrcrange * model.jnt_actfrclimited[:, None].astype(np.float64)])


def _rotations(quats_wxyz: NDArray[np.float64]) -> NDArray[np.float64]:
    matrices = np.zeros((len(quats_wxyz), 9))
    for matrix, quat in zip(matrices, quats_wxyz, strict=True):
        mujoco.mju_quat2Mat(matrix, quat)
    return matrices.reshape(-1, 3, 3)


def _orientations(model: mujoco.MjModel) -> NDArray[np.float64]:
    return _rotations(model.body_quat)


def _inertias(model: mujoco.MjModel) -> NDArray[np.float64]:
    # Principal axes may swap where two moments are equal; the tensor does not.
    axes = _rotations(model.body_iquat)
    return np.einsum("bij,bj,bkj->bik", axes, model.body_inertia, axes)


def _corners(model: mujoco.MjModel) -> NDArray[np.float64]:
    # In the body's frame, because a mesh's own frame depends on rounding.
    placed = [
        local_corners_m(model, geom) @ rotation.T + model.geom_pos[geom]
        for geom, rotation in enumerate(_rotations(model.geom_quat))
    ]
    return np.concatenate(placed) if placed else np.zeros((0, 3))
