"""Flags of `blueprint run`."""

import pytest

from blueprint.pipeline.cli.run import written_out


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (["--executor", "ray", "--out", "runs/mine"], ["--run.executor", "ray", "--out", "runs/mine"]),
        (["--executor=ray", "--workers=2"], ["--run.executor=ray", "--run.workers=2"]),
        (["--run.workers", "2"], ["--run.workers", "2"]),
        (["--ingest.source", "scan=a"], ["--ingest.source", "scan=a"]),
        ([], []),
    ],
)
def test_short_flags_stand_for_fields_of_the_recipe(typed: list[str], meant: list[str]) -> None:
    assert written_out(typed) == meant
