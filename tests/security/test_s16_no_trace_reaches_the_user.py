"""S16: whatever goes wrong, through any command, people read sentences: no stack trace, no folder of the machine."""

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.formats.tiny_scans import write_run, write_simple
from tests.workplaces import RECIPE, Done, blueprint, finish

TRACE = re.compile(r"Traceback|File \"|line \d+, in ")
FOLDERS = re.compile(r"(?<![\w.:/])/(?:tmp|root|home|usr|proc|var|work|mnt)\b")


def check_public(text: str, place: Path) -> None:
    """Nothing in a text is for the machine's owner alone."""
    assert not TRACE.search(text), text
    assert str(place) not in text, text
    assert not FOLDERS.search(text), text


def run_ingest(source: Path, *flags: str) -> Done:
    return blueprint(
        "run", RECIPE, "--ingest.source", source, "--out", "run", "--until", "ingest", "--face", "plain", *flags,
        folder=source.parent,
    )  # fmt: skip


def empty_meshes(folder: Path) -> Path:
    for path in write_run(folder).rglob("*.glb"):
        path.write_bytes(b"")
    return folder


def huge(folder: Path) -> Path:
    return write_simple(folder, metres_per_unit=100.0)


def nothing(folder: Path) -> Path:
    (folder / "holiday").mkdir(parents=True)
    (folder / "beach.jpg").write_bytes(b"x")
    return folder


BAD_SCANS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "no scan": (nothing, r"is no scan\. Looked for .*glb/.*scene_info\.json.* Found beach\.jpg, holiday/"),
    "empty meshes": (empty_meshes, r"no usable object is left.*\n.*mug.*0 bytes"),
    "a mistaken unit": (huge, r"unit is mistaken.*times larger than is usual.*meters_per_unit"),
}


@pytest.mark.parametrize("kind", BAD_SCANS)
def test_a_bad_scan_is_said_in_sentences_and_leaves_no_trace(tmp_path: Path, kind: str) -> None:
    make, said = BAD_SCANS[kind]
    done = run_ingest(make(tmp_path / "scan"))
    assert done.code == 2
    assert re.search(said, done.errors, re.DOTALL), done.errors
    check_public(done.errors + done.output, tmp_path)
    out = tmp_path / "run"
    for name in ("failure.json", "run.json", "events.jsonl", "report.html"):
        check_public((out / name).read_text(), tmp_path)
    failure = json.loads((out / "failure.json").read_bytes())
    assert failure["stage"] == "ingest"
    assert "Traceback" in (out / "logs" / "failure.log").read_text()


BROKEN = """
import sys
from blueprint.pipeline.formats import table
def broken(folder):
    open("/proc/self/does/not/exist")
for form in table.FORMATS.values():
    object.__setattr__(form, "read", broken)
from blueprint.pipeline.cli import main
sys.exit(main())
"""


def test_an_unexpected_error_of_a_run_is_one_sentence_and_its_trace_is_in_the_log(tmp_path: Path) -> None:
    write_simple(tmp_path / "scan")
    arguments = ["--ingest.source", "scan", "--out", "run", "--run.executor", "inline", "--until", "ingest"]
    done = finish([sys.executable, "-c", BROKEN, "run", str(RECIPE), *arguments], folder=tmp_path)
    assert done.code == 1
    assert "FileNotFoundError" in done.errors
    check_public(done.errors + (tmp_path / "run" / "failure.json").read_text(), tmp_path)
    assert "in broken" in (tmp_path / "run" / "logs" / "failure.log").read_text()


def test_an_unexpected_error_outside_a_run_is_one_sentence_and_its_trace_is_kept_at_home(tmp_path: Path) -> None:
    write_simple(tmp_path / "scan")
    home = {"HOME": str(tmp_path / "home")}
    done = finish([sys.executable, "-c", BROKEN, "show", "scan"], folder=tmp_path, more=home)
    assert done.code == 1
    assert "its trace is in ~/.local/state/blueprint/fault.log" in done.errors
    check_public(done.errors, tmp_path)
    assert "in broken" in (tmp_path / "home/.local/state/blueprint/fault.log").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "nowhere"], "nowhere: does not exist"),
        (["show", "."], "is nothing that is known"),
        (["verify", "nowhere"], "is no dataset.*no such folder"),
        (["verify", "."], r"is no dataset: it holds no meta/info\.json. Found file\.txt, recipe\.yaml"),
        (["gc", "nowhere"], r"holds no run\.json"),
        (["plan", "nowhere.yaml"], r"nowhere\.yaml: cannot be read: No such file"),
        (["run", "file.txt"], "a recipe is a mapping of sections"),
        (["run", "recipe.yaml", "--until", "ingets"], "unknown stage 'ingets'; did you mean 'ingest'"),
        (["run", "recipe.yaml", "--out", "file.txt"], "file.txt cannot be the output folder: File exists"),
        (["run", "recipe.yaml", "--out", "file.txt/x"], "x cannot be the output folder: Not a directory"),
        (
            ["run", "recipe.yaml", "--out", "taken"],
            "taken cannot be the output folder: it holds dataset/, which",
        ),
        (["run", "recipe.yaml", "--out", "fresh", "--until", "ingest"], r"ingest\.source: is not set"),
        (["run", "recipe.yaml", "--generate.episods", "3"], r"generate\.episodes"),
        (["run", "recipe.yaml", "--generate.episodes", "many"], "invalid literal for int"),
        (["run", "recipe.yaml", "--generate.episodes", "0"], "greater than or equal to 1"),
        (["walk"], "unknown command 'walk'"),
    ],
)
def test_every_command_refuses_in_sentences_and_writes_nothing(tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "file.txt").write_text("a text")
    shutil.copy(RECIPE, tmp_path / "recipe.yaml")
    done = blueprint(*arguments, folder=tmp_path) if "taken" not in arguments else _taken(tmp_path, arguments)
    assert done.code == 2
    assert re.search(said, " ".join(done.errors.split())), done.errors
    check_public(done.errors + done.output, tmp_path)
    assert (tmp_path / "file.txt").read_text() == "a text"
    left = {path.name for path in tmp_path.iterdir()} - {"file.txt", "recipe.yaml", "taken", "fresh"}
    assert left == set()


def _taken(folder: Path, arguments: list[str]) -> Done:
    """Run into a folder in which somebody keeps a dataset of his own."""
    own = folder / "taken" / "dataset" / "thesis.csv"
    own.parent.mkdir(parents=True)
    own.write_text("years of work")
    done = blueprint(*arguments, folder=folder)
    assert own.read_text() == "years of work"
    return done
