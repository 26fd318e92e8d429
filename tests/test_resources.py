"""Shipped files are found in each of the three shapes a user may have, and a miss says what exists."""

from pathlib import Path

import pytest

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.resources import ResourcesMissing, resource_path

SHAPES = {
    "wheel": ("site-packages/blueprint/pipeline", "site-packages/blueprint/pipeline/_resources"),
    "extension": ("exts-build/blueprint.pipeline/blueprint/pipeline", "exts-build/blueprint.pipeline/resources"),
    "checkout": ("repo/exts/blueprint.pipeline/blueprint/pipeline", "repo"),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", ["config", "data"])
def test_finds_a_file(tmp_path: Path, shape: str, kind: str) -> None:
    package, resources = (tmp_path / part for part in SHAPES[shape])
    package.mkdir(parents=True)
    wanted = resources / kind / "robots" / "arm.yaml"
    wanted.parent.mkdir(parents=True)
    wanted.touch()
    assert resource_path(kind, "robots/arm.yaml", package=package) == wanted
    assert resource_path(kind, package=package) == resources / kind


def test_kits_own_folders_are_not_taken_for_resources(tmp_path: Path) -> None:
    package = tmp_path / "kit" / "blueprint.pipeline" / "blueprint" / "pipeline"
    package.mkdir(parents=True)
    (package.parents[1] / "config").mkdir()
    with pytest.raises(ResourcesMissing, match="no 'config' folder") as failure:
        resource_path("config", package=package)
    assert [path.name for path in failure.value.looked_in] == ["config", "config"]


def test_message_carries_no_path_of_this_machine(tmp_path: Path) -> None:
    package = tmp_path / "a" / "b" / "blueprint" / "pipeline"
    with pytest.raises(ResourcesMissing) as failure:
        resource_path("data", package=package)
    assert str(tmp_path) not in str(failure.value)
    assert "pipeline/_resources/data" in str(failure.value)


def test_unknown_name_lists_what_is_nearest(tmp_path: Path) -> None:
    package = tmp_path / "blueprint" / "pipeline"
    recipes = package / "_resources" / "config" / "recipes"
    recipes.mkdir(parents=True)
    (recipes / "tabletop.yaml").touch()
    with pytest.raises(UnknownName, match=r"did you mean 'recipes/tabletop.yaml'") as failure:
        resource_path("config", "recipes/tabeltop.yaml", package=package)
    assert failure.value.known == ["recipes/tabletop.yaml"]


@pytest.mark.parametrize("name", ["../pyproject.toml", "recipes/../../x", "/etc/hostname"])
def test_a_name_never_leads_out(name: str) -> None:
    with pytest.raises(UnknownName, match="unknown config file"):
        resource_path("config", name)


def test_the_checkout_has_both() -> None:
    assert resource_path("config", "README.md").is_file()
    assert resource_path("data", "README.md").is_file()
