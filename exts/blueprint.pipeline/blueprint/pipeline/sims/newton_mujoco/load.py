"""Open a compiled model with plain MuJoCo."""

from pathlib import Path

import mujoco

from blueprint.pipeline.sims.model import MJCF_FILE, CompiledModel, load_model


def load_mujoco(model_folder: Path) -> tuple[CompiledModel, mujoco.MjModel]:
    """Return the maps and the model of a folder that `compile_scene` has written."""
    maps = load_model(model_folder)
    model = mujoco.MjModel.from_xml_path(str(model_folder / MJCF_FILE))
    # MJCF rounds to six digits; after 10 minutes that would be half a millisecond.
    model.opt.timestep = maps.timestep_s
    return maps, model
