"""Small plots as SVG text: lines over time, bars, and dots with a reference. Every text in them is escaped."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape
from numpy.typing import ArrayLike, NDArray

from blueprint.pipeline.app.figures import NOT_MEASURED

from .svg import element, figure, joined, line, rectangle, text

WIDTH, HEIGHT = 520, 170
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 10, 12, 24
_ROW = 22
_HALF_TICK = 12
"""Half the width of a tick's text: nearer to the edge it would be cut off."""
_MOST_POINTS = 320
COLORS = 8
"""Number of line colours that the page's style sheet defines, `--c0` to `--c7`."""


@dataclass(frozen=True, eq=False)
class Series:
    """One line: values (N,) at the plot's abscissae, with a name for the legend."""

    name: str
    values: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Span:
    """A named stretch from one row to another, both included."""

    name: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a bar plot: `value` of `total`, and a text at its end."""

    name: str
    value: float
    total: float
    note: str


@dataclass(frozen=True, slots=True)
class Dot:
    """One row of a dot plot."""

    name: str
    value: float
    note: str
    doubtful: bool = False


def line_plot(
    title: str, unit: str, x: ArrayLike, series: Sequence[Series], *, mark_x: float | None = None, x_unit: str = "s"
) -> Markup:
    """Draw lines, over time in seconds if not said otherwise; what is not finite leaves a gap.

    `mark_x` draws an upright line.
    """
    times = np.asarray(x, dtype=np.float64)
    every = np.concatenate([np.zeros(0), *(each.values[np.isfinite(each.values)] for each in series)])
    if not len(every) or not len(times):
        return element("p", f"{title}: {NOT_MEASURED}", class_="absent")
    y_axis = _Axis.around(float(every.min()), float(every.max()), HEIGHT - _BOTTOM, _TOP)
    x_axis = _Axis(float(times[0]), float(max(times[-1], times[0] + 1e-9)), _LEFT, WIDTH - _RIGHT)
    parts = [_frame(x_axis, y_axis, x_unit)]
    if mark_x is not None:
        parts.append(line("mark", x_axis.place(mark_x), _TOP, x_axis.place(mark_x), HEIGHT - _BOTTOM))
    for number, each in enumerate(series):
        path = _path(times, each.values, x_axis, y_axis)
        parts.append(element("path", class_="line", style=f"stroke:var(--c{number % COLORS})", d=path))
    legend = _legend([each.name for each in series]) if len(series) > 1 else Markup("")
    return figure(title, unit, WIDTH, HEIGHT, joined(parts), legend)


def span_plot(title: str, x: ArrayLike, spans: Sequence[Span]) -> Markup:
    """Draw stretches of time one after the other, each named where its name has room."""
    times = np.asarray(x, dtype=np.float64)
    if not spans or not len(times):
        return element("p", f"{title}: {NOT_MEASURED}", class_="absent")
    axis = _Axis(float(times[0]), float(max(times[-1], times[0] + 1e-9)), _LEFT, WIDTH - _RIGHT)
    parts: list[Markup] = []
    for number, span in enumerate(spans):
        left, right = axis.place(times[span.first]), axis.place(times[span.last])
        level = 16 + 15 * (number % 4)
        parts.append(element("rect", class_="span", style=f"fill:var(--c{number % COLORS})", x=left, y=4, height=8,
                             width=max(right - left - 1, 0.5)))  # fmt: skip
        parts.append(line("grid", left, 12, left, level + 4))
        parts.append(text("note", left + 3, level + 9, span.name))
    parts += [text("note", axis.place(at), 92, f"{at + 0.0:.4g} s", anchor="middle") for at in axis.ticks(6)]
    return figure(title, "", WIDTH, 98, joined(parts))


def bar_plot(title: str, unit: str, bars: Sequence[Bar]) -> Markup:
    """Draw one horizontal bar per row, as its share of the total."""
    left, full = 130, WIDTH - 190
    parts: list[Markup] = []
    for number, bar in enumerate(bars):
        top = number * _ROW
        share = bar.value / bar.total if bar.total else 0.0
        parts.append(text("name", left - 10, top + 15, _short(bar.name), anchor="end"))
        parts.append(rectangle("trough", left, top + 6, full, 10))
        parts.append(rectangle("bar", left, top + 6, full * share, 10))
        parts.append(text("note", left + full + 8, top + 15, bar.note))
    return figure(title, unit, WIDTH, _ROW * len(bars) + 4, joined(parts))


def dot_plot(title: str, unit: str, dots: Sequence[Dot], *, reference: float, reference_name: str) -> Markup:
    """Draw one dot per row on a common axis with an upright line at the reference; doubtful dots are hollow."""
    left, right = 178, WIDTH - 100
    values = [dot.value for dot in dots] + [reference]
    height = _ROW * len(dots) + 34
    span = max(values) - min(values) or abs(reference) or 1.0
    axis = _Axis(min(values) - 0.08 * span, max(values) + 0.08 * span, left, right)
    at = axis.place(reference)
    parts = [line("mark", at, 4, at, height - 26), text("note", at, height - 8, reference_name, anchor="middle")]
    for number, dot in enumerate(dots):
        y = number * _ROW + 14
        kind = "dot hollow" if dot.doubtful else "dot"
        parts.append(text("name", left - 12, y + 4, _short(dot.name, 28), anchor="end"))
        parts.append(line("grid", left, y, right, y))
        parts.append(element("circle", class_=kind, cx=axis.place(dot.value), cy=y, r=4.5))
        parts.append(text("note", right + 10, y + 4, dot.note))
    return figure(title, unit, WIDTH, height, joined(parts))


@dataclass(frozen=True, slots=True)
class _Axis:
    """A linear map from values to pixels."""

    low: float
    high: float
    start_px: float
    end_px: float

    @classmethod
    def around(cls, low: float, high: float, start_px: float, end_px: float) -> "_Axis":
        """Return an axis with some room; a constant gets a range that shows it as a line in the middle."""
        room = 0.06 * (high - low) or 0.05 * abs(high) or 0.05
        return cls(low - room, high + room, start_px, end_px)

    def place(self, value: float) -> float:
        return self.start_px + (value - self.low) / (self.high - self.low) * (self.end_px - self.start_px)

    def ticks(self, count: int) -> list[float]:
        """Return round values inside the axis, about `count` of them."""
        raw = (self.high - self.low) / count
        power = 10.0 ** math.floor(math.log10(raw))
        step = next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= raw * (1 - 1e-9))
        first = math.ceil(self.low / step)
        return [n * step for n in range(first, math.floor(self.high / step + 1e-9) + 1)]


def _frame(x_axis: _Axis, y_axis: _Axis, x_unit: str) -> Markup:
    parts: list[Markup] = []
    for value in y_axis.ticks(4):
        y = y_axis.place(value)
        parts.append(line("grid", _LEFT, y, WIDTH - _RIGHT, y))
        parts.append(text("note", _LEFT - 6, y + 3.5, f"{value + 0.0:.4g}", anchor="end"))
    for value in x_axis.ticks(6):
        at = x_axis.place(value)
        anchor = "end" if at > WIDTH - _RIGHT - _HALF_TICK else "middle"
        parts.append(text("note", at, HEIGHT - 8, f"{value + 0.0:.4g} {x_unit}", anchor=anchor))
    return joined(parts)


def _path(times: NDArray[np.float64], values: NDArray[np.float64], x_axis: _Axis, y_axis: _Axis) -> str:
    words: list[str] = []
    pen_up = True
    for at in _thinned(values):
        if not math.isfinite(values[at]):
            pen_up = True
            continue
        words.append(f"{'M' if pen_up else 'L'}{x_axis.place(times[at]):.1f} {y_axis.place(values[at]):.1f}")
        pen_up = False
    return "".join(words)


def _thinned(values: NDArray[np.float64]) -> list[int]:
    """Return the indices to draw: all, or the lowest and highest of each stretch, so that no peak is lost."""
    if len(values) <= _MOST_POINTS:
        return list(range(len(values)))
    kept = {0, len(values) - 1}
    for stretch in np.array_split(np.arange(len(values)), _MOST_POINTS // 2):
        inside = np.nan_to_num(values[stretch], nan=0.0, posinf=0.0, neginf=0.0)
        kept |= {int(stretch[inside.argmin()]), int(stretch[inside.argmax()])}
    return sorted(kept)


def _legend(names: Sequence[str]) -> Markup:
    keys = (element("i", style=f"background:var(--c{number % COLORS})") for number in range(len(names)))
    return element(
        "div",
        joined(element("span", joined([key, escape(name)])) for key, name in zip(keys, names, strict=True)),
        class_="legend",
    )


def _short(name: str, most: int = 20) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
