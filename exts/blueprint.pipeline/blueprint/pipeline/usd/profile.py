"""The door to NVIDIA's validator of SimReady assets, which lives in a Python of its own.

Its packages come under NVIDIA's Omniverse licence and are no part of this program. Where it is not installed, assets
are `not checked`, which is never a pass.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from blueprint.pipeline.scene.proofs import AssetState, FeatureState

from .asset_files import sidecar_of, stamp_date
from .profile_child import NOT_INSTALLED

PROFILE, PROFILE_VERSION = "Robotics-Prop", "4.0.0"
DEADLINE_S = 300.0
INSTALL = "pip install 'blueprint-pipeline[simready]', or name another environment's Python"
_CHILD = Path(__file__).with_name("profile_child.py")
_SOME_DATE = "2000-01-01"
"""What the copy under judgement is dated with where nobody has dated the asset; the validator wants any date."""
_ANSWER_BYTES = 64 << 20


def judge_assets(
    assets: Mapping[str, Path], python: Path | None = None, deadline_s: float = DEADLINE_S
) -> tuple[AssetState, ...]:
    """Return what the validator says of assets (prop id to root file), in the given order.

    `python` is the interpreter that has the validator, this one by default. One process judges all copies of the
    assets; those that it has not judged before it ended are `not checked`, with the reason as their finding.
    """
    with tempfile.TemporaryDirectory(prefix="blueprint-profile-") as scratch:
        folder = Path(scratch).resolve()
        copies = {name: _dated_copy(path, folder / str(number)) for number, (name, path) in enumerate(assets.items())}
        answers, why_not = _ask(copies, python or Path(sys.executable), folder, deadline_s)
    validator = answers[""]["validator"] if answers else ""
    return tuple(_state(name, answers.get(name), validator, why_not, f"{folder}{os.sep}") for name in assets)


@dataclass(frozen=True, slots=True)
class Validator:
    """The validator of an interpreter: its packages with their versions, or why it cannot be asked."""

    state: Literal["works", "not installed", "broken"]
    version: str = ""
    why_not: str = ""


def installed_version(python: Path | None = None) -> str:
    """Return the validator's version beside an interpreter, this one by default, or ""; nothing is started."""
    home = (python or Path(sys.executable)).parent.parent
    found = sorted(home.glob("lib/python3.*/site-packages/simready_validate-*.dist-info"))
    return found[0].name.removeprefix("simready_validate-").removesuffix(".dist-info") if found else ""


def find_validator(python: Path | None = None, deadline_s: float = DEADLINE_S) -> Validator:
    """Start the validator of an interpreter, this one by default, and see whether it comes up."""
    with tempfile.TemporaryDirectory(prefix="blueprint-profile-") as scratch:
        answers, why_not = _ask({}, python or Path(sys.executable), Path(scratch).resolve(), deadline_s)
    if why_not:
        return Validator("not installed" if why_not.endswith(INSTALL) else "broken", why_not=why_not)
    return Validator("works", answers[""]["validator"])


def _dated_copy(asset: Path, folder: Path) -> Path:
    """Copy an asset's whole folder, whose name is part of what is judged, and date the copy."""
    home = asset.parent.parent
    copy = folder / home.name / asset.relative_to(home)
    shutil.copytree(home, folder / home.name, copy_function=shutil.copyfile)
    if not sidecar_of(copy).is_file():
        stamp_date(copy, _SOME_DATE)
    return copy


def _ask(copies: Mapping[str, Path], python: Path, folder: Path, deadline_s: float) -> tuple[dict[str, Any], str]:
    """Return the validator's answers, under "" what it is, and why it did not come to its end; "" where it did."""
    request, answer, noise = (folder / name for name in ("request.json", "answer.jsonl", "noise.txt"))
    asked = {name: str(path) for name, path in copies.items()}
    request.write_text(json.dumps({"profile": PROFILE, "version": PROFILE_VERSION, "assets": asked}))
    # A home of its own: it writes a log there, and none of a person's settings reach it.
    environment = {"HOME": str(folder), "PATH": os.defpath, "LANG": "C.UTF-8"}
    # Absolute, because the child starts elsewhere; not resolved, because an environment's Python is a link out of it.
    command = [str(python.absolute()), "-I", "-B", str(_CHILD), str(request), str(answer)]
    try:
        with noise.open("wb") as sink:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=sink,
                timeout=deadline_s,
                check=False,
                cwd=folder,
                env=environment,
            )
    except (FileNotFoundError, PermissionError):
        return {}, f"{python.name} is no interpreter on this machine; {INSTALL}"
    except subprocess.TimeoutExpired:
        return _read(answer), f"the validator was not done within {deadline_s:g} s"
    if done.returncode == NOT_INSTALLED:
        return {}, f"simready-validate is not installed; {INSTALL}"
    return _read(answer), "" if done.returncode == 0 else _fault(done.returncode, noise)


def _read(answer: Path) -> dict[str, Any]:
    if not answer.is_file() or answer.stat().st_size > _ANSWER_BYTES:
        return {}
    # A validator that died may have left half a line.
    lines = [line for line in answer.read_text(encoding="utf-8").split("\n")[:-1] if line]
    return {entry["asset"]: entry for entry in map(json.loads, lines)}


def _fault(code: int, noise: Path) -> str:
    if code < 0:
        return f"the validator died of signal {-code}"
    with noise.open("rb") as lines:
        lines.seek(max(0, noise.stat().st_size - 2000))
        last = lines.read().decode("utf-8", "replace").strip().splitlines()
    return f"the validator ended with code {code}: {last[-1][:400] if last else 'no message'}"


def _state(name: str, answer: Mapping[str, Any] | None, validator: str, why_not: str, folder: str) -> AssetState:
    if answer is None:
        return AssetState(name, PROFILE, PROFILE_VERSION, "not checked", findings=(why_not.replace(folder, ""),))
    return AssetState(
        name,
        PROFILE,
        PROFILE_VERSION,
        "passes" if answer["passes"] else "fails",
        validator,
        tuple(finding.replace(folder, "") for finding in answer["findings"]),
        _features(answer["features"]),
    )


def _features(entries: Sequence[Mapping[str, Any]]) -> tuple[FeatureState, ...]:
    return tuple(FeatureState(**entry) for entry in entries)
