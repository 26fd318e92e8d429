"""Importing the package, or asking the command for help, loads nothing heavy."""

import subprocess
import sys
from pathlib import Path

import pytest

MATHEMATICS = {"numpy", "scipy", "pxr", "warp", "torch"}
HEAVY = {
    *("pxr", "newton", "warp", "mujoco", "ompl", "mink", "toppra", "coacd", "trimesh", "embreex", "scipy", "torch"),
    *("av", "cv2", "h5py", "pyarrow", "model_signing", "obstore", "matplotlib"),
}


def _loaded_by(statement: str, cwd: Path) -> set[str]:
    """Return the top-level modules that a fresh interpreter holds after a statement."""
    report = "print(*sys.modules, sep=chr(10), file=sys.stderr)"
    code = f"import sys\ntry:\n    {statement}\nexcept SystemExit:\n    pass\n{report}"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )
    assert result.returncode == 0, result.stderr
    return {name.partition(".")[0] for name in result.stderr.splitlines()}


def test_the_package_is_weightless(tmp_path: Path) -> None:
    loaded = _loaded_by("import blueprint.pipeline", tmp_path)
    assert "blueprint" in loaded
    assert not loaded & (MATHEMATICS | HEAVY | {"pydantic", "yaml", "rich"})


@pytest.mark.parametrize(
    "statement",
    [
        "import blueprint.pipeline.recipe, blueprint.pipeline.pipeline",
        "import blueprint.pipeline.cli",
        "sys.argv = ['blueprint', '--help']; import blueprint.pipeline.cli as cli; cli.main()",
    ],
)
def test_what_starts_the_command_line_is_light(tmp_path: Path, statement: str) -> None:
    loaded = _loaded_by(statement, tmp_path)
    assert "blueprint" in loaded
    assert not loaded & HEAVY
