"""Fixtures for all tests, and an honest account of what could not run here."""

import ast
import importlib.util
import os
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

pytest_plugins = ("tests.table_scene",)

REPOSITORY = Path(__file__).parent.parent
SCANS = REPOSITORY.parent / "shared" / "data" / "scans"

# Marker, whether it can run here, and what it would need.
NEEDS = (
    ("shared", SCANS.is_dir(), "the scans in ../shared/data"),
    ("gpu", Path("/dev/nvidiactl").exists(), "a CUDA device"),
    ("isaac", importlib.util.find_spec("isaacsim") is not None, "Isaac Sim's own Python"),
    ("secrets", False, "--with-secrets and credentials from the secrets door"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Tests that use credentials run only when asked for; golden bytes change only when asked for."""
    parser.addoption("--with-secrets", action="store_true", help="run the tests that need credentials")
    parser.addoption("--update-golden", action="store_true", help="accept what the golden pipeline writes now")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what this machine cannot run, each with what it would need."""
    for marker, available, need in NEEDS:
        if available or (marker == "secrets" and config.getoption("--with-secrets")):
            continue
        for item in items:
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"needs {need}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End with how many tests were not run, and why."""
    reasons: dict[str, list[str]] = defaultdict(list)
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason.removeprefix("Skipped: ")].append(report.nodeid)
    total = sum(map(len, reasons.values()))
    terminalreporter.section(f"{total} not run")
    for reason, names in sorted(reasons.items()):
        terminalreporter.write_line(f"{len(names)} not run ({reason}): {', '.join(sorted(names))}")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of the person who runs it."""
    for name in [name for name in os.environ if name.startswith("BLUEPRINT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("FORCE_COLOR", raising=False)


@pytest.fixture(scope="session")
def repository() -> Path:
    """Folder of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_scans() -> Path:
    """Folder of the scans that are not part of the repository; only for tests marked `shared`."""
    return SCANS


@pytest.fixture(scope="session")
def package() -> Path:
    """Folder of `blueprint.pipeline`."""
    return REPOSITORY / "exts" / "blueprint.pipeline" / "blueprint" / "pipeline"


@pytest.fixture(scope="session")
def package_trees(package: Path) -> dict[str, ast.Module]:
    """Syntax tree of every module of the package, by path relative to it."""
    return {
        path.relative_to(package).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(package.rglob("*.py"))
    }


@pytest.fixture(scope="session")
def repository_files() -> list[Path]:
    """Every file that is, or would be, under version control."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    paths = [REPOSITORY / name for name in listing.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]
