"""The locks name what the extras need, with hashes and without addresses, and nothing that is unwanted."""

import re
import tomllib
from pathlib import Path

import pytest

LOCKS = ["requirements.lock", "exts/blueprint.pipeline/prebundle.lock"]
INSTALLED_EXTRAS = ("scene", "sim", "video", "ray", "dev")
UNWANTED = re.compile(
    r"torch|nvidia-.*|cuda-.*|cupy.*|usd-exchange|omniverse-.*|isaacsim.*|ov(physx|stage|rtx)|lerobot"
)


def _pins(text: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))


def _canonical(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None
    return re.sub(r"[-_.]+", "-", name[0]).lower()


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes_and_no_address(repository: Path, name: str) -> None:
    text = (repository / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text)
    pins = [entry for entry in entries if "==" in entry]
    assert pins
    assert [entry.split()[0] for entry in pins if "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)


@pytest.mark.parametrize("name", LOCKS)
def test_nothing_unwanted_is_locked(repository: Path, name: str) -> None:
    pins = _pins((repository / name).read_text(encoding="utf-8"))
    assert [pin for pin in pins if UNWANTED.fullmatch(pin)] == []


def test_the_lock_covers_what_setup_installs(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    declared = [*project["dependencies"], *(line for extra in INSTALLED_EXTRAS for line in extras[extra])]
    pins = _pins((repository / "requirements.lock").read_text(encoding="utf-8"))
    assert {_canonical(line) for line in declared} - set(pins) == set()


def test_vendor_terms_stay_in_extras(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    under_terms = {"isaac", "physx", "simready"}
    assert under_terms <= set(project["optional-dependencies"])
    assert under_terms.isdisjoint(INSTALLED_EXTRAS)


def test_one_pxr(repository: Path) -> None:
    pins = _pins((repository / "requirements.lock").read_text(encoding="utf-8"))
    major, minor = (int(part) for part in pins["usd-core"].split(".")[:2])
    assert (major, minor) < (26, 9)
