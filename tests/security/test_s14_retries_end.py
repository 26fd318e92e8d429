"""S14: a service is asked again as it says, within a budget; what never answers ends; the circuit opens and closes."""

from pathlib import Path

import pytest
from tests.services.stand_in import StandIn, body, hang, serving, status

from blueprint.pipeline.services.addresses import check_address
from blueprint.pipeline.services.failures import ServiceFailed
from blueprint.pipeline.services.http_model import HttpModel
from blueprint.pipeline.services.patience import Budget, Circuit, Clock


class FakeTime:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now_s, self.slept = 0.0, list[float]()

    def clock(self) -> Clock:
        return Clock(now=lambda: self.now_s, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


def health(stand_in: StandIn, time: FakeTime | None, deadline_s: float) -> dict[str, object]:
    clock = time.clock() if time else Clock()
    with serving(stand_in), HttpModel("model", check_address("model", stand_in.url), None, clock=clock) as model:
        return model.health(deadline_s)


def test_it_waits_as_long_as_it_is_told(tmp_path: Path) -> None:
    time = FakeTime()
    ok = body(b'{"status": "ok"}')
    assert health(StandIn(answers={"GET /health": [status(429, Retry_After="7"), ok]}), time, 60.0) == {"status": "ok"}
    assert time.slept == [7.0]


def test_a_wait_beyond_the_budget_fails_at_once_and_says_so() -> None:
    time = FakeTime()
    stand_in = StandIn(answers={"GET /health": [status(429, Retry_After="600")]})
    with pytest.raises(ServiceFailed, match=r"is busy \(status 429\); it asks to wait 600 s and 60 s of 60 s are left"):
        health(stand_in, time, 60.0)
    assert time.slept == []


def test_503_for_ever_opens_the_circuit() -> None:
    stand_in = StandIn(answers={"GET /health": [status(503)]})
    with pytest.raises(ServiceFailed, match="failed 5 times in a row and is not asked again for 52 s"):
        health(stand_in, FakeTime(), 600.0)
    assert len(stand_in.asked) == 5


def test_a_service_that_hangs_costs_no_more_than_the_deadline() -> None:
    with pytest.raises(ServiceFailed, match=r"model: (cannot be reached|not done within)"):
        health(StandIn(answers={"GET /health": [hang(5.0)]}), None, 0.5)


def test_a_closed_port_is_no_answer() -> None:
    model = HttpModel("model", check_address("model", "http://127.0.0.1:9"), None, clock=FakeTime().clock())
    with model, pytest.raises(ServiceFailed, match=r"cannot be reached|failed 5 times"):
        model.health(5.0)


def test_the_circuit_lets_one_try_after_its_rest_and_closes_on_success() -> None:
    time = FakeTime()
    circuit = Circuit("model", failures_to_open=2, rest_s=10.0, clock=time.clock())
    circuit.record(success=False)
    circuit.check()
    circuit.record(success=False)
    with pytest.raises(ServiceFailed):
        circuit.check()
    time.sleep(10.0)
    circuit.check()
    circuit.record(success=False)
    assert circuit.open
    time.sleep(10.0)
    circuit.check()
    circuit.record(success=True)
    circuit.record(success=False)
    assert not circuit.open


def test_a_budget_that_is_spent_is_a_typed_error() -> None:
    time = FakeTime()
    budget = Budget("model", 5.0, time.clock())
    assert budget.spend(3.0) == 3.0
    budget.pause(4.0)
    assert budget.spend(3.0) == 1.0
    with pytest.raises(ServiceFailed, match="not done within its deadline of 5 s"):
        budget.pause(9.0)
    assert time.slept == [4.0, 1.0]
