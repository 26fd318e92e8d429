"""What to look at first: what went wrong before what is doubtful, and nothing that a person decided."""

from dataclasses import replace

import pytest
from tests.app.small_run import CABINET, MUG, SmallRun

from blueprint.pipeline.app import attention
from blueprint.pipeline.app.attention import (
    WHOLE_SCENE,
    Concern,
    collect_remarks,
    list_extremes,
    worst_object,
    worst_remark,
)
from blueprint.pipeline.app.corrections import CorrectionBook
from blueprint.pipeline.app.run_records import RunRecords
from blueprint.pipeline.app.scene_facts import SceneFacts
from blueprint.pipeline.scene.corrections import CORRECTIONS_FILE, Correction
from blueprint.pipeline.scene.proofs import AssetState, Difference, EngineRun, Proof, Trial
from blueprint.pipeline.scene.records import Proven


@pytest.fixture
def records(small_run: SmallRun) -> RunRecords:
    return RunRecords(small_run.folder)


def with_proof(monkeypatch: pytest.MonkeyPatch, records: RunRecords, proof: Proof) -> RunRecords:
    """Let a run say that a proof was made."""
    proven = Proven(records.folder.root)
    monkeypatch.setattr(Proven, "proof", proof)
    records.by_stage["prove"] = proven
    monkeypatch.setattr(Proven, "checks", ())
    return records


def sweep(engine: str, outcome: str) -> Trial:
    return Trial("sweep", f"{CABINET}/door", engine, outcome, ())


PROOF = Proof("small", (EngineRun("mujoco", "1", "ran"),), (), ())


def test_what_went_wrong_comes_before_what_is_unsure(records: RunRecords, monkeypatch: pytest.MonkeyPatch) -> None:
    trials = (sweep("mujoco", "the door stops at 3 deg"), sweep("physx", "the door stops at 4 deg and more"))
    with_proof(monkeypatch, records, replace(PROOF, trials=trials))
    facts = SceneFacts(records)
    remarks = collect_remarks(records, facts)
    wrong = [each for each in remarks if each.subject == CABINET and each.text.startswith("fails with")]
    assert [each.text for each in wrong] == ["fails with its joint driven: the door stops at 4 deg and more"]
    assert wrong[0].fix.startswith("--joint door --axis")
    worst = worst_object(facts, remarks)
    assert worst is not None
    assert worst.prop.id == CABINET
    concerns = [each.concern for each in remarks if each.subject == CABINET]
    assert concerns == sorted(concerns, reverse=True)


def test_a_joint_that_something_else_stops_is_not_to_be_corrected(
    records: RunRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_proof(monkeypatch, records, replace(PROOF, trials=(sweep("mujoco", "stops; room/pedestal touches it"),)))
    (remark,) = [each for each in collect_remarks(records, SceneFacts(records)) if "joint driven" in each.text]
    assert remark.fix == ""


def test_a_refused_asset_a_failed_engine_and_a_disagreement_are_told(
    records: RunRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = AssetState(MUG, "Robotics-Prop", "4.0.0", "fails", "validator 1", ("NP.008: no file", "NP.009: no name"))
    apart = Difference("rest", MUG, "rest position", "m", 0.0, 0.01, 0.01, 0.003)
    engine = EngineRun("physx", "", "failed", "it died")
    proof = replace(PROOF, engines=(engine,), assets=(state,), differences=(apart,))
    remarks = collect_remarks(with_proof(monkeypatch, records, proof), SceneFacts(records))
    of_mug = [each.text for each in remarks if each.subject == MUG]
    assert "fails Robotics-Prop 4.0.0: NP.008: no file and 1 finding more" in of_mug
    assert f"the engines are 0.01 m apart in rest position ({MUG}), 0.003 m allowed" in of_mug
    assert remarks[-1].subject == WHOLE_SCENE
    assert any("physx could not be made: it died" in each.text for each in remarks if each.subject == WHOLE_SCENE)


def test_what_is_less_sure_than_not_is_told_with_the_flag_that_settles_it(
    records: RunRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "LEAST_SURE", 1.01)
    facts = SceneFacts(records)
    fixes = {each.fix.split()[0] for each in collect_remarks(records, facts) if each.fix}
    assert {"--mass-kg", "--material", "--category", "--joint"} <= fixes
    monkeypatch.setattr(attention, "LEAST_SURE", 0.0)
    assert not [each for each in collect_remarks(records, facts) if each.concern is Concern.UNSURE and each.fix]


def test_what_a_person_took_out_is_nothing_to_look_at(other_run: SmallRun) -> None:
    records = RunRecords(other_run.folder)
    facts = SceneFacts(records)
    lost = facts.left_out[0].id
    assert any(each.subject == lost for each in collect_remarks(records, facts))
    CorrectionBook(other_run.folder.root / CORRECTIONS_FILE).add(Correction(object=lost, delete=True))
    assert not any(each.text.startswith("left out") for each in collect_remarks(records, facts) if each.subject == lost)


def test_the_extremes_name_the_objects(records: RunRecords) -> None:
    found = {each.name: each for each in list_extremes(SceneFacts(records))}
    assert found["Least sure joint"].subject == f"{CABINET}/door"
    assert found["Least sure mass"].figure.endswith(" %")


def test_one_line_says_where_to_begin(small_run: SmallRun) -> None:
    records = RunRecords(small_run.folder)
    remarks = collect_remarks(records, SceneFacts(records))
    said = worst_remark(small_run.folder)
    assert remarks[0].text in said
    assert said.endswith(f"({len(remarks) - 1} remarks more)")
