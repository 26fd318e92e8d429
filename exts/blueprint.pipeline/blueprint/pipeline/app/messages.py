"""Sentences for people: without stack traces and without paths of the machine."""

import re

from blueprint.pipeline.errors import BlueprintError

_FOLDERS = re.compile(r"(?<![\w.])/(?:[^\s/'\":,;()]+/)+")


def public_message(error: BaseException) -> str:
    """Return what a user may read of an error; the trace belongs into the run's log."""
    text = str(error) or type(error).__name__
    if not isinstance(error, BlueprintError):
        text = f"{type(error).__name__}: {text}"
    return without_folders(text)


def without_folders(text: str) -> str:
    """Shorten absolute paths to their last part."""
    return _FOLDERS.sub("", text)
