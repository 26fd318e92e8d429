"""Write the report of a run: one HTML file that asks the network for nothing.

A report is made from records on disk. When none of them has changed since the last one, it stays as it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blueprint.pipeline.app.distributions import program_version
from blueprint.pipeline.app.messages import without_folders
from blueprint.pipeline.app.run_records import RunRecords
from blueprint.pipeline.app.runs import FAILURE_FILE, RunFolder
from blueprint.pipeline.app.templates import fill
from blueprint.pipeline.app.timings import TIMINGS_FILE, remember_times
from blueprint.pipeline.engine.digests import canonical_json, digest_file, digest_value, files_below
from blueprint.pipeline.engine.store import replace_file
from blueprint.pipeline.episode.records import Offered
from blueprint.pipeline.errors import BlueprintError
from blueprint.pipeline.scene.corrections import CORRECTIONS_FILE
from blueprint.pipeline.scene.records import Assembled, Ingested, Proven, Variants
from blueprint.pipeline.scene.robots import load_robot

MARK_FILE = ".report.json"
TEMPLATE_FILE, STYLE_FILE = "report.html.j2", "style.css"
MOST_CHARACTERS = 4000
_PACKAGE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands in the page for a section whose records cannot be read, and says why."""

    why: str


def write_report(folder: RunFolder) -> None:
    """Write `report.html` and `poster.png` of a run, successful or not, unless nothing has changed since."""
    remember_times(folder)
    mark = canonical_json(_what_decides(folder))
    mark_path = folder.root / MARK_FILE
    if folder.report.is_file() and mark_path.is_file() and mark_path.read_bytes() == mark:
        return
    from .poster import write_poster

    content = render_report(folder)
    write_poster(folder)
    mark_path.unlink(missing_ok=True)
    replace_file(folder.report, content.encode("utf-8"))
    replace_file(mark_path, mark)


def render_report(folder: RunFolder) -> str:
    """Return the report of a run as HTML."""
    values = {"style": style_sheet(), **gather_sections(RunRecords(folder))}
    tests = {"unreadable": lambda section: isinstance(section, Unreadable)}
    return fill(_PACKAGE / TEMPLATE_FILE, values, finalize=_shortened, tests=tests)


def style_sheet() -> str:
    """Return the style sheet that all pages share; templates take it as it is."""
    return (_PACKAGE / STYLE_FILE).read_text(encoding="utf-8")


def gather_sections(records: RunRecords) -> dict[str, Any]:
    """Return every section of the page by name; None where the run has no record for it."""
    # Decoders and ray casters load here, so that a report that stays as it is costs nothing.
    from blueprint.pipeline.app.scene_facts import SceneFacts

    from . import (
        attention,
        episodes,
        gates,
        headline,
        joints,
        objects,
        randomization,
        relations,
        scale,
        scene_pictures,
        stages,
        standing,
        tasks,
        trials,
        variants,
    )
    from .pictures import PictureShelf

    shelf, facts = PictureShelf(records.folder.root), SceneFacts(records)
    certificate = records.certificate
    ingested, assembled = records.get(Ingested), records.get(Assembled)
    drawn, proven = records.get(Variants), records.get(Proven)
    attempts, offered = records.get(episodes.Episodes), records.get(Offered)
    builders: dict[str, Callable[[], Any]] = {
        "headline": lambda: headline.describe_headline(records, facts, certificate),
        "failure": lambda: stages.describe_failure(records.failure),
        "attention": lambda: attention.describe_attention(records, facts, shelf),
        "scene": lambda: scene_pictures.describe_scene(records, facts, shelf),
        "objects": lambda: objects.describe_objects(facts, shelf),
        "scale": lambda: scale.describe_scale(ingested.scan.scale, ingested.scan.gravity) if ingested else None,
        "joints": lambda: joints.describe_joints(facts, shelf),
        "settle": lambda: standing.describe_settle(assembled.settle) if assembled else None,
        "relations": lambda: (
            relations.describe_relations(assembled.manifest.relations, settled=True)
            if assembled
            else relations.describe_relations(ingested.scan.relations, settled=False)
            if ingested
            else None
        ),
        "trials": lambda: trials.describe_trials(proven.proof) if proven else None,
        "robot": lambda: standing.describe_robot(assembled.manifest) if assembled else None,
        "tasks": lambda: tasks.describe_tasks(offered) if offered else None,
        "randomization": lambda: randomization.describe_randomization(drawn) if drawn else None,
        "variants": lambda: (
            variants.describe_variants(drawn.variants, assembled.manifest) if drawn and assembled else None
        ),
        "episodes": lambda: episodes.describe_episodes(attempts, _arm_joints(assembled), shelf) if attempts else None,
        "certificate": lambda: gates.describe_certificate(certificate) if certificate else None,
        "checks": lambda: gates.describe_checks(records),
        "stages": lambda: stages.describe_stages(records),
        "versions": lambda: stages.describe_versions(records),
    }
    sections = {name: _readable(build) for name, build in builders.items()}
    shelf.sweep()
    return {**sections, "program": program_version()}


def _arm_joints(assembled: Assembled | None) -> tuple[str, ...]:
    """Return the joints of the scene's robot arm, of which plots are drawn."""
    return load_robot(assembled.manifest.robot.name).arm.joints if assembled else ()


def _readable(build: Callable[[], Any]) -> Any:
    """Build a section; damage to its records is shown in its place, so that one lost file does not hide the rest."""
    try:
        return build()
    except BlueprintError as error:
        return Unreadable(without_folders(str(error)))


def _shortened(value: Any) -> Any:
    """Cut a text that would flood the page; drawings and pictures of ours are marked as safe and stay whole."""
    if type(value) is str and len(value) > MOST_CHARACTERS:
        return f"{value[:MOST_CHARACTERS]}… ({len(value) - MOST_CHARACTERS} more characters)"
    return value


def _what_decides(folder: RunFolder) -> dict[str, Any]:
    """Return everything that the page depends on: the run's records and failure, the times, and this package."""
    run = {name: value for name, value in folder.load().items() if name != "run_id"}
    files = [folder.root / name for name in (FAILURE_FILE, TIMINGS_FILE, CORRECTIONS_FILE)]
    sources = [path for path in files_below(_PACKAGE) if path.suffix in (".py", ".j2", ".css")]
    return {
        "program": program_version(),
        "run": digest_value(run),
        "files": {path.name: digest_file(path) for path in files if path.is_file()},
        "page": digest_value([digest_file(path) for path in sources]),
    }
