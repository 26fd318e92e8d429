"""Bring one's own robot in: a child process that may die builds it, and what it made is put in place whole."""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from pydantic import ValidationError

from blueprint.pipeline.errors import FolderUnusable, InputError
from blueprint.pipeline.scene.robot_fittings import RobotFitting
from blueprint.pipeline.scene.robots import OWN_ROBOTS, Robot, load_robot, robot_names
from blueprint.pipeline.scene.slugs import safe_slug

from .reduced import FittingUnusable

DEADLINE_S = 600
"""A robot with meshes of a million triangles takes half a minute."""


class RobotNotBuilt(InputError):
    """A description or one of its meshes ended the process that read it."""

    def __init__(self, urdf: str, ended: str) -> None:
        super().__init__(
            f"{urdf}: reading it {ended}. Expected: a description whose meshes open in 4 GiB and ten minutes; "
            "leave parts out with `drop` in a fitting, or make the meshes lighter"
        )


@dataclass(frozen=True, slots=True)
class Brought:
    """A robot of the working directory, its folder, and what a person should look at."""

    robot: Robot
    folder: Path
    remarks: tuple[str, ...]


def bring_robot(
    urdf: Path,
    *,
    name: str = "",
    fitting: Path | None = None,
    packages: Mapping[str, Path] | None = None,
    license_name: str = "unknown",
    replace: bool = False,
) -> Brought:
    """Convert a URDF to `robots/<name>` in the working directory.

    Raises UrdfUnusable, FittingUnusable, RobotNotBuilt, or FolderUnusable where the robot is there already.
    """
    given = read_fitting(fitting) if fitting else None
    slug = given.name if given else safe_slug(name or urdf.stem).replace("-", "_")
    target = OWN_ROBOTS / slug
    if slug in robot_names():
        raise FolderUnusable(str(target), f"{slug!r} is a shipped robot; name yours otherwise with --name")
    if target.exists() and not replace:
        raise FolderUnusable(str(target), "is there already; remove it, or add --replace")
    with TemporaryDirectory() as scratch:
        made = Path(scratch) / slug
        job = {
            "urdf": str(urdf.resolve()),
            "name": slug,
            "fitting": str(fitting.resolve()) if fitting else None,
            "packages": {key: str(folder.resolve()) for key, folder in (packages or {}).items()},
            "license": license_name,
            "usd_path": (OWN_ROBOTS / slug / f"{slug}.usd").as_posix(),
            "out": str(made),
        }
        _run_child(Path(scratch), job, urdf.name)
        remarks = tuple(json.loads((made / "remarks.json").read_text(encoding="utf-8")))
        (made / "remarks.json").unlink()
        if target.exists():
            shutil.rmtree(target)
        target.parent.mkdir(exist_ok=True)
        shutil.copytree(made, target)
    return Brought(load_robot(slug), target, remarks)


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


def _run_child(scratch: Path, job: Mapping[str, object], urdf: str) -> None:
    job_file = scratch / "job.json"
    job_file.write_text(json.dumps(job), encoding="utf-8")
    command: Sequence[str] = (sys.executable, "-m", "blueprint.pipeline.app.robots.child", str(job_file))
    try:
        # Our own module.
        ended = subprocess.run(command, capture_output=True, timeout=DEADLINE_S, check=False)  # nosec B603
    except subprocess.TimeoutExpired as error:
        raise RobotNotBuilt(urdf, f"took longer than {DEADLINE_S} s") from error
    fault = scratch / "fault.json"
    if fault.is_file():
        said = json.loads(fault.read_text(encoding="utf-8"))
        raise RobotRefused(said)
    if ended.returncode != 0:
        raise RobotNotBuilt(urdf, f"ended the process with status {ended.returncode}")


class RobotRefused(InputError):
    """What the child process found wrong, in its words."""

    def __init__(self, sentences: str) -> None:
        super().__init__(sentences)
