"""S10: what a sample or an engine without physics has made is never more than test data, and says so first."""

from pathlib import Path

import pytest
from tests.datasets import make_dataset

from blueprint.pipeline.app.report.page import render_report
from blueprint.pipeline.app.runs import RunFolder, stage_entry
from blueprint.pipeline.app.summaries.dataset import summarise_dataset
from blueprint.pipeline.certify.stage import CertifySettings
from blueprint.pipeline.certify.verify import verify_dataset
from blueprint.pipeline.engine.run import RunState
from blueprint.pipeline.errors import CheckFailed


def first_page(root: Path, state: RunState) -> str:
    """Return what stands above the first section of the report of a run that made a dataset."""
    folder = RunFolder(root)
    stages = {name: stage_entry(record) for name, record in state.records.items()}
    run = {"run_id": "0", "pipeline": "tabletop", "production": False, "recipe": {}, "stages": stages}
    folder.save({**run, "succeeded": True, "message": ""})
    first, section, _ = render_report(folder).partition("<section")
    assert section, "the report has sections"
    return first


def test_a_sample_certifies_as_test_data_and_the_first_page_says_so(tmp_path: Path) -> None:
    root, state = make_dataset(tmp_path, sample=True)
    assert verify_dataset(root).grade == "test data"
    assert ("because", "the scan is a generated sample") in summarise_dataset(root).rows
    page = first_page(tmp_path, state)
    assert "test data" in page
    assert "the scan is a generated sample" in page


def test_production_refuses_a_sample(tmp_path: Path) -> None:
    with pytest.raises(
        CheckFailed, match=r"production: 0 \(grade 'certified'\) FAILED; the scan is a generated sample"
    ):
        make_dataset(tmp_path, sample=True, certify_settings=CertifySettings(production=True))


def test_production_takes_what_is_real(tmp_path: Path) -> None:
    root, _ = make_dataset(tmp_path, certify_settings=CertifySettings(production=True))
    assert verify_dataset(root).grade == "certified"


def test_an_engine_without_physics_passes_no_gate_of_physics(tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match=r"physics_validated_share: 0  ?\(>= 1\) FAILED"):
        make_dataset(tmp_path / "strict", engine="null")
    lenient = CertifySettings(fail_below_gates=False)
    root, _ = make_dataset(tmp_path / "lenient", engine="null", certify_settings=lenient)
    assert verify_dataset(root).grade == "not certified"
    reasons = [words for name, words in summarise_dataset(root).rows if name == "because"]
    assert reasons == ["engine 'null' computes no physics"]


def test_physics_without_contacts_is_not_believed(tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="physics_validated_share: 0"):
        make_dataset(tmp_path, contacts=False)
