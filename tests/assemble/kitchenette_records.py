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
from blueprint.pipeline.scene.records import EDITS_FILE, Articulated, Ingested, Repaired, SimReady


@dataclass(frozen=True)
class Inputs:
    """What assemble reads."""

    scan: Ingested
    articulated: Articulated
    repaired: Repaired
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
    articulated = _mapped(records, "articulated", {name: entry.articulation for name, entry in made.items()}, {})
    repaired = _mapped(records, "repaired", dict.fromkeys(made, ()), {})
    simready = _mapped(records, "simready", {name: entry.physics for name, entry in made.items()}, left_out or {})
    return Inputs(Ingested(scan), Articulated(articulated), Repaired(repaired), SimReady(simready), made)


def _mapped(records: Path, stage: str, edits: Mapping[str, tuple[Edit, ...]], left_out: Mapping[str, str]) -> Path:
    for name, entry in edits.items():
        save(records / f"{stage}_{name}" / EDITS_FILE, entry, tuple[Edit, ...])
    folder = records / stage
    folder.mkdir()
    entries = [{"id": name, "key": f"{stage}_{name}", "digest": ""} for name in edits]
    (folder / MappedRecord.ITEMS_FILE).write_bytes(canonical_json({"items": entries, "left_out": dict(left_out)}))
    return folder


def drain[T](steps: Generator[Progress | Warned, None, T]) -> tuple[T, list[Progress | Warned]]:
    """Run a stage's function to its end; returns its record and what it yielded."""
    events: list[Progress | Warned] = []
    while True:
        try:
            events.append(next(steps))
        except StopIteration as stop:
            return stop.value, events
