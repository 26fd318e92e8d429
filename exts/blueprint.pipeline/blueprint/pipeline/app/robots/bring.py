"""Bring one's own robot in: read, fit, build and write it."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from blueprint.pipeline.scene.robot_fittings import RobotFitting

from .reduced import FittingUnusable


def read_fitting(path: Path) -> RobotFitting:
    """Read a fitting; raises FittingUnusable listing every field that does not fit."""
    try:
        return RobotFitting.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise FittingUnusable(path.name, ["no such file"]) from error
    except yaml.YAMLError as error:
        raise FittingUnusable(path.name, [str(error)]) from error
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()]
        raise FittingUnusable(path.name, faults) from error
