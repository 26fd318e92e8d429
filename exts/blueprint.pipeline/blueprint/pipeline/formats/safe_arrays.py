"""Read plain numeric arrays from a foreign .npz file; objects and pickles are refused, and so are bombs."""

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import ScanError

MAX_UNPACKED_BYTES = 1 << 28
_PLAIN_KINDS = "biuf"


def read_arrays(
    path: Path, name: str, required: Iterable[str], optional: Iterable[str] = ()
) -> dict[str, NDArray[Any]]:
    """Return the named arrays of an .npz file; raises ScanError naming the file and what is wrong in it.

    Every array must be boolean, integer or float; floats must be finite except where the caller checks that itself.
    """
    _check_archive(path, name)
    arrays: dict[str, NDArray[Any]] = {}
    try:
        with np.load(path, allow_pickle=False) as stored:
            missing = sorted(set(required) - set(stored.files))
            if missing:
                found = ", ".join(sorted(stored.files)) or "nothing"
                raise ScanError(name, f"has no array {', '.join(missing)}; found {found}.")
            for field in (*required, *(entry for entry in optional if entry in stored.files)):
                arrays[field] = stored[field]
    except (ValueError, EOFError, zipfile.BadZipFile, OSError) as error:
        raise ScanError(name, f"is not an archive of plain arrays ({error}).", expected="numbers only") from error
    for field, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise ScanError(name, f"array {field} is stored in no form that numpy writes.", expected="numbers only")
        if array.dtype.kind not in _PLAIN_KINDS:
            raise ScanError(name, f"array {field} has type {array.dtype}.", expected="booleans, integers or floats")
    return arrays


def _check_archive(path: Path, name: str) -> None:
    if not path.is_file():
        raise ScanError(name, "is missing.", expected="an .npz file")
    if path.stat().st_size == 0:
        raise ScanError(name, "is empty (0 bytes).", expected="an .npz file")
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise ScanError(name, "is not an .npz archive.", expected="a file written by numpy.savez") from error
    if unpacked > MAX_UNPACKED_BYTES:
        raise ScanError(name, f"unpacks to {unpacked} bytes.", expected=f"at most {MAX_UNPACKED_BYTES}")
