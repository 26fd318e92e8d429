"""The built wheel works alone: another folder, another environment, no checkout in sight."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def _run(command: list[str], cwd: Path, timeout_s: float = 300) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout_s,
    )


def _succeeds(command: list[str], cwd: Path, timeout_s: float = 300) -> str:
    result = _run(command, cwd, timeout_s)
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


@pytest.fixture(scope="session")
def archives(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the source archive, and with the wheel that is built from it rather than from the checkout."""
    folder = tmp_path_factory.mktemp("dist")
    _succeeds([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(repository)], folder)
    return folder


@pytest.fixture(scope="session")
def wheel(archives: Path) -> Path:
    (found,) = archives.glob("blueprint_pipeline-*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scripts folder of an environment that holds the wheel and sees the dependencies, but not the checkout."""
    folder = tmp_path_factory.mktemp("installed") / "env"
    venv.create(folder, symlinks=True, with_pip=False)
    scripts = folder / "bin"
    site = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    install = [sys.executable, "-m", "pip", "--python", str(scripts / "python"), "install", "--no-input", "--no-index"]
    _succeeds([*install, "--no-deps", str(wheel)], folder)
    # The line only appends a path: .pth files that lie there, the checkout's among them, stay unread.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return scripts


def test_the_wheel_holds_the_resources_and_nothing_of_the_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "blueprint/pipeline/_resources/config/README.md" in names
    assert "blueprint/pipeline/_resources/data/README.md" in names
    assert "blueprint/pipeline/__init__.py" in names
    assert "blueprint/__init__.py" not in names
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"blueprint"}
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_resources_are_complete(repository: Path, wheel: Path) -> None:
    packed = {
        name.removeprefix("blueprint/pipeline/_resources/")
        for name in zipfile.ZipFile(wheel).namelist()
        if name.startswith("blueprint/pipeline/_resources/")
    }
    tracked = _succeeds(["git", "ls-files", "-z", "config", "data"], repository).rstrip("\0").split("\0")
    assert set(tracked) - packed == set()


def test_the_command_runs_from_another_folder(installed: Path, tmp_path: Path) -> None:
    shown = _succeeds([str(installed / "blueprint"), "--help"], tmp_path)
    assert "demo" in shown
    assert "verify" in shown


def test_resources_are_found_inside_the_installation(installed: Path, tmp_path: Path) -> None:
    code = "from blueprint.pipeline.resources import resource_path as r; print(r('config'), r('data'), sep='\\n')"
    found = [Path(line) for line in _succeeds([str(installed / "python"), "-c", code], tmp_path).splitlines()]
    environment = installed.parent
    assert len(found) == 2
    assert all(path.is_relative_to(environment) and path.is_dir() for path in found)


def test_the_demo_runs_from_the_wheel_to_a_dataset_that_verifies(installed: Path, tmp_path: Path) -> None:
    blueprint, few = str(installed / "blueprint"), ["--randomize.count", "1", "--generate.episodes", "1"]
    _succeeds([blueprint, "demo", "--out", "demo", "--face", "plain", *few], tmp_path, timeout_s=580)
    verdicts = _succeeds([blueprint, "verify", "demo/dataset"], tmp_path)
    assert "kinematics" in verdicts
    assert "<html" in (tmp_path / "demo" / "report.html").read_text()
