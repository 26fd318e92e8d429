"""A summary: the kind of thing, sentences about it, and the same as plain JSON data."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Summary:
    """What was found in a folder; `rows` are pairs of a word and what is to be said about it."""

    kind: str
    title: str
    rows: tuple[tuple[str, str], ...]
    data: dict[str, Any]

    def text(self) -> str:
        """Return the summary as lines for a terminal."""
        width = max((len(name) for name, _ in self.rows), default=0)
        return "\n".join(
            map(_printable, [self.title, *(f"  {name.ljust(width)}  {words}" for name, words in self.rows)])
        )


def _printable(line: str) -> str:
    """Replace control characters, which names from outside could use to steer a terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in line)
