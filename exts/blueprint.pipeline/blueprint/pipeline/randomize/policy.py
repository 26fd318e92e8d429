"""Find and read a policy: one of the shipped levels by name, or a file of one's own."""

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.scene.distributions import DISTRIBUTIONS, Bell
from blueprint.pipeline.scene.policies import (
    FORMAT_VERSION,
    Correlation,
    DistractorFactor,
    Policy,
    PoseFactor,
    ScalarFactor,
    Targets,
    TextureFactor,
)

FOLDER = "randomization"
SUFFIXES = (".yaml", ".yml")


class PolicyError(RecipeError):
    """A policy's fields cannot be used; all faults are listed together, each with what would be possible."""


def level_names() -> tuple[str, ...]:
    """List the shipped levels."""
    return tuple(sorted(path.stem for path in resource_path("config", FOLDER).glob("*.yaml")))


def policy_path(policy: Path) -> Path:
    """Return the file of a policy: a path that ends in .yaml is a file, anything else the name of a level.

    Raises UnknownName for a level that is not shipped.
    """
    if policy.suffix in SUFFIXES:
        return policy
    # A recipe's paths are placed in its folder before anybody knows that this one is a name.
    if policy.name not in level_names():
        raise UnknownName("randomization level", policy.name, level_names(), where="randomize.policy")
    return resource_path("config", f"{FOLDER}/{policy.name}.yaml")


def load_policy(policy: Path) -> Policy:
    """Read a policy by name or path; raises UnknownName, or PolicyError with every fault."""
    path = policy_path(policy)
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyError(path.name, [f"cannot be read: {error.strerror}; levels are {_levels()}"]) from error
    except UnicodeDecodeError as error:
        raise PolicyError(path.name, [f"is no text: {error}"]) from error
    except yaml.YAMLError as error:
        raise PolicyError(path.name, [f"is not valid YAML: {error}"]) from error
    return parse_policy(data, path.name)


def parse_policy(data: Any, source: str) -> Policy:
    """Check plain data; raises PolicyError with every fault."""
    if not isinstance(data, dict):
        raise PolicyError(source, ["a policy is a mapping with format, version, name and factors"])
    version = data.get("version")
    if isinstance(version, int) and version > FORMAT_VERSION:
        newer = f"version {version} is newer than {FORMAT_VERSION}, which this program reads"
        raise PolicyError(source, [f"{newer}; upgrade with `pip install --upgrade blueprint-pipeline`"])
    try:
        return Policy.model_validate(data)
    except ValidationError as error:
        raise PolicyError(source, [_sentence(fault["loc"], fault["msg"], fault) for fault in error.errors()]) from error


def _sentence(location: Sequence[int | str], message: str, fault: Any) -> str:
    # pydantic puts the member of a union that it has chosen between the fields' names.
    places = [part for at, part in enumerate(location) if not _is_tag(location, at)]
    where = f"{'.'.join(map(str, places))}: " if places else ""
    if fault["type"] == "extra_forbidden":
        known = sorted(_fields_at(location))
        near = get_close_matches(str(location[-1]), known, n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        return f"{where}unknown field{hint} Known: {', '.join(known)}"
    if fault["type"] == "union_tag_invalid":
        return _unknown_kind(where, fault["ctx"])
    plain = fault["type"] == "value_error" or isinstance(fault["input"], dict)
    return f"{where}{message.removeprefix('Value error, ')}" + ("" if plain else f" (found {fault['input']!r})")


def _unknown_kind(where: str, context: Any) -> str:
    known = [tag.strip().strip("'") for tag in context["expected_tags"].split(",")]
    name, field = str(context["tag"]), str(context["discriminator"]).strip("'")
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    return f"{where.removesuffix(': ')}.{field}: unknown name {name!r}{hint} Known: {', '.join(sorted(known))}"


def _is_tag(location: Sequence[int | str], at: int) -> bool:
    if at == 2 and location[0] == "factors":
        return True
    return at > 0 and location[at - 1] in ("values", "count") and location[at] in DISTRIBUTIONS


def _fields_at(location: Sequence[int | str]) -> list[str]:
    """Return the fields of the block in which a field is unknown."""
    parent = location[-2] if len(location) > 1 else ""
    blocks: dict[int | str, type[BaseModel]] = {"targets": Targets, "normal": Bell, "": Policy}
    if parent in blocks:
        return list(blocks[parent].model_fields)
    if location[0] == "correlations":
        return list(Correlation.model_fields)
    if parent in DISTRIBUTIONS:
        return ["choice", "weights"] if parent == "choice" else [str(parent)]
    others = {"poses": PoseFactor, "texture": TextureFactor, "distractors": DistractorFactor}
    return list(others.get(str(parent), ScalarFactor).model_fields)


def _levels() -> str:
    return ", ".join(level_names())
