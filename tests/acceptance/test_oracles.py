"""The court itself: environments are made once, judges are heard, and silence is no agreement."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.acceptance import oracles
from tests.acceptance.environments import REQUIREMENTS, Environment, EnvironmentNotMade
from tests.acceptance.oracles import JUDGES, ORACLES, Oracle, consult

AGREE = """
from verdict import Verdict
verdict = Verdict()
verdict.equal("rows", 3, 3)
verdict.at_most("error", 0.5, 1.0, "m")
verdict.nothing("missing files", [])
raise SystemExit(verdict.exit_code())
"""
DISAGREE = AGREE.replace('"error", 0.5', '"error", 1.5')
NAN = AGREE.replace("0.5", 'float("nan")')
SILENT = "raise SystemExit(0)\n"
CRASH = AGREE.replace("raise SystemExit", 'raise ValueError("the reader broke")\nraise SystemExit')


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "run" / "dataset").mkdir(parents=True)
    return tmp_path / "run"


def _judge(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Oracle:
    """Make an oracle whose judge is a script, in an environment that needs no installation."""
    judges = folder / "judges"
    judges.mkdir()
    (judges / "verdict.py").write_text((JUDGES / "verdict.py").read_text())
    (judges / "judge.py").write_text(script)
    monkeypatch.setattr(oracles, "JUDGES", judges)
    monkeypatch.setattr(Environment, "make", lambda *_: None)
    monkeypatch.setattr(Environment, "python", Path(sys.executable))
    return Oracle("toy", "is it so?", "judge.py", "dataset")


@pytest.mark.parametrize(
    ("script", "agrees", "said"),
    [
        (AGREE, True, "ok     error: 0.5 m (wanted <= 1 m)"),
        (DISAGREE, False, "WRONG  error: 1.5 m (wanted <= 1 m)"),
        (NAN, False, "WRONG  error: nan m (wanted <= 1 m)"),
        (CRASH, False, "ValueError: the reader broke"),
        (SILENT, False, ""),
    ],
)
def test_a_judge_is_heard(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, agrees: bool, said: str
) -> None:
    lines: list[str] = []
    judgement = consult(_judge(tmp_path, monkeypatch, script), run, tmp_path / "environments", lines.append)
    assert (judgement.agrees, judgement.not_run) == (agrees, "")
    assert said in "\n".join(lines)


def test_what_is_not_there_is_not_judged(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    oracle = Oracle("toy", "is it so?", _judge(tmp_path, monkeypatch, AGREE).judge, "scene")
    assert consult(oracle, run, tmp_path, print).not_run == "the run has no scene/"


def test_packages_that_cannot_be_installed_are_named(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    oracle = _judge(tmp_path, monkeypatch, AGREE)

    def refuse(*_: object) -> None:
        raise EnvironmentNotMade("no network")

    monkeypatch.setattr(Environment, "make", refuse)
    assert consult(oracle, run, tmp_path, print).not_run == "its packages cannot be installed here: no network"


def test_an_environment_is_made_anew_when_its_list_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements, called = tmp_path / "toy.txt", []
    requirements.write_text("# a list\n")
    environment = Environment(tmp_path / "toy", requirements)

    def call(_: Environment, command: list[str], __: float) -> None:
        environment.folder.mkdir(exist_ok=True)
        called.append(command)

    monkeypatch.setattr(Environment, "_call", call)
    for _ in range(2):
        environment.make(print)
        assert environment.ready
    assert len(called) == 2
    assert called[0][1:3] == ["-m", "venv"]
    assert {"--require-hashes", "--no-deps", "--no-input"} <= set(called[1])
    requirements.write_text("# another list\n")
    assert not environment.ready


def test_an_installation_that_fails_is_told_in_pip_s_words(tmp_path: Path) -> None:
    environment = Environment(tmp_path, tmp_path / "toy.txt")
    script = "import sys; print('WARNING: x\\nERROR: no such distribution', file=sys.stderr); sys.exit(1)"
    with pytest.raises(EnvironmentNotMade, match=r"^ERROR: no such distribution$"):
        environment._call([sys.executable, "-c", script], 30)


@pytest.mark.parametrize("oracle", ORACLES, ids=lambda oracle: oracle.name)
def test_every_oracle_has_a_judge_and_pinned_packages(oracle: Oracle) -> None:
    assert (JUDGES / oracle.judge).is_file()
    text = (REQUIREMENTS / f"{oracle.name}.txt").read_text()
    assert "--hash=sha256:" in text
    assert "://" not in text
    asked = (REQUIREMENTS / f"{oracle.name}.in").read_text().split()
    assert asked
    assert all(f"{name.partition('[')[0].partition('==')[0]}==" in text for name in asked)


def test_without_a_run_it_says_what_to_do(tmp_path: Path, repository: Path) -> None:
    script = repository / "tests" / "acceptance" / "run.py"
    done = subprocess.run(
        [sys.executable, str(script), "--run", str(tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "make demo" in done.stderr
