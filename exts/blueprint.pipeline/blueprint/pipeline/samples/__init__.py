"""Small sample scans of our own making: what a finished reconstruction leaves on disk, with the truth beside it.

The shapes are lathed, swept and boxed here, the textures are drawn here and the photo is ray cast here, so a sample
carries nobody else's rights. Same environment, seed and library versions give the same bytes.
"""

from collections.abc import Callable
from pathlib import Path

from blueprint.pipeline.errors import InputError, UnknownName

ENVIRONMENTS = ("kitchen", "workbench")


class FolderNotEmpty(InputError):
    """A sample would be written among files that are already there."""

    def __init__(self, folder: str) -> None:
        super().__init__(f"{folder} is not empty; a sample is written into a new or an empty folder. Name another one")


def write_sample_scan(environment: str, folder: Path, seed: int = 0) -> None:
    """Write the sample `environment` into `folder` as a finished 3D-RE-GEN run with a Particulate prediction.

    Raises `UnknownName` for an environment that is not in `ENVIRONMENTS`, `FolderNotEmpty` where files would be mixed.
    """
    from .regen3d_run import write_regen3d_run

    _write(write_regen3d_run, environment, folder, seed)


def write_simple_sample_scan(environment: str, folder: Path, seed: int = 0) -> None:
    """Write the same environment in the simple layout: `scene_info.json`, `camera/`, `background/`, `objects/<id>/`.

    Raises `UnknownName` for an environment that is not in `ENVIRONMENTS`, `FolderNotEmpty` where files would be mixed.
    """
    from .simple_layout import write_simple_layout

    _write(write_simple_layout, environment, folder, seed)


def _write(writer: Callable[..., None], environment: str, folder: Path, seed: int) -> None:
    from .kitchen import build_kitchen
    from .workbench import build_workbench

    if environment not in ENVIRONMENTS:
        raise UnknownName("sample environment", environment, ENVIRONMENTS)
    if folder.exists() and any(folder.iterdir()):
        raise FolderNotEmpty(str(folder))
    folder.mkdir(parents=True, exist_ok=True)
    build = {"kitchen": build_kitchen, "workbench": build_workbench}[environment]
    writer(build(seed), folder, seed)
