"""Run ingest (and articulate) on a folder and return their records."""

from pathlib import Path
from typing import Any

from blueprint.pipeline.articulate.stage import ArticulateSettings, articulate
from blueprint.pipeline.engine.events import Tape, Warned
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.run import RunState, run_pipeline
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.ingest.stage import IngestSettings, ingest
from blueprint.pipeline.reconstruct.stage import ReconstructSettings, reconstruct
from blueprint.pipeline.scene.records import Articulated, Ingested

STAGES = {"reconstruct": reconstruct, "ingest": ingest, "articulate": articulate}


def run_ingest(source: Path | None, store: Path, **settings: Any) -> tuple[Ingested, list[str]]:
    """Return the record of ingest and what it warned of."""
    ingested, _, warnings = run_both(source, store, ArticulateSettings(enabled=False), **settings)
    return ingested, warnings


def run_both(
    source: Path | None, store: Path, joints: ArticulateSettings | None = None, **settings: Any
) -> tuple[Ingested, Articulated, list[str]]:
    """Return the records of ingest and articulate and what they warned of."""
    sections = {
        "reconstruct": ReconstructSettings(),
        "ingest": IngestSettings(source=source, **settings),
        "articulate": joints or ArticulateSettings(),
    }
    tape, state = Tape(), RunState()
    run_pipeline(tuple(STAGES.values()), sections, Store(store), InlineExecutor(STAGES), tape, state)
    warnings = [event.message for event in tape.events if isinstance(event, Warned)]
    return Ingested(state.records["ingest"].folder), Articulated(state.records["articulate"].folder), warnings
