"""The tests mirror the package, and names say what a file decides."""

import ast
from pathlib import Path

import pytest

# Folders of tests that look at the whole rather than at one module.
ACROSS = {"acceptance", "architecture", "benchmarks", "golden", "packaging", "security", "data", "tools"}
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "base"}


def _mirrored(repository: Path) -> list[Path]:
    tests = repository / "tests"
    files = [path.relative_to(tests) for path in sorted(tests.rglob("test_*.py"))]
    return [path for path in files if path.parts[0] not in ACROSS]


def test_every_test_stands_beside_its_module(repository: Path, package: Path) -> None:
    homeless = []
    for path in _mirrored(repository):
        subject = package / path.parent / path.stem.removeprefix("test_")
        if not (subject.with_suffix(".py").is_file() or (subject / "__init__.py").is_file()):
            homeless.append(f"tests/{path} has no module {subject.relative_to(package)}.py")
    assert not homeless


def test_every_room_has_tests(repository: Path, package: Path) -> None:
    rooms = {path.name for path in package.iterdir() if (path / "__init__.py").is_file()}
    tested = {path.parts[0] for path in _mirrored(repository) if len(path.parts) > 1}
    assert rooms - tested == set()


def test_the_namespace_stays_open(package: Path) -> None:
    assert not (package.parent / "__init__.py").exists()
    assert (package / "__init__.py").is_file()


@pytest.mark.parametrize("top", ["exts", "tools", "tests", "benchmarks", "apps", "standalone"])
def test_no_file_is_named_for_nothing(repository: Path, top: str) -> None:
    named = [path for path in (repository / top).rglob("*") if path.suffix in ("", ".py")]
    empty = [
        str(path.relative_to(repository))
        for path in named
        if path.stem in EMPTY_NAMES or path.stem.startswith("base_") or path.stem.endswith("_v2")
    ]
    assert not empty


def test_packages_import_absolutely_across_folders(package_trees: dict[str, ast.Module]) -> None:
    climbing = [
        f"{path}:{node.lineno}"
        for path, tree in package_trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level > 1
    ]
    assert not climbing
