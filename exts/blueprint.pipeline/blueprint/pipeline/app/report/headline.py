"""The first lines of the report: what this is, how it ended, and the few numbers that matter."""

from dataclasses import dataclass
from typing import Any

from blueprint.pipeline.app.figures import NOT_MEASURED, count_text, duration_text, share_text
from blueprint.pipeline.app.intervals import wilson_interval
from blueprint.pipeline.app.outcome_table import attempts_counted
from blueprint.pipeline.app.run_records import RunRecords
from blueprint.pipeline.app.scene_facts import SceneFacts
from blueprint.pipeline.episode.records import Episodes
from blueprint.pipeline.scene.records import Assembled, Ingested, Proven


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One number with its name and a remark."""

    name: str
    value: str
    remark: str


@dataclass(frozen=True, slots=True)
class Headline:
    """What the page says first; `tone` is good, warning or bad."""

    title: str
    verdict: str
    tone: str
    summary: str
    message: str
    figures: tuple[KeyFigure, ...]


def describe_headline(records: RunRecords, facts: SceneFacts, certificate: dict[str, Any] | None) -> Headline:
    """Return the headline of a run."""
    ingested = records.get(Ingested)
    verdict, tone = _verdict(records, certificate)
    return Headline(
        title=ingested.scan.id if ingested else records.folder.root.resolve().name,
        verdict=verdict,
        tone=tone,
        summary=_summary(records),
        message=records.run["message"],
        figures=(
            _episodes(records) if records.get(Episodes) else _trials(records),
            _objects(facts),
            _scale(ingested),
            _grade(certificate) if certificate else _assets(records),
            _time(records),
        ),
    )


def _verdict(records: RunRecords, certificate: dict[str, Any] | None) -> tuple[str, str]:
    if records.failure is not None:
        stage = records.failure["stage"]
        return f"stopped at {stage}" if stage else "stopped", "bad"
    if not records.run["succeeded"]:
        return "did not succeed", "bad"
    if certificate is None:
        last = list(records.by_stage)[-1] if records.by_stage else "nothing"
        return f"done up to {last}", "warning"
    return certificate["grade"], {"certified": "good", "test data": "warning"}.get(certificate["grade"], "bad")


def _summary(records: RunRecords) -> str:
    scan = records.get(Ingested)
    assembled = records.get(Assembled)
    words = [f"A scan in the format {scan.scan.format}" if scan else "No scan has been read"]
    if assembled:
        words.append(f"a scene with the robot {assembled.manifest.robot.name}")
    if "export" in records.by_stage:
        words.append("a LeRobot dataset")
    return ", ".join(words) + "."


def _episodes(records: RunRecords) -> KeyFigure:
    episodes = records.get(Episodes)
    if episodes is None:
        return KeyFigure("Episodes", NOT_MEASURED, "none has been attempted")
    succeeded = sum(each.summary.outcome.success for each in episodes.episodes().values())
    attempted, lost = attempts_counted(episodes)
    interval = wilson_interval(succeeded, attempted)
    remark = f"95 % interval {share_text(interval[0])} to {share_text(interval[1])}" if interval else "none attempted"
    remark += f"; {lost} lost" if lost else ""
    return KeyFigure("Episodes succeeded", f"{succeeded} of {attempted}", remark)


def _objects(facts: SceneFacts) -> KeyFigure:
    if not facts.props and not facts.left_out:
        return KeyFigure("Objects", NOT_MEASURED, "no scan has been read")
    lost = {entry.id for entry in facts.left_out}
    used = sum(entry.prop.id not in lost for entry in facts.props)
    return KeyFigure("Objects used", str(used), f"{len(lost)} left out")


def _scale(ingested: Ingested | None) -> KeyFigure:
    if ingested is None:
        return KeyFigure("Scale", NOT_MEASURED, "no scan has been read")
    scale = ingested.scan.scale
    spread = NOT_MEASURED if scale.spread is None else f"± {share_text(scale.spread)}"
    remark = f"m per unit, from {scale.method}; spread {spread}, {len(scale.samples)} samples"
    return KeyFigure("Scale", f"{scale.metres_per_unit:.4g}", remark)


def _trials(records: RunRecords) -> KeyFigure:
    """Count the trials where no episode was attempted."""
    proven = records.get(Proven)
    if proven is None or not proven.proof.trials:
        return _episodes(records)
    trials = proven.proof.trials
    engines = [run.engine for run in proven.proof.engines if run.state == "ran"]
    passed = sum(trial.holds for trial in trials)
    return KeyFigure(
        "Trials passed", f"{passed} of {len(trials)}", f"in {' and '.join(engines)}; no episodes attempted"
    )


def _assets(records: RunRecords) -> KeyFigure:
    """Count the assets that the validator passed where there is no certificate."""
    proven = records.get(Proven)
    judged = [state for state in proven.proof.assets if state.verdict != "not checked"] if proven else []
    if not judged:
        return _grade(None)
    passed = sum(state.verdict == "passes" for state in judged)
    remark = f"{judged[0].profile} {judged[0].profile_version}; nothing is certified"
    return KeyFigure("Assets that pass", f"{passed} of {len(judged)}", remark)


def _grade(certificate: dict[str, Any] | None) -> KeyFigure:
    if certificate is None:
        return KeyFigure("Grade", "none", "no certificate has been written")
    passed = sum(gate["passed"] for gate in certificate["gates"])
    reasons = "".join(f"; {reason}" for reason in certificate["reasons_for_test_data"])
    remark = f"{passed} of {len(certificate['gates'])} gates passed{reasons}"
    return KeyFigure("Grade", certificate["grade"], remark)


def _time(records: RunRecords) -> KeyFigure:
    durations = [time.duration_s for time in records.times.values() if time.duration_s is not None]
    if not durations:
        return KeyFigure("Time", NOT_MEASURED, "")
    return KeyFigure("Time to make", duration_text(sum(durations)), f"over {count_text(len(durations), 'stage')}")
