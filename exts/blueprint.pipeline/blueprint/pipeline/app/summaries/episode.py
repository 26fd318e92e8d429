"""Summarise a recorded episode: how it ended and why, what happened in it, and what is recorded of it."""

from blueprint.pipeline.app.opened_episode import OpenedEpisode
from blueprint.pipeline.episode.records import Episode
from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.codec import to_plain

from .summary import Summary

FORMAT_VERSION = 1


def summarise_episode(opened: OpenedEpisode) -> Summary:
    """Return what was tried and what became of it; raises ScanError where a file does not fit."""
    # Plots' and judges' libraries load here, so that other summaries stay quick.
    from blueprint.pipeline.app.episode_page.account import describe_measures, describe_origin, verdict_text
    from blueprint.pipeline.app.episode_page.events import list_events
    from blueprint.pipeline.app.episode_page.page import failing_frame, story_of

    summary = opened.summary
    if summary.version > FORMAT_VERSION:
        raise ScanError(Episode.OUTCOME_FILE, f"version {summary.version} is newer than this program",
                        expected="an upgrade")  # fmt: skip
    unreadable = ""
    try:
        story = story_of(opened)
    except ScanError as error:
        story, unreadable = None, str(error)
    failing = None if story is None else failing_frame(story)
    phase = story.phase(failing) if story is not None and failing is not None else ""
    events = list_events(story) if story is not None else ()
    channels = list(opened.states.channel_names) if opened.states is not None else []
    cameras = sorted(opened.clips)
    rows = [
        ("outcome", verdict_text(summary, phase)),
        *((row.name, row.words) for row in describe_origin(opened)),
        ("cameras", ", ".join(cameras) or "not rendered"),
        *([("events", f"cannot be told: {unreadable}")] if unreadable else []),
        *(("event", f"{e.frame / summary.fps:6.2f} s  {e.title}{f': {e.detail}' if e.detail else ''}") for e in events),
        *(("measure", f"{row.name} {row.words}") for row in describe_measures(summary)),
        ("channels", ", ".join(channels) or "no recorded states"),
    ]
    data = {
        "kind": "episode",
        **to_plain(summary),
        "cameras": cameras,
        "channels": channels,
        "events": [to_plain(event) for event in events],
    }
    return Summary("episode", f"an episode: {summary.id}, {summary.task}", tuple(rows), data)
