"""Scaling is read from the events of two runs: start-up and the last one's wait are no part of it."""

from typing import Any

import pytest
from benchmarks.figures import NotMeasured
from benchmarks.measures.scaling import Batch, compared, read_batch


def _finished(number: int, elapsed_s: float, *, reused: bool = False) -> dict[str, Any]:
    item = f"episode_{number:04d}"
    return {"event": "ItemFinished", "stage": "generate", "item": item, "elapsed_s": elapsed_s, "reused": reused}


def test_start_up_and_the_tail_leave_the_speed_up_as_it_is() -> None:
    one = Batch(1, [(number, 30.0 + number) for number in range(12)])
    # Two workers, each of which takes 1.25 s: 1.6 times one. The last is alone, after a start of a minute.
    two = Batch(2, [(number, 60.0 + 1.25 * (number // 2)) for number in range(11)] + [(11, 200.0)])
    speed_up, rate, start = compared("state-only", one, two)
    assert speed_up.value == pytest.approx(1.6)
    assert rate.value == pytest.approx(96.0)
    assert rate.ratio == pytest.approx(1.6)
    assert (start.value, start.reference and start.reference.value) == (60.0, 30.0)


def test_an_attempt_begins_when_its_worker_has_finished_one() -> None:
    batch = Batch(2, [(1, 4.0), (2, 6.0), (0, 7.0), (4, 8.0), (3, 9.0)])
    assert batch.durations_s() == {2: 2.0, 3: 3.0, 4: 1.0}


def test_only_attempts_that_were_made_count() -> None:
    events = [_finished(0, 1.0), _finished(1, 2.0)]
    assert read_batch(events, 1, 2).finished_s == [(0, 1.0), (1, 2.0)]
    with pytest.raises(NotMeasured, match="did not make its 3 attempts anew"):
        read_batch(events, 1, 3)
    with pytest.raises(NotMeasured, match="anew"):
        read_batch([*events, _finished(2, 3.0, reused=True)], 1, 3)
    warned = {"event": "Warned", "stage": "generate", "message": "its process died; it is tried again"}
    with pytest.raises(NotMeasured, match="tried again: its process died"):
        read_batch([*events, warned], 1, 2)
