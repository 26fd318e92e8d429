"""`blueprint verify`: a line per verdict and finding, and exit codes that tell wrong from unusable."""

import json
from pathlib import Path

import pytest

from blueprint.pipeline.certify.findings import Finding, Verdict
from blueprint.pipeline.certify.gates import GateResult
from blueprint.pipeline.certify.verify import Verification
from blueprint.pipeline.cli import main, verify

GOOD = Verdict("counts", "2 episodes", (), {"frames": 24.0})
BAD = Verdict("video", "24 frames", (Finding("video", "videos/side.mp4", "black or blank", 1, 7),), {})
GATE = GateResult("lost_frames", 1.0, "<= 0", False, "rows without a frame")


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Verification]:
    given = {"now": Verification((GOOD,), (), "test data")}

    def answer(root: Path, *, digests_only: bool) -> Verification:
        return Verification((GOOD,), (), "digests") if digests_only else given["now"]

    monkeypatch.setattr(verify, "verify_dataset", answer)
    return given


def test_a_sound_dataset(answers: dict[str, Verification], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "dataset"]) == 0
    said = capsys.readouterr().out
    assert "ok     counts  2 episodes" in said
    assert "grade claimed: test data; every promise holds" in said


def test_what_is_wrong_is_named_with_its_place(
    answers: dict[str, Verification], capsys: pytest.CaptureFixture[str]
) -> None:
    answers["now"] = Verification((GOOD, BAD), (GATE,), "certified")
    assert main(["verify", "dataset"]) == 1
    said = capsys.readouterr().out
    assert "WRONG  video   24 frames" in said
    assert "videos/side.mp4, episode 1, frame 7: black or blank" in said
    assert "gate   lost_frames: 1 (<= 0) FAILED" in said
    assert "1 finding" in said


def test_json(answers: dict[str, Verification], capsys: pytest.CaptureFixture[str]) -> None:
    answers["now"] = Verification((GOOD, BAD), (GATE,), "certified")
    assert main(["verify", "dataset", "--json"]) == 1
    data = json.loads(capsys.readouterr().out)
    assert (data["passed"], data["verdicts"][0]["passed"], data["verdicts"][1]["passed"]) == (False, True, False)
    assert data["verdicts"][1]["findings"][0]["frame"] == 7


def test_bytes_only(answers: dict[str, Verification], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "dataset", "--bytes"]) == 0
    assert "grade claimed: digests" in capsys.readouterr().out


def test_a_folder_that_is_no_dataset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "meta/info.json" in said
    assert str(tmp_path) not in said
