"""Read plain numeric arrays from a foreign .npz file; objects and pickles are refused, and so are bombs.

The arrays' headers are matched, not evaluated: numpy's own reader runs a tokenizer and a literal parser over them, and
damaged headers end those in many ways.
"""

import math
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import ScanError

MAX_UNPACKED_BYTES = 1 << 28
_PLAIN_KINDS = "biuf"
_MAX_MEMBERS = 10_000
_MAX_AXES = 8
_SUFFIX = ".npy"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGED = (
    ValueError,
    EOFError,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    OSError,
    struct.error,
)
# Numpy writes the three fields in this order; the length of the header is 16 bits in version 1, 32 bits later.
_MAGIC = b"\x93NUMPY"
_HEADER = re.compile(
    rb"\{'descr': '(?P<type>[<>|=][a-zA-Z][0-9]{0,4})', 'fortran_order': (?P<fortran>True|False), "
    rb"'shape': \((?P<shape>[0-9, ]{0,80})\),? ?\}\s*"
)


def read_arrays(
    path: Path, name: str, required: Iterable[str], optional: Iterable[str] = ()
) -> dict[str, NDArray[Any]]:
    """Return the named arrays of an .npz file; raises ScanError naming the file and what is wrong in it.

    Every array must be boolean, integer or float; whether floats are finite is for the caller to check.
    """
    if not path.is_file():
        raise ScanError(name, "is missing.", expected="an .npz file")
    if path.stat().st_size == 0:
        raise ScanError(name, "is empty (0 bytes).", expected="an .npz file")
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive, name, tuple(required), tuple(optional))
    except _DAMAGED as error:
        said = str(error).replace(str(path), path.name)[:200]
        raise ScanError(name, f"is not an archive of plain arrays ({said}).", expected="numbers only") from error


def _read(
    archive: zipfile.ZipFile, name: str, required: tuple[str, ...], optional: tuple[str, ...]
) -> dict[str, NDArray[Any]]:
    members = {entry.filename.removesuffix(_SUFFIX): entry for entry in archive.infolist()[:_MAX_MEMBERS]}
    unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MAX_UNPACKED_BYTES:
        raise ScanError(name, f"unpacks to {unpacked} bytes.", expected=f"at most {MAX_UNPACKED_BYTES}")
    missing = sorted(set(required) - set(members))
    if missing:
        found = ", ".join(sorted(members))[:400] or "nothing"
        raise ScanError(name, f"has no array {', '.join(missing)}; found {found}.")
    wanted = (*required, *(field for field in optional if field in members))
    return {field: _array(archive, members[field], field, name) for field in wanted}


def _array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, field: str, name: str) -> NDArray[Any]:
    if entry.compress_type not in _METHODS or entry.flag_bits & 1:
        raise ValueError(f"array {field} is packed in an unusual way")
    content = archive.read(entry)
    header_bytes = 2 if content[6:7] == b"\1" else 4
    start = 8 + header_bytes
    end = start + int.from_bytes(content[8:start], "little")
    match = _HEADER.fullmatch(content[start:end])
    if not content.startswith(_MAGIC) or match is None:
        raise ValueError(f"array {field} has no header that describes plain numbers")
    try:
        kind = np.dtype(match["type"].decode("ascii"))
    except TypeError as error:
        raise ValueError(f"array {field} has no known type") from error
    if kind.hasobject:
        raise ValueError(f"array {field} holds objects")
    if kind.kind not in _PLAIN_KINDS:
        raise ScanError(name, f"array {field} has type {kind}.", expected="booleans, integers or floats")
    shape = tuple(int(size) for size in match["shape"].split(b",") if size.strip())
    if len(shape) > _MAX_AXES or math.prod(shape) * kind.itemsize != len(content) - end:
        raise ValueError(f"array {field} holds {len(content) - end} bytes for the shape {shape}")
    values = np.frombuffer(content, kind, offset=end)
    return values.reshape(shape, order="F" if match["fortran"] == b"True" else "C").astype(kind.newbyteorder("="))
