"""A gate passes on its number alone: neither absence nor a value that is no number passes, in either direction."""

import pytest

from blueprint.pipeline.certify.gates import Gate, Gates, judge, load_gates
from blueprint.pipeline.resources import resource_path

LEAST = Gate(figure="share", at_least=0.8, meaning="a share")
MOST = Gate(figure="share", at_most=0.8, meaning="a share")


def passes(gate: Gate, figures: dict[str, float]) -> bool:
    (result,) = judge(Gates(format="blueprint.gates", version=1, gates=(gate,)), figures)
    return result.passed


@pytest.mark.parametrize("gate", [LEAST, MOST])
@pytest.mark.parametrize("figures", [{}, {"other": 0.8}, {"share": float("nan")}])
def test_what_was_not_measured_does_not_pass(gate: Gate, figures: dict[str, float]) -> None:
    assert not passes(gate, figures)


def test_the_limit_itself_passes_and_what_lies_beyond_does_not() -> None:
    assert passes(LEAST, {"share": 0.8})
    assert not passes(LEAST, {"share": 0.79})
    assert passes(MOST, {"share": 0.8})
    assert not passes(MOST, {"share": 0.81})


def test_no_shipped_gate_passes_without_a_figure() -> None:
    results = judge(load_gates(resource_path("config", "gates.yaml")), {})
    assert len(results) >= 7
    assert not any(result.passed for result in results)
    assert all("not measured" in result.sentence() for result in results)
