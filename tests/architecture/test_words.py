"""The same words everywhere: make, continuous integration, the guide for contributors."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml

TARGETS = ["setup", "demo", "test", "check", "bench", "acceptance", "prebundle", "docs", "clean", "lock"]


@pytest.fixture
def makefile(repository: Path) -> str:
    return (repository / "Makefile").read_text(encoding="utf-8")


def _parts_of_check(makefile: str) -> list[str]:
    found = re.search(r"^check: ([a-z ]+?) *##", makefile, re.MULTILINE)
    assert found is not None
    return found[1].split()


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_says_in_one_line_what_it_does(makefile: str, target: str) -> None:
    found = re.search(rf"^{target}:.*## (.+)$", makefile, re.MULTILINE)
    assert found is not None
    recipe = makefile[found.end() :].split("\n\n")[0]
    assert f'@echo "{target}: ' in recipe


def test_what_the_targets_start_exists(repository: Path, makefile: str) -> None:
    started = re.findall(r"(?:python |@)((?:[a-z_]+/)+[a-z_]+\.(?:py|sh))\b", makefile)
    assert len(started) >= 5
    assert [name for name in started if not (repository / name).is_file()] == []


def test_every_target_that_needs_the_environment_makes_it(makefile: str) -> None:
    rules = re.findall(r"^([a-z]+):(.*?)##.*\n((?:\t.*\n?)*)", makefile, re.MULTILINE)
    assert {name for name, _, _ in rules} >= set(TARGETS)
    lacking = [name for name, needs, recipe in rules if "$(BIN)" in recipe and "$(READY)" not in needs]
    assert not lacking


def test_check_contains_test_and_the_workflow_says_the_same(repository: Path, makefile: str) -> None:
    parts = _parts_of_check(makefile)
    assert "test" in parts
    workflow = yaml.safe_load((repository / ".github" / "workflows" / "ci.yaml").read_text(encoding="utf-8"))
    runs = [step["run"] for step in workflow["jobs"]["check"]["steps"] if "run" in step]
    assert runs == ["make setup", *(f"make {part}" for part in parts)]


def test_the_workflow_pins_what_it_uses(repository: Path) -> None:
    text = (repository / ".github" / "workflows" / "ci.yaml").read_text(encoding="utf-8")
    uses = re.findall(r"uses: (\S+)", text)
    assert uses
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+@v\d+", name) for name in uses)


def test_ci_runs_check(repository: Path) -> None:
    script = repository / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert re.search(r"^make .*\bcheck$", script.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("name", [".ci/run", "tools/setup.sh", "tools/lock.sh"])
def test_scripts_parse(repository: Path, name: str) -> None:
    result = subprocess.run(
        ["bash", "-n", name], cwd=repository, capture_output=True, text=True, check=False, timeout=30
    )
    assert result.returncode == 0, result.stderr


def test_a_contributor_reads_the_words_of_check(repository: Path, makefile: str) -> None:
    guide = (repository / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert ", ".join(_parts_of_check(makefile)) in guide


def test_markers_are_those_that_the_tests_know(repository: Path, request: pytest.FixtureRequest) -> None:
    declared = {line.split(":")[0] for line in request.config.getini("markers")}
    assert {"shared", "gpu", "isaac", "secrets", "slow"} <= declared
    used = {
        name
        for path in (repository / "tests").rglob("*.py")
        for name in re.findall(r"pytest\.mark\.(\w+)", path.read_text(encoding="utf-8"))
    }
    assert (
        used - declared - {"parametrize", "skip", "skipif", "xfail", "usefixtures", "filterwarnings", "timeout"}
        == set()
    )
