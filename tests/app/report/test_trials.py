"""The report's trials: engine beside engine, faults first, one plot per kind, nothing where nothing was tried."""

from dataclasses import replace

import pytest

from blueprint.pipeline.app.figures import NOT_MEASURED
from blueprint.pipeline.app.report.trials import describe_trials
from blueprint.pipeline.scene.proofs import HOLDS, Difference, EngineRun, Measure, Proof, Trace, Trial


def rest(engine: str, prop: str, drift_m: float, said: str = HOLDS) -> Trial:
    """Return a trial of rest."""
    measures = (Measure("drift", drift_m, "m"), Measure("turn", 0.01, "rad"), Measure("penetration", None, "m"))
    trace = Trace("drift", "m", "s", (0.0, 2.5, 5.0), (0.0, drift_m, drift_m))
    return Trial("rest", prop, engine, said, measures, (trace,))


def push(engine: str, force_n: float, steps: int) -> Trial:
    """Return a push that ends after some steps."""
    over = tuple(0.1 * step for step in range(steps))
    measures = (Measure("break-away force", force_n, "N"), Measure("expected force", 2.0, "N"))
    return Trial("push", "mug", engine, HOLDS, measures, (Trace("path", "m", "N", over, over),), "slides")


@pytest.fixture
def proof() -> Proof:
    trials = (
        rest("mujoco", "mug", 0.0001),
        rest("mujoco", "can", 0.0002),
        push("mujoco", 1.9, 8),
        rest("physx", "mug", 0.0003),
        rest("physx", "can", 0.007, "can moved 7.00 mm in 5 s"),
        push("physx", 2.1, 11),
    )
    differences = (
        Difference("rest", "mug", "rest position", "m", None, None, 0.0002, 0.003),
        Difference("rest", "can", "rest position", "m", None, None, 0.0068, 0.003),
        Difference("push", "mug", "break-away force", "N", 1.9, 2.1, 0.2),
    )
    runs = (EngineRun("mujoco", "3.17.0", "ran"), EngineRun("physx", "0.7.0", "ran"))
    return Proof("kitchen", runs, trials, differences)


def test_two_engines_stand_side_by_side(proof: Proof) -> None:
    section = describe_trials(proof)
    assert section is not None
    assert (section.title, section.order) == ("Two engines", "MuJoCo / PhysX")
    assert section.engines == ("MuJoCo 3.17.0 ran", "PhysX 0.7.0 ran")
    alone, pushed = section.blocks
    first, second = alone.rows
    assert (first.subject, first.state) == ("can", "failed")
    assert first.why == "PhysX: can moved 7.00 mm in 5 s"
    assert first.cells[0] == "0.20 mm / 7.00 mm"
    assert first.cells[1] == "0.57° / 0.57°"
    assert first.cells[2] == f"{NOT_MEASURED} / {NOT_MEASURED}"
    assert first.cells[3] == "6.80 mm (too far)"
    assert (second.subject, second.cells[3], second.cells[4]) == ("mug", "0.20 mm", NOT_MEASURED)
    assert pushed.rows[0].cells == ("1.9 N / 2.1 N", "2 N", f"{NOT_MEASURED} / {NOT_MEASURED}", "0.2 N")


def test_plots_show_both_engines_of_the_most_telling_prop(proof: Proof) -> None:
    section = describe_trials(proof)
    assert section is not None
    drift, path = (str(block.plot) for block in section.blocks)
    assert "Drift, can" in drift
    assert drift.count('class="line"') == 2
    assert "MuJoCo" in drift
    assert "1 N" in path
    assert "0.5 s" not in path


def test_one_engine_alone_has_no_differences(proof: Proof) -> None:
    runs = (proof.engines[0], EngineRun("physx", "", "not asked for", "no interpreter is named"))
    only = tuple(trial for trial in proof.trials if trial.engine == "mujoco")
    section = describe_trials(replace(proof, engines=runs, trials=only, differences=()))
    assert section is not None
    assert section.title == "Trials"
    assert section.engines[1] == "PhysX not asked for: no interpreter is named"
    assert section.blocks[0].rows[0].cells == ("0.10 mm", "0.57°", NOT_MEASURED)
    assert not any("Apart" in head for block in section.blocks for head in block.heads)


def test_nothing_tried_is_no_section(proof: Proof) -> None:
    assert describe_trials(replace(proof, trials=())) is None


def test_names_cannot_break_out_of_a_plot(proof: Proof) -> None:
    evil = tuple(replace(trial, subject="<script>") for trial in proof.trials)
    section = describe_trials(replace(proof, trials=evil))
    assert section is not None
    assert "<script>" not in str(section.blocks[0].plot)
