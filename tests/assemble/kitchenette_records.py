"""The kitchenette as the records that assemble reads."""

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tests.usd.kitchenette import Made, kitchenette, kitchenette_scan

from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.engine.events import Progress, Warned
from blueprint.pipeline.engine.store import MappedRecord
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.edits import Edit
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.records import EDITS_FILE, Articulated, Ingested, SimReady


@dataclass(frozen=True)
class Inputs:
    """What assemble reads."""

    scan: Ingested
    articulated: Articulated
    simready: SimReady
    made: dict[str, Made]


def write_inputs(
    records: Path,
    *,
    without: Iterable[str] = (),
    poses: Mapping[str, Pose] | None = None,
    left_out: Mapping[str, str] | None = None,
) -> Inputs:
    """Write the kitchenette as records; props in `without` are not part of it, those in `poses` stand elsewhere."""
    scan = records / "scan"
    scan.mkdir(parents=True)
    made = {name: entry for name, entry in kitchenette(scan).items() if name not in set(without)}
    for name, pose in (poses or {}).items():
        made[name] = replace(made[name], prop=replace(made[name].prop, T_world_prop=pose))
    save(scan / Ingested.SCAN_FILE, kitchenette_scan(made))
    articulated = records / "articulated"
    save(articulated / EDITS_FILE, tuple(e for entry in made.values() for e in entry.articulation), tuple[Edit, ...])
    for name, entry in made.items():
        save(records / f"physics_{name}" / EDITS_FILE, entry.physics, tuple[Edit, ...])
    simready = records / "simready"
    simready.mkdir()
    entries = [{"id": name, "key": f"physics_{name}", "digest": ""} for name in made]
    content = {"items": entries, "left_out": dict(left_out or {})}
    (simready / MappedRecord.ITEMS_FILE).write_bytes(canonical_json(content))
    return Inputs(Ingested(scan), Articulated(articulated), SimReady(simready), made)


def drain[T](steps: Generator[Progress | Warned, None, T]) -> tuple[T, list[Progress | Warned]]:
    """Run a stage's function to its end; returns its record and what it yielded."""
    events: list[Progress | Warned] = []
    while True:
        try:
            events.append(next(steps))
        except StopIteration as stop:
            return stop.value, events
