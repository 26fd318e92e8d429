"""What a person can do next with a run, as commands to be typed."""

from blueprint.pipeline.app.robot_runs import outcomes_of
from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.episode.records import Episodes


def outcome_lines(folder: RunFolder) -> tuple[str, ...]:
    """Say what became of a run's episodes, task by task; nothing where it has made none."""
    rows = outcomes_of(folder)
    if not rows:
        return ()
    kept, tried = sum(row.succeeded for row in rows), sum(row.attempted for row in rows)
    width = max(len(row.task) for row in rows)
    each = [
        f"  {row.task.ljust(width)}  {row.share_sentence()}" + (f"; {said}" if (said := row.failure_sentence()) else "")
        for row in rows
    ]
    return (f"episodes: {kept} of {tried} succeeded", *each)


def next_steps(folder: RunFolder) -> tuple[str, ...]:
    """Return commands that lead on from where a run has come to, each with what it is for."""
    run, made = folder.root, set(folder.load()["stages"])
    steps: list[tuple[str, str]] = []
    if "export" in made and folder.dataset.is_dir():
        steps.append((f"blueprint verify {folder.dataset}", "every promise against the bytes"))
    if "offer" in made and "generate" not in made:
        steps.append((f"blueprint tasks {run}", "what the robot can do here, and why not the rest"))
    if "assemble" in made and "generate" not in made:
        steps.append((f"blueprint preview {run}", "variants"))
    if "generate" not in made:
        steps.append(("the same `blueprint run` without --until", "the rest, up to a dataset"))
    elif (failed := _first_failure(folder)) is not None:
        steps.append((f"blueprint show {run}:{failed} --html {failed}.html", "why that attempt failed"))
        steps.append((f"blueprint replay {run}:{failed} --set friction=0.5x", "the same with something changed"))
    return tuple(f"{command}   # {meaning}" for command, meaning in steps)


def _first_failure(folder: RunFolder) -> str | None:
    record = folder.record("generate")
    if record is None:
        return None
    summaries = [episode.summary for episode in Episodes(record).episodes().values()]
    # One that has moved shows more.
    failed = sorted((each.frame_count == 0, each.id) for each in summaries if not each.outcome.success)
    return failed[0][1] if failed else None
