"""Write the page of one episode: one HTML file that asks the network for nothing."""

import base64
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from blueprint.pipeline.app.distributions import program_version
from blueprint.pipeline.app.messages import without_folders
from blueprint.pipeline.app.opened_episode import OpenedEpisode
from blueprint.pipeline.app.recorded_states import restores_raw
from blueprint.pipeline.app.report.page import style_sheet
from blueprint.pipeline.app.report.plots import COLORS
from blueprint.pipeline.app.templates import fill
from blueprint.pipeline.engine.store import replace_file
from blueprint.pipeline.episode.judgement import Judged
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.episode.track import load_track
from blueprint.pipeline.errors import BlueprintError
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.sims.model import load_model

from .account import Drawn, Row, Table, describe_drawn, describe_measures, describe_origin, verdict_text
from .curves import Chapter, Recorded, commanded_joints, finite, list_chapters
from .events import Event, Story, in_order, list_events
from .films import Films, gather_films
from .goals import GoalRow, describe_goals, goal_events, judge_again, margin_charts
from .grasps import describe_grasps
from .holds import spells
from .stills import draw_stills

_PACKAGE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Pill:
    """A word beside the title."""

    words: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class ShownFilm:
    """One video on the page; `source` counts the episode that it belongs to."""

    caption: str
    source: int
    width_px: int
    height_px: int
    base64: str


@dataclass(frozen=True, slots=True)
class ShownStill:
    """One picture on the page."""

    caption: str
    width_px: int
    height_px: int
    base64: str


@dataclass(frozen=True)
class Page:
    """Everything that the template shows."""

    eyebrow: str
    title: str
    lead: tuple[str, ...]
    pills: tuple[Pill, ...]
    frame_count: int
    failing: int | None
    films: tuple[ShownFilm, ...]
    no_films: str = ""
    stills: tuple[ShownStill, ...] = ()
    legend: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    goals: tuple[GoalRow, ...] = ()
    tables: tuple[Table, ...] = ()
    measures: tuple[Row, ...] = ()
    origin: tuple[Row, ...] = ()
    phrasings: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    drawn: tuple[Drawn, ...] = ()
    program: str = field(default_factory=program_version)


@dataclass(frozen=True)
class Clockwork:
    """What the page's script moves: frames, phases, events and plots."""

    fps: int
    frames: int
    failing: int | None
    phases: tuple[Mapping[str, Any], ...]
    events: tuple[Event, ...]
    chapters: tuple[Chapter, ...]
    sources: tuple[int, ...]
    start: int = 0

    def data(self) -> dict[str, Any]:
        """Return it as plain JSON data."""
        colors = {span["name"]: span["color"] for span in self.phases}
        return {
            "fps": self.fps,
            "frames": self.frames,
            "failing": self.failing,
            "start": self.start,
            "sources": [{"frames": count} for count in self.sources],
            "phases": list(self.phases),
            "events": [
                {"frame": e.frame, "kind": e.kind, "title": e.title, "detail": e.detail, "tone": e.tone,
                 "color": colors.get(e.title, 0)}
                for e in self.events
            ],
            "chapters": [
                {"title": chapter.title, "charts": [_chart_data(chart) for chart in chapter.charts]}
                for chapter in self.chapters
            ],
        }  # fmt: skip


def _chart_data(chart: Any) -> dict[str, Any]:
    curves = [{"name": c.name, "values": finite(c.values), "color": c.color, "dashed": c.dashed} for c in chart.curves]
    bounds = [{"name": bound.name, "value": bound.value} for bound in chart.bounds]
    return {"title": chart.title, "unit": chart.unit, "curves": curves, "bounds": bounds}


def write_episode_page(opened: OpenedEpisode, target: Path, *, render: bool = True) -> None:
    """Write the page of an episode; with `render`, pictures that it lacks are drawn from its states."""
    films = gather_films(opened, render=render)
    story = story_of(opened)
    found = judge_again(opened, story) if story is not None else ""
    page = _page(opened, story, films, found)
    if story is None and render:
        page = _with_start(page, opened)
    clockwork = None if story is None else clockwork_of(opened, story, found)
    replace_file(target, fill_template(page, clockwork).encode("utf-8"))


def _with_start(page: Page, opened: OpenedEpisode) -> Page:
    """Add pictures of how things stood to the page of an episode in which nothing moved."""
    if opened.scene is None or not restores_raw(opened.summary.engine):
        return page
    try:
        stills = draw_stills(opened)
    except BlueprintError as error:
        return replace(page, notes=(*page.notes, f"The start could not be drawn: {without_folders(str(error))}"))
    shown = tuple(
        ShownStill(f"{still.camera}, before the robot moved", still.width_px, still.height_px, _text(still.content))
        for still in stills.pictures
    )
    return replace(page, stills=shown, legend=stills.legend)


