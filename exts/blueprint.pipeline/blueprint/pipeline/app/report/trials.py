"""The trials of a scene, engine beside engine: what each measured, how far they are apart, and one plot per kind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from blueprint.pipeline.app.figures import NOT_MEASURED
from blueprint.pipeline.scene.proofs import EngineRun, Proof, Trace, Trial, TrialKind

from .plots import Series, line_plot

MOST_ROWS = 100
NAMES = {"mujoco": "MuJoCo", "physx": "PhysX"}


@dataclass(frozen=True, slots=True)
class Column:
    """One measure as a column of a table; a `common` one follows from the scene and is the same in every engine."""

    title: str
    measure: str
    say: Callable[[float], str]
    common: bool = False


def _mm(value_m: float) -> str:
    return f"{1000 * value_m + 0.0:.2f} mm"


def _deg(value_rad: float) -> str:
    return f"{np.degrees(value_rad) + 0.0:.2f}°"


def _newton(value_n: float) -> str:
    return f"{value_n:.3g} N"


def _share(value: float) -> str:
    return f"{100 * value:.2f} %"


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of trial is shown; `apart` names the quantities in which engines are compared."""

    kind: TrialKind
    title: str
    lead: str
    columns: tuple[Column, ...]
    apart: tuple[str, ...]
    plot: str


