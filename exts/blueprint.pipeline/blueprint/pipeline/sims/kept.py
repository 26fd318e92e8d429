"""What this process has read from model folders, kept for the next sim of the same scene: a bounded few."""

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

MOST_KEPT = 16
"""A scene takes about four entries of at most a few megabytes; a worker sees one scene after the other."""

_kept: OrderedDict[tuple[str, str, int, int, int], Any] = OrderedDict()
_lock = Lock()


def kept[T](what: str, path: Path, read: Callable[[Path], T]) -> T:
    """Return what `read` makes of a file, from memory while the file is the same; the caller must not change it."""
    stat = path.stat()
    key = (what, str(path.absolute()), stat.st_ino, stat.st_mtime_ns, stat.st_size)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    made = read(path)
    with _lock:
        _kept[key] = made
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made
