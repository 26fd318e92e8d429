"""Open a compiled model with plain MuJoCo."""

import copy
import logging
from pathlib import Path

import mujoco

from blueprint.pipeline.sims.kept import kept
from blueprint.pipeline.sims.model import MJCF_FILE, ROBOT, CompiledModel, load_model

LOG = logging.getLogger(__name__)
TOUCH_SENSOR = f"{ROBOT}/touch"
"""Name of the sensor that says whether the robot touches anything, itself included."""
_FOUND, _FIRST_FOUND = 1, 0


def load_mujoco(model_folder: Path) -> tuple[CompiledModel, mujoco.MjModel]:
    """Return the maps and the model of a folder that `compile_scene` has written; the model is the caller's own."""
    # Left to itself, MuJoCo writes its warnings into MUJOCO_LOG.TXT of whatever folder one happens to work in.
    mujoco.set_mju_user_warning(_warn)
    maps = load_model(model_folder)
    model = copy.copy(kept("mujoco", model_folder / MJCF_FILE, _read))
    # MJCF rounds to six digits; after 10 minutes that would be half a millisecond.
    model.opt.timestep = maps.timestep_s
    return maps, model


def _read(path: Path) -> mujoco.MjModel:
    """Read a model and give it a sensor of the robot's touch, which the engine fills in while it steps.

    Asking it costs a hundredth of what looking through the contacts from outside does.
    """
    spec = mujoco.MjSpec.from_file(str(path))
    roots = (body for body in spec.bodies if _of_robot(body.name) and not _of_robot(body.parent.name))
    for root in roots:
        fields = {"objtype": mujoco.mjtObj.mjOBJ_XBODY, "objname": root.name, "intprm": [_FOUND, _FIRST_FOUND, 1]}
        spec.add_sensor(name=TOUCH_SENSOR, type=mujoco.mjtSensor.mjSENS_CONTACT, **fields)
    return spec.compile()


def _of_robot(body: str) -> bool:
    return body.startswith(f"{ROBOT}/")


def _warn(message: str) -> None:
    LOG.warning("MuJoCo: %s", message)
