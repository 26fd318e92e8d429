"""Environments of foreign readers: one folder each below `.acceptance/`, made on first use from a hashed list."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

INSTALL_DEADLINE_S = 3600
VENV_DEADLINE_S = 300
REQUIREMENTS = Path(__file__).parent / "requirements"


class EnvironmentNotMade(Exception):
    """The reader's packages could not be installed here; its judge cannot run."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment that holds exactly what a requirements file names."""

    folder: Path
    requirements: Path

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return self.folder / "bin" / "python"

    @property
    def ready(self) -> bool:
        """Whether it holds what the list names today; an interrupted installation never counts."""
        return self._mark.is_file() and self._mark.read_text() == self._wanted

    def make(self, say: Callable[[str], None]) -> None:
        """Install what the list names, unless it is there; raises EnvironmentNotMade."""
        if self.ready:
            return
        say(f"makes {self.folder.name}'s environment from {self.requirements.name}; this happens once")
        if self.folder.exists():
            shutil.rmtree(self.folder)
        self._call([sys.executable, "-m", "venv", str(self.folder)], VENV_DEADLINE_S)
        pip = [str(self.python), "-m", "pip", "--disable-pip-version-check"]
        install = ["install", "--quiet", "--no-input", "--require-hashes", "--no-deps", "-r", str(self.requirements)]
        self._call([*pip, *install], INSTALL_DEADLINE_S)
        self._mark.write_text(self._wanted)

    def _call(self, command: list[str], deadline_s: float) -> None:
        try:
            subprocess.run(
                command,
                check=True,
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                env=_without_python_settings(),
                timeout=deadline_s,
            )
        except subprocess.CalledProcessError as error:
            complaints = [line for line in error.stderr.splitlines() if line.startswith("ERROR")]
            raise EnvironmentNotMade(complaints[0] if complaints else error.stderr.strip()[-200:]) from error
        except subprocess.TimeoutExpired as error:
            raise EnvironmentNotMade(f"the installation took longer than {deadline_s:.0f} s") from error

    @property
    def _mark(self) -> Path:
        return self.folder / "installed.sha256"

    @property
    def _wanted(self) -> str:
        return hashlib.sha256(self.requirements.read_bytes()).hexdigest() + f" {sys.version}\n"


def environment_of(name: str, below: Path) -> Environment:
    """Return the environment of an oracle; nothing is installed yet."""
    return Environment(below / name, REQUIREMENTS / f"{name}.txt")


def _without_python_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
