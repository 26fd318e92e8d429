"""Pages from templates: what is filled in is escaped, and a name that nobody fills is an error."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def fill(
    template: Path,
    values: Mapping[str, Any],
    *,
    finalize: Callable[[Any], Any] | None = None,
    tests: Mapping[str, Callable[[Any], bool]] | None = None,
) -> str:
    """Return a template's file with values; `finalize` sees each before it is written, `tests` are the template's."""
    # Most commands write no page.
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=finalize
    )
    environment.tests.update(tests or {})
    return environment.from_string(template.read_text(encoding="utf-8")).render(values)
