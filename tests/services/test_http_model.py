"""The client of a model service: the whole way, and every way in which a service can fail it."""

from pathlib import Path

import pytest
from tests.services.stand_in import TOKEN, StandIn, body, break_off, serving, status

from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.services.addresses import check_address
from blueprint.pipeline.services.failures import ServiceFailed, ServiceRefused
from blueprint.pipeline.services.http_model import HttpModel
from blueprint.pipeline.services.patience import Clock
from blueprint.pipeline.services.secrets import Secret


def ask(stand_in: StandIn, folder: Path, *, deadline_s: float = 10.0, max_bytes: int = 1 << 20) -> list[Progress]:
    source = folder / "photo.png"
    source.write_bytes(b"picture")
    clock = Clock(sleep=lambda _: None)
    with (
        serving(stand_in),
        HttpModel("model", check_address("model", stand_in.url), Secret(TOKEN), clock=clock) as model,
    ):
        model.health(5.0)
        return list(model.produce(source, {"prompts": "mug"}, folder / "result", deadline_s, max_bytes))


def test_a_file_goes_and_a_result_comes_back(tmp_path: Path) -> None:
    stand_in = StandIn()
    progress = ask(stand_in, tmp_path)
    assert (tmp_path / "result").read_bytes() == stand_in.result
    assert [event.fraction for event in progress] == [0.5, 0.5]
    assert b'name="file"; filename="photo.png"' in stand_in.received
    assert b"picture" in stand_in.received
    assert b"mug" in stand_in.received
    assert stand_in.authorization == f"Bearer {TOKEN}"
    assert stand_in.asked[-1] == "DELETE /v1/runs/a1"


@pytest.mark.parametrize(
    ("what", "answer", "message"),
    [
        ("GET /health", body(b'{"status": "loading"}'), "not healthy"),
        ("GET /health", body(b"[]"), "no object"),
        ("GET /health", body(b'{"a":' * 100 + b"1" + b"}" * 100), "nested deeper than 32"),
        ("GET /health", body(b'"' + b"x" * (2 << 20) + b'"'), "at most 1048576"),
        ("GET /health", body(b"{}", Content_Encoding="gzip"), "encoding 'gzip'"),
        ("GET /health", status(302, Location="http://169.254.169.254/"), r"redirects \(status 302\)"),
        ("GET /health", status(500), "status 500"),
        ("POST /v1/runs", body(b'{"id": "../../x"}'), "no id of letters and digits"),
        ("POST /v1/runs", body('{"id": "é2"}'.encode()), "no id of letters and digits"),
        ("GET /v1/runs/a1", body(b'{"state": "failed", "message": "out of memory"}'), "out of memory"),
        ("GET /v1/runs/a1", body(b'{"state": "dancing"}'), "unknown state 'dancing'"),
        ("GET /v1/runs/a1/result", body(b"x" * (2 << 20)), "more than the 1 MB"),
        ("GET /v1/runs/a1/result", break_off(1000), "broke off|sent 1 of 1000"),
    ],
)
def test_what_it_must_not_answer_is_a_typed_error(tmp_path: Path, what: str, answer: object, message: str) -> None:
    with pytest.raises(ServiceFailed, match=rf"model: .*{message}") as caught:
        ask(StandIn(answers={what: [answer]}), tmp_path)  # type: ignore[list-item]
    assert TOKEN not in str(caught.value)


def test_a_wait_in_other_numerals_is_no_wait(tmp_path: Path) -> None:
    stand_in = StandIn()
    stand_in.answers["GET /health"] = [
        status(503, Retry_After="\u00b2"),
        lambda handler: handler.say({"status": "ok"}),
    ]
    assert ask(stand_in, tmp_path)


def test_a_wrong_token_is_refused_and_not_asked_again(tmp_path: Path) -> None:
    stand_in = StandIn(answers={"GET /health": [status(401)]})
    with pytest.raises(ServiceRefused, match="does not accept the token"):
        ask(stand_in, tmp_path)
    assert stand_in.asked == ["GET /health"]


def test_work_that_never_ends_ends_at_the_deadline(tmp_path: Path) -> None:
    with pytest.raises(ServiceFailed, match=r"not done within its deadline of 0\.5 s"):
        ask(StandIn(polls_until_done=10**6), tmp_path, deadline_s=0.5)
