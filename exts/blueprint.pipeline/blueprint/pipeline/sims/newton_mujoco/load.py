"""Open a compiled model with plain MuJoCo."""

import copy
import logging
from pathlib import Path

import mujoco

from blueprint.pipeline.sims.kept import kept
from blueprint.pipeline.sims.model import MJCF_FILE, CompiledModel, load_model

LOG = logging.getLogger(__name__)


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
    return mujoco.MjModel.from_xml_path(str(path))


def _warn(message: str) -> None:
    LOG.warning("MuJoCo: %s", message)