def fill_template(page: Page, clockwork: Clockwork | None) -> str:
    """Return a page as HTML."""
    own = (_PACKAGE / "page.css").read_text(encoding="utf-8")
    script = (_PACKAGE / "page.js").read_text(encoding="utf-8")
    data = clockwork.data() if clockwork is not None else None
    # Nothing in the data may end the element that it stands in.
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    values = {"page": page, "style": style_sheet() + own, "data": text, "script": script if data else ""}
    return fill(_PACKAGE / "page.html.j2", values)


def story_of(opened: OpenedEpisode) -> Story | None:
    """Return what events and curves are told of; None where nothing moved."""
    if opened.states is None:
        return None
    states = opened.states
    track, names = load_track(states), states.names("phase_names")
    if opened.scene is None:
        return Story(track, opened.summary, opened.handled, names, arm=commanded_joints(states, None))
    joints = load_model(opened.scene.model_folder).joints
    units = {joint.name: "rad" if joint.kind == "revolute" else "m" for joint in joints}
    gripper = load_robot(opened.scene.manifest.robot.name).gripper
    return Story(track, opened.summary, opened.handled, names, units, gripper, commanded_joints(states, gripper))


def clockwork_of(opened: OpenedEpisode, story: Story, found: Judged | str) -> Clockwork:
    """Return what moves on the page of one episode."""
    assert opened.states is not None
    chapters, events = list_chapters(Recorded(opened.states, story)), list_events(story)
    if isinstance(found, Judged) and opened.task is not None and found.goals:
        chapters = (Chapter("Goals over time", margin_charts(found, opened.task, story)), *chapters)
        events = in_order([*events, *goal_events(found, opened.task, story)])
    return Clockwork(
        story.track.fps,
        story.track.frame_count,
        failing_frame(story),
        tuple(phase_spans(story)),
        events,
        chapters,
        (story.track.frame_count,),
        failing_frame(story) or 0,
    )


def failing_frame(story: Story) -> int | None:
    """Return the frame in which the failure shows, within what was recorded."""
    outcome = story.summary.outcome
    if outcome.success or outcome.failing_frame is None:
        return None
    return min(outcome.failing_frame, story.track.frame_count - 1)


def phase_spans(story: Story) -> Iterable[Mapping[str, Any]]:
    """Yield each phase with its first and last frame; alike ones have one colour."""
    phase = story.track.phase
    spans: list[tuple[int, int, int]] = []
    colors = {value: at % COLORS for at, value in enumerate(dict.fromkeys(phase.tolist()))}
    for value in colors:
        spans += [(first, last, value) for first, last in spells(phase == value)]
    for first, last, value in sorted(spans):
        yield {"name": story.phase_names[value], "first": first, "last": last, "color": colors[value]}


def shown_films(films: Films, *, source: int = 0, suffix: str = "") -> tuple[ShownFilm, ...]:
    """Return videos as the page carries them."""
    return tuple(
        ShownFilm(f"{film.camera}{suffix}", source, film.width_px, film.height_px, _text(film.content))
        for film in films.films
    )


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _page(opened: OpenedEpisode, story: Story | None, films: Films, found: Judged | str) -> Page:
    summary, task = opened.summary, opened.task
    outcome = summary.outcome
    failing = None if story is None else failing_frame(story)
    phase = story.phase(failing) if story is not None and failing is not None else ""
    notes = ["The pictures were drawn now, from the recorded states."] if films.drawn else []
    if story is None and films.absent:
        notes.append(f"No videos and plots: {without_folders(films.absent)}.")
    if isinstance(found, str) and found:
        notes.append(f"The goals could not be judged again: {found}")
    state = Pill("succeeded", "good") if outcome.success else Pill(outcome.failure.replace("_", " "), "bad")
    return Page(
        eyebrow=f"episode {summary.id}",
        title=summary.instruction,
        lead=(verdict_text(summary, phase),),
        pills=(state,),
        frame_count=0 if story is None else story.track.frame_count,
        failing=failing,
        films=shown_films(films),
        no_films=without_folders(films.absent),
        notes=tuple(notes),
        goals=describe_goals(found, task, story) if isinstance(found, Judged) and task and story else (),
        tables=(table,) if (table := describe_grasps(opened)) is not None else (),
        measures=describe_measures(summary),
        origin=describe_origin(opened),
        phrasings=task.phrasings if task is not None and len(task.phrasings) > 1 else (),
        steps=tuple(map(_step_text, task.steps)) if task is not None else (),
        drawn=describe_drawn(opened.variant.edits if opened.variant else ()),
    )


def _step_text(step: Step) -> str:
    """Say one step of a task."""
    roles: Sequence[str] = [f"{role} {name}" for role, name in step.roles.items()]
    return f"{step.skill.replace('_', ' ')}: {', '.join(roles)}" if roles else step.skill
