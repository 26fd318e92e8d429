"""The doctor tries things, and says what to type where one does not work."""

import sys
from pathlib import Path

import pytest

from blueprint.pipeline.app import doctor
from blueprint.pipeline.app.distributions import Requirement
from blueprint.pipeline.app.doctor import Finding, works
from blueprint.pipeline.usd.profile import Validator

INSTALL_VALIDATOR = "pip install 'blueprint-pipeline[simready]'"


def try_it(name: str, version: str | None, *modules: str, bounds: str = "") -> Finding:
    """Let the doctor try a distribution that is needed."""
    return doctor._distribution("needed", Requirement(name, "scene", bounds, version, modules))


def test_what_imports_works() -> None:
    assert try_it("numpy", "2.5.5", "numpy") == Finding("needed", "numpy", "works", "2.5.5", True)


def test_what_is_absent_says_what_to_type() -> None:
    found = try_it("coacd", None)
    assert (found.state, found.remedy) == ("not installed", "pip install 'blueprint-pipeline[scene]'")
    assert not works([found])


def test_what_is_too_old_is_lacking() -> None:
    found = try_it("usd-core", "25.5", "pxr", bounds=">=26.8,<26.9")
    assert (found.state, found.detail) == ("lacking", "25.5, but >=26.8,<26.9 is needed")


def module_that(says: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write a module that children of this process find."""
    (folder / "patient.py").write_text(says)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return "patient"


def test_what_is_there_and_does_not_import_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = module_that("raise ImportError('libpatient.so: cannot open')", tmp_path, monkeypatch)
    found = try_it("patient", "1.0", name)
    assert (found.state, found.detail) == ("broken", "1.0: ImportError: libpatient.so: cannot open")


def test_what_kills_its_process_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = module_that("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)", tmp_path, monkeypatch)
    found = try_it("patient", "1.0", name)
    assert (found.state, found.detail) == ("broken", "1.0: its process died of signal 11")


def test_what_hangs_ends_at_its_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "DEADLINE_S", 1)
    name = module_that("import time\ntime.sleep(60)", tmp_path, monkeypatch)
    assert try_it("patient", "1.0", name).detail == "1.0: not done within 1 s"


@pytest.mark.parametrize("name", doctor.PARTS)
def test_parts_are_done_for_real(name: str) -> None:
    assert doctor._part(name, doctor.PARTS[name]) == Finding("done once", name, "works", "", True)


def test_a_part_that_fails_is_broken() -> None:
    found = doctor._part("video", "blueprint.pipeline.app.trials.nothing")
    assert found.state == "broken"
    assert "No module named" in found.detail


def test_the_machine() -> None:
    assert doctor._python().state == "works"
    assert doctor._processor().state == "works"
    assert "GB" in doctor._memory().detail


def test_little_memory_is_lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "NEEDED_MEMORY_GB", 1e6)
    found = doctor._memory()
    assert found.state == "lacking"
    assert "run.workers" in found.remedy


def test_a_small_disk_is_lacking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "NEEDED_DISK_GB", 1e9)
    assert doctor._disk(tmp_path).state == "lacking"


def test_an_optional_part_that_is_absent_does_not_stop_the_demo() -> None:
    found = doctor._extra("isaac", [Requirement("isaacsim", "isaac", ">=6", None)])
    assert found.state == "not installed"
    assert "terms" in found.detail
    assert works([found])


def test_an_optional_part_that_is_there_is_tried() -> None:
    assert doctor._extra("ray", [Requirement("ray", "ray", "", "2.60", ("numpy",))]).state == "works"
    assert doctor._extra("ray", [Requirement("ray", "ray", "", "2.60", ("no_such_module",))]).state == "broken"


def test_the_graphics_card_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_ASK_WARP", 'print(\'{"devices": ["A card"], "cache": "nowhere"}\')')
    assert doctor._graphics().detail == "A card; the first run compiles kernels"
    monkeypatch.setattr(doctor, "_ASK_WARP", "raise SystemExit('no driver')")
    assert doctor._graphics().state == "broken"


def test_everything_is_examined_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def note(command: list[str]) -> doctor._Done:
        asked.append(command[-1])
        return doctor._Done('{"devices": [], "cache": "nowhere"}', "")

    monkeypatch.setattr(doctor, "_run", note)
    findings = doctor.examine()
    names = [finding.name for finding in findings]
    assert len(names) == len(set(names))
    assert {"Python", "newton", "usd-core", "av", "video", "graphics card", "isaac", "simready"} <= set(names)
    assert "import pxr" in asked
    assert sys.executable not in "".join(f"{finding}" for finding in findings)


@pytest.mark.parametrize(
    ("found", "detail", "remedy"),
    [
        (Validator("works", "simready-validate 9.1.0"), "4.0.0: simready-validate 9.1.0", ""),
        (
            Validator("not installed", why_not="absent"),
            "Omniverse licence",
            "pip install 'blueprint-pipeline[simready]'",
        ),
        (Validator("broken", why_not="it died"), "4.0.0: it died", "pip install 'blueprint-pipeline[simready]'"),
    ],
)
def test_the_validator_is_started(monkeypatch: pytest.MonkeyPatch, found: Validator, detail: str, remedy: str) -> None:
    monkeypatch.setattr(doctor, "find_validator", lambda **_: found)
    finding = doctor._validator()
    assert (finding.name, finding.state, finding.needed, finding.remedy) == ("simready", found.state, False, remedy)
    assert detail in finding.detail
