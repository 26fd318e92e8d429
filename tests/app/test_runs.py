"""A published scene says beside each asset on which day it was made; its record does not."""

import json
import os
from pathlib import Path

from tests.usd.kitchenette_scene import write_kitchenette

from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.scene.records import Assembled

NOON_S = 1_795_176_000


def test_assets_are_dated_when_they_are_published(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    record = folder.store.records / "assembled"
    record.mkdir(parents=True)
    write_kitchenette(record)
    (record / "record.json").write_text("{}")
    os.utime(record / "record.json", (NOON_S, NOON_S))
    before = digest_files(record)
    folder.publish({"assemble": Assembled(record)})
    sidecar = folder.scene / "assets" / "can" / "simready_usd" / "can.json"
    assert json.loads(sidecar.read_text()) == {"usd_date_generated": "2026-11-20"}
    assert len(list(folder.scene.rglob("simready_usd/*.json"))) == 6
    assert digest_files(record) == before
    stamped = sidecar.stat().st_mtime_ns
    folder.publish({"assemble": Assembled(record)})
    assert sidecar.stat().st_mtime_ns == stamped, "what has not changed is not written again"
