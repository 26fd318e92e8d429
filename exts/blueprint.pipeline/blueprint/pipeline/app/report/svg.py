"""Elements of inline SVG; every attribute and every text is escaped."""

from collections.abc import Iterable

from markupsafe import Markup, escape

Attribute = str | float | int


def element(name: str, content: str = "", **attributes: Attribute) -> Markup:
    """Return an element; `class_` becomes `class`, `text_anchor` becomes `text-anchor`, numbers keep one decimal."""
    keys = (key.rstrip("_").replace("_", "-") for key in attributes)
    words = joined(
        Markup(' {}="{}"').format(key, _plain(value)) for key, value in zip(keys, attributes.values(), strict=True)
    )
    return Markup("<{0}{1}>{2}</{0}>").format(name, words, content)


def line(kind: str, x1: float, y1: float, x2: float, y2: float) -> Markup:
    """Return a line of a class of the style sheet."""
    return element("line", class_=kind, x1=x1, y1=y1, x2=x2, y2=y2)


def text(kind: str, x: float, y: float, words: str, *, anchor: str = "start") -> Markup:
    """Return a text of a class of the style sheet."""
    return element("text", words, class_=kind, x=x, y=y, text_anchor=anchor)


def rectangle(kind: str, x: float, y: float, width: float, height: float) -> Markup:
    """Return a rectangle with slightly round corners."""
    return element("rect", class_=kind, x=x, y=y, width=width, height=height, rx=2)


def joined(parts: Iterable[Markup]) -> Markup:
    """Return elements one after the other."""
    return Markup("").join(parts)


def figure(title: str, unit: str, width: float, height: float, content: Markup, after: Markup | None = None) -> Markup:
    """Return a drawing with its caption, as wide as the page lets it be."""
    caption = element("figcaption", joined([escape(title), Markup(" "), element("small", unit)]))
    box = f"0 0 {_plain(width)} {_plain(height)}"
    # Drawn no larger than a fifth beyond its size, so that texts stay as large as the page's.
    drawing = element("svg", content, viewBox=box, role="img", style=f"max-width:{1.2 * width:.0f}px")
    return element("figure", joined([caption, drawing, after or Markup("")]), class_="plot")


def _plain(value: Attribute) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
