"""What this distribution asks for, by extra, read from its own metadata, and what is installed of it."""

import operator
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata

from blueprint.pipeline.errors import MissingTool

DISTRIBUTION = "blueprint-pipeline"

_LINE = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*(?P<bounds>(?:[<>=][^;]*?)?)\s*(?:;.*\bextra\s*==\s*['\"](?P<extra>[^'\"]+)['\"])?$"
)
_BOUND = re.compile(r"^(>=|<=|==|<|>)\s*([0-9]+(?:\.[0-9]+)*)$")
_HOLDS: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True, slots=True)
class Requirement:
    """One distribution that an extra asks for, with its modules; `version` is None where it is not installed."""

    name: str
    extra: str
    bounds: str
    version: str | None
    modules: tuple[str, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the installed version lies within the bounds."""
        return self.version is not None and within(self.version, self.bounds)


def requirements() -> dict[str, list[Requirement]]:
    """Return what each extra asks for; the empty name stands for a plain installation. Raises MissingTool."""
    if _installed(DISTRIBUTION) is None:
        raise MissingTool(f"the distribution {DISTRIBUTION}", "knowing what is needed", f"pip install {DISTRIBUTION}")
    modules = _modules_by_distribution()
    found: dict[str, list[Requirement]] = defaultdict(list)
    for line in metadata.requires(DISTRIBUTION) or []:
        name, bounds, extra = parse_line(line)
        brought = tuple(modules.get(_normal(name), ()))
        found[extra].append(Requirement(name, extra, bounds, _installed(name), brought))
    return dict(found)


def program_version() -> str:
    """Return this program's version; a copied extension folder is no distribution and has none to tell."""
    return _installed(DISTRIBUTION) or "not installed as a distribution"


def parse_line(line: str) -> tuple[str, str, str]:
    """Split a line of `Requires-Dist` into name, bounds and extra; raises ValueError for one that is not understood."""
    match = _LINE.match(line.strip())
    if match is None:
        raise ValueError(f"requirement {line!r} is not understood; expected NAME[EXTRA]BOUNDS; extra == 'NAME'")
    return match["name"], match["bounds"], match["extra"] or ""


def within(version: str, bounds: str) -> bool:
    """Whether a version keeps bounds such as `>=1.8,<1.9`; only its leading numbers count."""
    found = _numbers(version)
    for bound in filter(None, (part.strip() for part in bounds.split(","))):
        match = _BOUND.match(bound)
        if match is None:
            raise ValueError(f"bound {bound!r} is not understood; expected one of {', '.join(_HOLDS)} and numbers")
        limit = _numbers(match[2])
        length = max(len(found), len(limit))
        if not _HOLDS[match[1]](_padded(found, length), _padded(limit, length)):
            return False
    return True


def _numbers(version: str) -> tuple[int, ...]:
    leading = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in leading[0].split(".")) if leading else ()


def _padded(numbers: tuple[int, ...], length: int) -> tuple[int, ...]:
    return numbers + (0,) * (length - len(numbers))


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _modules_by_distribution() -> dict[str, list[str]]:
    """Map each installed distribution to the modules it brings, without private ones."""
    found: dict[str, list[str]] = defaultdict(list)
    for module, owners in metadata.packages_distributions().items():
        for owner in set(owners):
            if module.isidentifier() and not module.startswith("_"):
                found[_normal(owner)].append(module)
    return {name: sorted(modules) for name, modules in found.items()}
