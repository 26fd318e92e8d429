"""The fuzzer: one seed gives one damage, what must not happen is counted, and a small campaign finds nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fuzzing import campaign
from fuzzing.campaign import Tally, plan, run
from fuzzing.mutations import mutate

CASES = 200


def test_readers_survive_damaged_scans(tmp_path: Path) -> None:
    tally = run(plan(tmp_path, 20), range(CASES), 1)
    figures = tally.summary()
    assert figures["findings"] == []
    assert figures["cases"] == figures["read"] + figures["typed_errors"] == CASES
    assert figures["read"] > CASES / 10
    assert figures["typed_errors"] > CASES / 10
    assert set(figures["by_format"]) == {"regen3d", "simple_layout", "sam3d", "plain_folder", "usd_scene"}
    assert 0 < figures["peak_memory_mib"] < 2048
    assert list((tmp_path / "cases").iterdir()) == []


def test_the_same_seed_damages_the_same_bytes(tmp_path: Path) -> None:
    first, again, other = (plan(tmp_path / name, seed) for name, seed in (("a", 3), ("b", 3), ("c", 4)))
    scans = [
        {number: _content(campaign.case_folder(number)[1]) for number in range(8)} for campaign in (first, again, other)
    ]
    assert scans[0] == scans[1]
    assert scans[0] != scans[2]


def _content(folder: Path) -> dict[str, bytes]:
    # USD's text and crate files are the same for the same program; other seeds hold no times either.
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_damage_is_done(tmp_path: Path) -> None:
    planned = plan(tmp_path, 1)
    rng = np.random.default_rng(1)
    for name, path in planned.targets:
        content = path.read_bytes()
        damaged = [mutate(content, path.suffix, content, rng) for _ in range(10)]
        assert sum(each != content for each in damaged) >= 7, name


@pytest.mark.parametrize(
    ("answer", "real", "kind"),
    [
        ({"kind": "read", "detail": ""}, {}, ""),
        ({"kind": "refused", "detail": "a.glb: is empty"}, {}, ""),
        ({"kind": "crash", "detail": "Traceback"}, {}, "crash"),
        ({"kind": "read", "detail": "", "peak": 3 << 30}, {}, "memory"),
        ({"kind": "hang", "detail": ""}, {"kind": "hang", "detail": ""}, "hang"),
        ({"kind": "hang", "detail": ""}, {"kind": "read", "detail": ""}, ""),
        ({"kind": "ended", "detail": "in the product"}, {}, "crash"),
        ({"kind": "ended", "detail": "in the child"}, {"kind": "objects refused", "detail": ""}, ""),
        ({"kind": "ended", "detail": "in the child"}, {"kind": "crash", "detail": "Traceback"}, "crash"),
    ],
)
def test_what_must_not_happen_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], real: dict[str, Any], kind: str
) -> None:
    scan = tmp_path / "scan"
    scan.mkdir()
    monkeypatch.setattr(campaign, "_with_real_child", lambda name, folder: real)
    tally = Tally()
    campaign._judge(tally, 7, "regen3d", scan, answer, tmp_path / "keep")
    assert [finding["kind"] for finding in tally.findings] == ([kind] if kind else [])
    assert (tmp_path / "keep" / "7").is_dir() == bool(kind)
    assert tally.cases == 1
