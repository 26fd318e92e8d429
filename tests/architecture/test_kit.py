"""The Kit extension and applications: strict TOML, Kit's order of sections and keys, paths that exist."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

SECTIONS = [
    *("core", "package", "deprecation", "dependencies", "python", "native", "settings", "trigger", "fswatcher"),
    *("test", "documentation"),
]
PACKAGE_KEYS = [
    *("version", "category", "title", "description", "authors", "repository", "keywords", "changelog", "readme"),
    *("preview_image", "icon", "writeTarget", "feature", "deprecation"),
]
# Extensions whose names were read in Isaac Sim 6; a name that is not here is a guess.
KNOWN_EXTENSIONS = {"blueprint.pipeline", "isaacsim.exp.full", "isaacsim.exp.base.python"}
APPLICATIONS = ["blueprint.kit", "blueprint.headless.kit"]
MADE_BY_PREBUNDLE = "pip_prebundle"


@pytest.fixture
def extension(repository: Path) -> Path:
    return repository / "exts" / "blueprint.pipeline"


@pytest.fixture
def manifest(extension: Path) -> dict[str, Any]:
    return tomllib.loads((extension / "config" / "extension.toml").read_text(encoding="utf-8"))


def _is_ordered(names: list[str], order: list[str]) -> bool:
    return names == [name for name in order if name in names]


def test_sections_and_keys_stand_in_kits_order(manifest: dict[str, Any]) -> None:
    assert _is_ordered(list(manifest), SECTIONS)
    assert _is_ordered(list(manifest["package"]), PACKAGE_KEYS)
    assert list(manifest["dependencies"]) == sorted(manifest["dependencies"])
    assert manifest["test"][0]["name"] == "startup"


def test_one_blank_line_stands_between_sections(extension: Path) -> None:
    text = (extension / "config" / "extension.toml").read_text(encoding="utf-8")
    assert "\n\n\n" not in text
    # A section is its header, the comments directly above it, and its lines.
    for block in text.split("\n\n"):
        body = [line for line in block.splitlines() if not line.startswith("#")]
        assert body[0].startswith("[")
        assert not any(line.startswith("[") for line in body[1:])


def test_paths_of_the_manifest_exist(extension: Path, manifest: dict[str, Any]) -> None:
    package = manifest["package"]
    named = [
        *(package[key] for key in ("changelog", "readme", "preview_image", "icon")),
        *manifest["documentation"]["pages"],
    ]
    assert [name for name in named if not (extension / name).is_file()] == []
    for module in manifest["python"]["module"]:
        if "name" in module:
            assert (extension / module["name"].replace(".", "/") / "__init__.py").is_file()
        else:
            assert module["path"] == MADE_BY_PREBUNDLE


@pytest.mark.parametrize("name", APPLICATIONS)
def test_applications_are_strict_and_resolve(repository: Path, name: str) -> None:
    path = repository / "apps" / name
    application = tomllib.loads(path.read_text(encoding="utf-8"))
    assert {"title", "version", "keywords"} <= set(application["package"])
    assert set(application["dependencies"]) <= KNOWN_EXTENSIONS
    assert list(application["dependencies"]) == sorted(application["dependencies"])
    for folder in application["settings"]["app"]["exts"]["folders"]["++"]:
        assert (
            path.parent / folder.removeprefix("${app}/") / "blueprint.pipeline" / "config" / "extension.toml"
        ).is_file()


def test_premake_names_what_exists(repository: Path, extension: Path) -> None:
    links = re.findall(r'\{ "([^"]+)", ext\.target_dir', (extension / "premake5.lua").read_text(encoding="utf-8"))
    assert "blueprint" in links
    assert [link for link in links if not (extension / link).resolve().is_dir()] == []
    defined = re.findall(r'define_app\("([^"]+)"\)', (repository / "premake5.lua").read_text(encoding="utf-8"))
    assert defined == APPLICATIONS


@pytest.mark.parametrize("name", ["premake5.lua", "exts/blueprint.pipeline/premake5.lua"])
def test_lua_closes_what_it_opens(repository: Path, name: str) -> None:
    text = re.sub(r"--.*", "", (repository / name).read_text(encoding="utf-8"))
    code = re.sub(r'"[^"\n]*"', '""', text)
    for opening, closing in ("()", "{}", "[]"):
        assert code.count(opening) == code.count(closing)
    blocks = len(re.findall(r"\b(?:do|then|function)\b", code))
    assert blocks == len(re.findall(r"\bend\b", code))


def test_nothing_shadows_kits_modules(repository: Path) -> None:
    kits = {"omni", "carb", "isaacsim"}
    shadows = [path for top in ("exts", "apps") for path in (repository / top).rglob("*") if path.stem in kits]
    assert not shadows
