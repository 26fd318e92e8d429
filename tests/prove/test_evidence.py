"""Gathering the proof: trials, checks for the run, and a second engine that may be absent or break."""

import sys
from pathlib import Path

import pytest

from blueprint.pipeline.prove.evidence import Gathered, gather_proof
from blueprint.pipeline.prove.stage import ProveSettings, foreign_judges
from blueprint.pipeline.scene.codec import encode, save
from blueprint.pipeline.scene.records import Assembled, Proven
from blueprint.pipeline.sims import physx
from blueprint.pipeline.sims.protocols import SceneFiles

FAST = {"rest": {"duration_s": 0.5}, "drop": {"duration_s": 0.5}, "push": {"ramp_s": 0.5, "levels": 10}}


@pytest.fixture
def assembled(scene_files: SceneFiles) -> Assembled:
    """The compiled scene as a record."""
    folder = scene_files.model_folder.parent
    save(folder / Assembled.MANIFEST, scene_files.manifest)
    return Assembled(folder)


def carry_out(assembled: Assembled, settings: ProveSettings) -> Gathered:
    """Gather the proof to its end."""
    steps = gather_proof(assembled, settings)
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value


def test_the_proof_holds_every_trial_and_is_the_same_twice(tmp_path: Path, assembled: Assembled) -> None:
    settings = ProveSettings.model_validate(FAST)
    gathered = carry_out(assembled, settings)
    proof = gathered.proof
    assert encode(carry_out(assembled, settings).proof) == encode(proof)
    save(tmp_path / Proven.PROOF_FILE, proof)
    assert Proven(tmp_path).proof == proof
    assert {(trial.kind, trial.subject) for trial in proof.trials} >= {
        *((kind, prop) for kind in ("rest", "drop", "push") for prop in ("box", "block")),
        ("sweep", "cabinet/slide"),
        ("sweep", "cabinet/hinge"),
    }
    assert [(run.engine, run.state) for run in proof.engines] == [("mujoco", "ran"), ("physx", "not asked for")]
    assert proof.engines[0].version
    # The block hangs in the air, so the run must not go on.
    drift = next(check for check in gathered.checks if check.name == "mujoco_largest_drift")
    assert (drift.passed, drift.blocking) == (False, True)
    assert "block moved " in drift.why


def test_the_null_engine_tries_nothing(assembled: Assembled) -> None:
    gathered = carry_out(assembled, ProveSettings(engine="null"))
    assert (gathered.proof.trials, gathered.checks) == ((), ())
    assert gathered.proof.engines[0].state == "not asked for"


def test_an_interpreter_without_physx_is_a_state(assembled: Assembled) -> None:
    settings = ProveSettings.model_validate({**FAST, "physx_python": sys.executable})
    assert carry_out(assembled, settings).proof.engines[1].state == "not installed"


def test_a_second_engine_that_dies_is_said_and_costs_nothing_else(
    tmp_path: Path, assembled: Assembled, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = _pretends(tmp_path, monkeypatch, "import sys\nsys.exit('no licence server')\n")
    settings = ProveSettings.model_validate({**FAST, "physx_python": python})
    gathered = carry_out(assembled, settings)
    proof = gathered.proof
    assert proof.engines[1].state == "failed"
    assert "no licence server" in proof.engines[1].why
    assert {trial.engine for trial in proof.trials} == {"mujoco"}
    assert any(check.name == "mujoco_largest_drift" for check in gathered.checks)


def test_the_key_has_the_engines_version_and_not_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = _pretends(tmp_path, monkeypatch, "")
    assert foreign_judges(ProveSettings(physx_python=python))["physx"] == "0.7.0.7"
    assert foreign_judges(ProveSettings())["physx"] == ""


def _pretends(folder: Path, monkeypatch: pytest.MonkeyPatch, child: str) -> Path:
    """Return an interpreter whose environment says that it has ovphysx, with another child in its place."""
    (folder / "env" / "bin").mkdir(parents=True)
    (folder / "env" / "bin" / "python").symlink_to(sys.executable)
    (folder / "env" / "lib" / "python3.12" / "site-packages" / "ovphysx-0.7.0.7.dist-info").mkdir(parents=True)
    script = folder / "child.py"
    script.write_text(child)
    monkeypatch.setattr(physx, "CHILD", script)
    return folder / "env" / "bin" / "python"
