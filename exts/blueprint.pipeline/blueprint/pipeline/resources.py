"""Find `config/` and `data/`, which exist once in the repository and reach a user in three shapes.

| installed as | package lies in | resources lie in |
| --- | --- | --- |
| wheel | `site-packages/blueprint/pipeline` | `_resources/` inside the package |
| Kit extension | `<extension>/blueprint/pipeline` | `<extension>/resources/` |
| checkout | `<repository>/exts/blueprint.pipeline/blueprint/pipeline` | `<repository>/` |

An extension's own `config/` and `data/` belong to Kit (`extension.toml`, icons), hence a folder of its own there.
"""

from pathlib import Path, PurePosixPath
from typing import Literal

from blueprint.pipeline.errors import RunError, UnknownName

ResourceKind = Literal["config", "data"]

_PACKAGE = Path(__file__).parent


class ResourcesMissing(RunError):
    """The installation carries no `config/` or `data/` folder."""

    def __init__(self, kind: ResourceKind, looked_in: list[Path]) -> None:
        self.kind, self.looked_in = kind, tuple(looked_in)
        # The last three names say which shape was tried; a message carries no path of this machine.
        places = ", ".join("/".join(place.parts[-3:]) for place in looked_in)
        super().__init__(
            f"this installation has no {kind!r} folder; looked for {places}. "
            "Install the package again: pip install --force-reinstall blueprint-pipeline"
        )


def resource_path(kind: ResourceKind, relative: str = ".", *, package: Path = _PACKAGE) -> Path:
    """Return the path of a shipped file or folder, for example `resource_path("config", "recipes/tabletop.yaml")`.

    `relative` is written with forward slashes and never leads out of its folder. Raises `ResourcesMissing` where the
    whole folder is absent, `UnknownName` where only the name is; the latter lists what exists nearest to it.
    """
    folder = _resource_folder(kind, package)
    asked = PurePosixPath(relative)
    nearest = folder
    if not asked.is_absolute() and ".." not in asked.parts:
        path = folder / asked
        if path.exists():
            return path
        nearest = next(parent for parent in path.parents if parent.is_dir())
    raise UnknownName(f"{kind} file", relative, [entry.relative_to(folder).as_posix() for entry in nearest.iterdir()])


def _resource_folder(kind: ResourceKind, package: Path) -> Path:
    extension = package.parents[1]
    candidates = [package / "_resources" / kind, extension / "resources" / kind]
    # Only a checkout keeps the extension under exts/; elsewhere two folders further up is somebody else's.
    if extension.parent.name == "exts":
        candidates.append(extension.parents[1] / kind)
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    raise ResourcesMissing(kind, candidates)
