"""Summarise the folder of a run."""

from typing import Any

from blueprint.pipeline.app.attention import collect_remarks
from blueprint.pipeline.app.figures import duration_text, mass_text, share_text
from blueprint.pipeline.app.intervals import wilson_interval
from blueprint.pipeline.app.next_steps import next_steps
from blueprint.pipeline.app.outcome_table import OutcomeRow, attempts_counted, failure_groups, outcome_rows
from blueprint.pipeline.app.run_records import RunRecords
from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.app.scene_facts import PropFacts, SceneFacts
from blueprint.pipeline.episode.outcomes import EpisodeSummary
from blueprint.pipeline.episode.records import Episodes
from blueprint.pipeline.scene.codec import to_plain
from blueprint.pipeline.scene.records import Ingested, Proven

from .summary import Summary


def summarise_run(folder: RunFolder) -> Summary:
    """Return what the last run in a folder did; what it has not measured is null."""
    records = RunRecords(folder)
    facts = SceneFacts(records)
    data = {
        **_run(records),
        **_scan(records),
        **_objects(facts),
        **_trials(records),
        **_episodes(records),
        **_judgement(records),
        **_remarks(records, facts),
    }
    return Summary("run", _title(records), _rows(records, data), data)


def _run(records: RunRecords) -> dict[str, Any]:
    run, folder = records.run, records.folder
    places = {"report": folder.report, "scene": folder.scene, "dataset": folder.dataset}
    return {
        "kind": "run",
        "pipeline": run["pipeline"],
        "production": run["production"],
        "run_id": run["run_id"],
        "succeeded": run["succeeded"],
        "message": run["message"],
        "stages": {name: _stage(records, name) for name in records.times},
        **{name: path.relative_to(folder.root).as_posix() if path.exists() else None for name, path in places.items()},
    }


def _stage(records: RunRecords, name: str) -> dict[str, Any]:
    time, record = records.times[name], records.by_stage.get(name)
    return {
        "state": time.state,
        "label": time.label,
        "duration_s": time.duration_s,
        "item_count": time.item_count,
        "left_out_count": time.left_out_items,
        "key": record.key if record else None,
        "digest": record.digest if record else None,
    }


def _scan(records: RunRecords) -> dict[str, Any]:
    ingested = records.get(Ingested)
    if ingested is None:
        return {"scan": None, "scale": None, "gravity": None}
    scan = ingested.scan
    scale = to_plain(scan.scale)
    return {
        "scan": {"id": scan.id, "format": scan.format},
        "scale": {**scale, "sample_count": len(scan.scale.samples)},
        "gravity": to_plain(scan.gravity),
    }


def _objects(facts: SceneFacts) -> dict[str, Any]:
    return {
        "objects": [_object(entry) for entry in facts.props],
        "left_out": [to_plain(entry) for entry in facts.left_out],
    }


def _object(entry: PropFacts) -> dict[str, Any]:
    prop = entry.prop
    return {
        "id": prop.id,
        "label": prop.label,
        "category": prop.category,
        "role": str(entry.semantics.role if entry.semantics else prop.role),
        "size_m": list(prop.size_m),
        "mass_kg": entry.mass_kg,
        "mass_why": [link.mass.why for link in entry.links if link.mass],
        "joints": [joint.name for joint in prop.joints],
        "in_scene": entry.in_scene,
        "review": list(prop.review),
    }


def _trials(records: RunRecords) -> dict[str, Any]:
    proven = records.get(Proven)
    if proven is None:
        return {"trials": None, "assets": None}
    proof = proven.proof
    judged = [state for state in proof.assets if state.verdict != "not checked"]
    return {
        "trials": {
            "passed": sum(trial.holds for trial in proof.trials),
            "total": len(proof.trials),
            "engines": {run.engine: run.state for run in proof.engines},
        },
        "assets": {"passed": sum(state.verdict == "passes" for state in judged), "judged": len(judged)},
    }


def _episodes(records: RunRecords) -> dict[str, Any]:
    episodes = records.get(Episodes)
    if episodes is None:
        none = dict.fromkeys(("episodes_attempted", "episodes_lost", "episodes_succeeded", "success_interval_95"))
        return {**none, "tasks": [], "failed_alike": [], "episodes": []}
    summaries = [record.summary for record in episodes.episodes().values()]
    succeeded = sum(summary.outcome.success for summary in summaries)
    attempted, lost = attempts_counted(episodes)
    interval = wilson_interval(succeeded, attempted)
    return {
        "episodes_attempted": attempted,
        "episodes_lost": lost,
        "episodes_succeeded": succeeded,
        "success_interval_95": list(interval) if interval else None,
        "tasks": [_task(row) for row in outcome_rows(summaries)],
        "failed_alike": [group.sentence() for group in failure_groups(summaries)],
        "episodes": [_episode(summary) for summary in summaries],
    }


