"""One run at a time in an output folder; the operating system frees the lock when its holder dies."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from blueprint.pipeline.engine.store import disk_full_named
from blueprint.pipeline.errors import FolderLocked, FolderUnusable

LOCK_FILE = ".lock"


@contextmanager
def locked(folder: Path) -> Generator[None]:
    """Hold a folder for this process, making it where it is missing.

    Raises FolderLocked naming the process that holds it, FolderUnusable where it cannot be written.
    """
    with _open(folder) as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            stream.seek(0)
            owner = stream.read().strip() or "another process"
            raise FolderLocked(folder.name, owner) from error
        with disk_full_named(folder):
            stream.truncate(0)
            stream.write(f"process {os.getpid()}")
            stream.flush()
        yield


def _open(folder: Path) -> TextIO:
    try:
        with disk_full_named(folder):
            folder.mkdir(parents=True, exist_ok=True)
            return (folder / LOCK_FILE).open("a+")
    except OSError as error:
        raise FolderUnusable(folder.name, error.strerror or type(error).__name__) from error
