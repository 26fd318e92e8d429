"""Digests of values and files: the identity of everything that is stored."""

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

_BLOCK_BYTES = 1 << 20


def canonical_json(value: Any) -> bytes:
    """Encode plain JSON data the one way whose bytes enter digests and payloads."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1)
    return (text + "\n").encode()


def digest_value(value: Any) -> str:
    """Return the SHA-256 of plain JSON data, as hexadecimal text."""
    return hashlib.sha256(canonical_json(value)).hexdigest()


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, as hexadecimal text."""
    sha = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            sha.update(block)
    return sha.hexdigest()


def files_below(folder: Path) -> list[Path]:
    """List the regular files below a folder, sorted by their relative POSIX path."""
    found = [Path(root) / name for root, _, names in os.walk(folder) for name in names]
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def digest_files(folder: Path, *, leave_out: Iterable[str] = ()) -> dict[str, str]:
    """Map the relative POSIX path of every file below a folder to its SHA-256."""
    skipped = frozenset(leave_out)
    names = ((path, path.relative_to(folder).as_posix()) for path in files_below(folder))
    return {name: digest_file(path) for path, name in names if name not in skipped}


def digest_path(path: Path) -> str:
    """Return one digest for a file, or for a folder's file names and contents."""
    return digest_file(path) if path.is_file() else digest_value(digest_files(path))