def _task(row: OutcomeRow) -> dict[str, Any]:
    return {**to_plain(row), "success": row.share_sentence(), "why_not": row.failure_sentence()}


def _episode(summary: EpisodeSummary) -> dict[str, Any]:
    outcome = summary.outcome
    return {
        "id": summary.id,
        "task": summary.task,
        "object": summary.object,
        "variant": summary.variant,
        "success": outcome.success,
        "failure": str(outcome.failure),
        "failing_frame": outcome.failing_frame,
        "message": outcome.message,
    }


def _judgement(records: RunRecords) -> dict[str, Any]:
    certificate = records.certificate or {"grade": None, "gates": [], "findings": []}
    failed = [entry for entry in records.checks() if not entry.check.passed]
    failure = records.failure
    return {
        "grade": certificate["grade"],
        "gates": certificate["gates"],
        "findings": certificate["findings"],
        "checks_failed": [{"stage": entry.stage, "item": entry.item, **to_plain(entry.check)} for entry in failed],
        "failure": {name: failure[name] for name in ("stage", "item", "cause", "kind")} if failure else None,
    }


def _title(records: RunRecords) -> str:
    ingested = records.get(Ingested)
    subject = f" of the scan {ingested.scan.id}" if ingested else ""
    if records.run["succeeded"]:
        return f"a finished run{subject}, up to {list(records.by_stage)[-1] if records.by_stage else 'nothing'}"
    stage = records.failure["stage"] if records.failure else ""
    return f"a run{subject} that did not succeed" + (f": stopped at {stage}" if stage else "")


def _rows(records: RunRecords, data: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    rows = [("cause", data["message"])] if data["message"] else []
    if (scale := data["scale"]) is not None:
        spread = "spread not measured" if scale["spread"] is None else f"spread ± {share_text(scale['spread'])}"
        evidence = f"from {scale['method']}, {spread}, {scale['sample_count']} samples"
        rows.append(("scale", f"{scale['metres_per_unit']:.4g} m per unit {evidence}"))
        rows.append(("objects", f"{len(data['objects'])} read, {len(data['left_out'])} left out"))
    rows += [("", f"{each['id']}: {mass_text(each['mass_kg'])}") for each in data["objects"]]
    rows += [("left out", f"{each['id']}: {each['reason']}") for each in data["left_out"]]
    rows += _proof_rows(data)
    rows += [("look at", look_text(each["subject"], each["text"])) for each in data["look_at"]]
    rows.append(("episodes", _success(data)))
    rows += [
        ("", f"{each['task']}: {each['success']}" + (f"; {each['why_not']}" if each["why_not"] else ""))
        for each in data["tasks"]
    ]
    rows += [("failed" if at == 0 else "", each) for at, each in enumerate(data["failed_alike"])]
    rows.append(("grade", data["grade"] or "no certificate"))
    rows += [
        ("stage", f"{name}: {time.state}, {duration_text(time.duration_s)}") for name, time in records.times.items()
    ]
    rows += [(name, data[name]) for name in ("report", "scene") if data[name]]
    if data["dataset"]:
        older = "" if "export" in records.by_stage else ", which an earlier run has made of other episodes"
        rows.append(("dataset", data["dataset"] + older))
    rows += [("next" if at == 0 else "", step) for at, step in enumerate(next_steps(records.folder))]
    return tuple(rows)


def look_text(subject: str, text: str) -> str:
    """Say a remark with what it is about."""
    return f"{subject}: {text}" if subject else text


def _remarks(records: RunRecords, facts: SceneFacts) -> dict[str, Any]:
    remarks = collect_remarks(records, facts)
    return {
        "look_at": [
            {"subject": each.subject, "concern": each.concern.name.lower(), "text": each.text, "fix": each.fix}
            for each in remarks
        ]
    }


def _proof_rows(data: dict[str, Any]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    if (trials := data["trials"]) is not None:
        engines = ", ".join(f"{name} {state}" for name, state in trials["engines"].items())
        rows.append(("trials", f"{trials['passed']} of {trials['total']} passed ({engines})"))
    if (assets := data["assets"]) is not None and assets["judged"]:
        rows.append(("validator", f"{assets['passed']} of {assets['judged']} assets pass"))
    return rows


def _success(data: dict[str, Any]) -> str:
    if data["episodes_attempted"] is None:
        return "none attempted"
    words = f"{data['episodes_succeeded']} of {data['episodes_attempted']} succeeded"
    interval, lost = data["success_interval_95"], data["episodes_lost"]
    words += f", {lost} lost without a record" if lost else ""
    return words + (f" (95 % interval {share_text(interval[0])} to {share_text(interval[1])})" if interval else "")
