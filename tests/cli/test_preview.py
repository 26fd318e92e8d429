"""`blueprint preview` from the command line."""

import json
from pathlib import Path

import cv2
import pytest
import yaml
from tests.usd.kitchenette_scene import write_kitchenette

from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.cli import main
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.sims import compile_scene


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has got as far as its scene."""
    root = tmp_path_factory.mktemp("run")
    folder = RunFolder(root)
    record = Assembled(folder.store.records / "scene")
    manifest = write_kitchenette(record.folder)
    save(record.folder / Assembled.MANIFEST, manifest)
    compile_scene(record.usd_path, record.model_folder, manifest)
    # An older program wrote fields that are no settings any more.
    settings = {"seed": 9, "original_first": False, "poses": {"shift_m": 0.1}}
    folder.save({"stages": {"assemble": {"key": "scene"}}, "recipe": {"randomize": settings}})
    return root


def test_a_runs_variants_become_a_sheet(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "sheet.png"
    before = sorted(path.relative_to(run) for path in run.rglob("*"))
    assert main(["preview", str(run), "--variants", "3", "--out", str(out)]) == 0
    assert cv2.imread(str(out)).shape == (256 + 28 + 6, 3 * 262 + 6, 3)
    said = capsys.readouterr().out
    assert said.startswith("3 variants by the policy 'mild' (the run has drawn none yet; `blueprint preview RECIPE")
    assert said.endswith(f": {out}\n")
    assert sorted(path.relative_to(run) for path in run.rglob("*")) == before


def test_a_recipes_settings_another_policy_and_isaac_labs_terms(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe, policy, events = (tmp_path / name for name in ("own.yaml", "dim.yaml", "events.yaml"))
    recipe.write_text("format: blueprint.recipe\nversion: 1\nrandomize:\n  seed: 4\n  policy: dim.yaml\n")
    heavy = {"vary": "mass", "values": {"uniform": [1, 2]}}
    policy.write_text(
        json.dumps({"format": "blueprint.randomization", "version": 1, "name": "dim", "factors": {"h": heavy}})
    )
    flags = ["--run", str(run), "--variants", "2", "--out", str(tmp_path / "a.png"), "--isaaclab", str(events)]
    assert main(["preview", str(recipe), *flags]) == 0
    assert "by the policy 'dim'" in capsys.readouterr().out
    assert set(yaml.safe_load(events.read_text())["events"]) == {"h_cracker_box", "h_tea_box", "h_can", "h_ell"}


@pytest.mark.parametrize(
    ("flags", "fault"),
    [(["--policy", "wild"], "Known: mild, off, strong"), (["--camera", "top"], "Known: side, wrist")],
)
def test_what_cannot_be_drawn(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str], fault: str
) -> None:
    assert main(["preview", str(run), "--out", str(tmp_path / "a.png"), *flags]) == 2
    assert fault in capsys.readouterr().err
    assert not (tmp_path / "a.png").exists()