KINDS = (
    Kind(
        "rest",
        "Left alone",
        "The settled scene without any load; depths are measured on one set of colliders for every engine.",
        (
            Column("Drift", "drift", _mm),
            Column("Turn", "turn", _deg),
            Column("In its support", "penetration", _mm),
        ),
        ("rest position", "rest orientation"),
        "Drift",
    ),
    Kind(
        "drop",
        "Dropped",
        "Lifted straight up and let go.",
        (
            Column("Height", "height", _mm, common=True),
            Column("Ends beside its place", "moved", _mm),
            Column("Turn", "turned", _deg),
            Column("Gain of energy", "energy gain", _share),
        ),
        (),
        "Height above its place",
    ),
    Kind(
        "push",
        "Pushed",
        "A growing horizontal force at the centre of mass; expected is where static friction or tipping gives way.",
        (
            Column("Gives way at", "break-away force", _newton),
            Column("Expected", "expected force", _newton, common=True),
            Column("Creeps before", "creep below it", _mm),
        ),
        ("break-away force",),
        "Path over force",
    ),
    Kind(
        "sweep",
        "Joints driven",
        "Each joint with a person's effort to both ends of its range; overlaps are of the prop's own links.",
        (
            Column("Error of the range", "range error", _share),
            Column("Own links overlap", "self-overlap", _mm, common=True),
            Column("As scanned", "self-overlap as scanned", _mm, common=True),
        ),
        ("reached lower", "reached upper"),
        "Position",
    ),
)


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One subject: a cell per column, with one figure per engine."""

    subject: str
    cells: tuple[str, ...]
    state: str
    why: str


@dataclass(frozen=True, slots=True)
class TrialBlock:
    """One kind of trial."""

    title: str
    lead: str
    heads: tuple[str, ...]
    rows: tuple[TrialRow, ...]
    not_shown: int
    plot: Markup


@dataclass(frozen=True, slots=True)
class TrialsSection:
    """Every trial of a scene."""

    title: str
    engines: tuple[str, ...]
    order: str
    blocks: tuple[TrialBlock, ...]


def describe_trials(proof: Proof) -> TrialsSection | None:
    """Return the trials in words and plots; None where nothing was tried."""
    if not proof.trials:
        return None
    ran = [run.engine for run in proof.engines if run.state == "ran"]
    blocks = [_block(kind, proof, ran) for kind in KINDS]
    return TrialsSection(
        "Two engines" if len(ran) > 1 else "Trials",
        tuple(_say_engine(run) for run in proof.engines),
        " / ".join(_name(engine) for engine in ran),
        tuple(block for block in blocks if block is not None),
    )


def _say_engine(run: EngineRun) -> str:
    name = f"{_name(run.engine)} {run.version}".strip()
    return f"{name} {run.state}" + (f": {run.why}" if run.why else "")


def _name(engine: str) -> str:
    return NAMES.get(engine, engine)


def _block(kind: Kind, proof: Proof, engines: Sequence[str]) -> TrialBlock | None:
    # What furniture's joints do when left alone is judged with their sweep.
    trials = [trial for trial in proof.trials if trial.kind == kind.kind and trial.measures]
    by_subject: dict[str, dict[str, Trial]] = {}
    for trial in trials:
        if trial.value(kind.columns[0].measure) is not None:
            by_subject.setdefault(trial.subject, {})[trial.engine] = trial
    if not by_subject:
        return None
    apart = kind.apart if len(engines) > 1 else ()
    rows = [_row(kind, proof, apart, subject, found, engines) for subject, found in by_subject.items()]
    rows.sort(key=lambda row: row.state == "passed")
    heads = (*(column.title for column in kind.columns), *(f"Apart: {name}" for name in apart))
    shown = _most_telling(by_subject)
    return TrialBlock(
        kind.title,
        kind.lead,
        heads,
        tuple(rows[:MOST_ROWS]),
        max(0, len(rows) - MOST_ROWS),
        _plot(kind, shown, by_subject[shown], engines),
    )


def _row(
    kind: Kind, proof: Proof, apart: Sequence[str], subject: str, found: dict[str, Trial], engines: Sequence[str]
) -> TrialRow:
    cells = [_cell(column, found, engines) for column in kind.columns]
    cells += [_say_apart(proof, kind.kind, subject, name) for name in apart]
    faults = [f"{_name(engine)}: {trial.outcome}" for engine, trial in found.items() if not trial.holds]
    details = list(dict.fromkeys(trial.detail for trial in found.values() if trial.detail))
    return TrialRow(subject, tuple(cells), "failed" if faults else "passed", "; ".join(faults or details[:1]))


def _cell(column: Column, found: dict[str, Trial], engines: Sequence[str]) -> str:
    """Return one figure per engine, in their order."""
    asked = engines[:1] if column.common else engines
    values = [found[engine].value(column.measure) if engine in found else None for engine in asked]
    return " / ".join(_say(column.say, value) for value in values)


def _say(say: Callable[[float], str], value: float | None) -> str:
    return NOT_MEASURED if value is None else say(value)


def _say_apart(proof: Proof, kind: TrialKind, subject: str, quantity: str) -> str:
    for each in proof.differences:
        if (each.kind, each.subject, each.quantity) == (kind, subject, quantity):
            said = {"rad": _deg, "m": _mm, "N": _newton}[each.unit](each.difference)
            return said if each.agrees else f"{said} (too far)"
    return NOT_MEASURED


def _most_telling(by_subject: dict[str, dict[str, Trial]]) -> str:
    """Return the subject to plot: one that failed, or whose trace goes farthest."""

    def weight(subject: str) -> tuple[bool, float]:
        trials = by_subject[subject].values()
        reach = [np.ptp(trace.values) for trial in trials for trace in trial.traces if len(trace.values)]
        return any(not trial.holds for trial in trials), float(max(reach, default=0.0))

    return max(by_subject, key=weight)


def _plot(kind: Kind, subject: str, found: dict[str, Trial], engines: Sequence[str]) -> Markup:
    traces = [(engine, found[engine].traces[0]) for engine in engines if engine in found and found[engine].traces]
    if not traces:
        return Markup("")
    longest = max((trace for _, trace in traces), key=lambda trace: trace.over[-1])
    over = np.asarray(longest.over)
    unit, factor = ("°", 57.29577951308232) if longest.unit == "rad" else ("mm", 1000.0)
    lines = [Series(_name(engine), factor * _on(trace, over)) for engine, trace in traces]
    return line_plot(f"{kind.plot}, {subject}", unit, over, lines, x_unit=longest.over_unit)


def _on(trace: Trace, over: np.ndarray) -> np.ndarray:
    """Return a trace's values at other abscissae; nothing is said beyond its end."""
    return np.interp(over, trace.over, trace.values, right=np.nan)
