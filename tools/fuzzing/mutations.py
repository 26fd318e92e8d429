"""Ways to damage a file: its bytes, its numbers in text, the lengths in it, the values of its JSON and its arrays."""

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np

Change = Callable[[bytes, bytes, np.random.Generator], bytes]

_LENGTHS = (0, 1, 2, 3, 0x7F, 0xFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_NUMBERS = (b"0", b"-1", b"nan", b"inf", b"-inf", b"1e308", b"1e-320", b"4294967296", b"9" * 30, b"2", b"", b"0x7f")
_VALUES: tuple[Any, ...] = (
    None, True, [], {}, "", "x" * 5000, -1, 0, 1e308, float("nan"), float("inf"), 10**400, [[[]]], "../../x", [1, 2, 3],
    "\u202e\u0000", {"a": {"a": 1}},
)  # fmt: skip
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")


def mutate(content: bytes, suffix: str, donor: bytes, rng: np.random.Generator) -> bytes:
    """Return a damaged copy: one to three changes that suit the kind of file; `donor` is another file's content."""
    for _ in range(int(rng.integers(1, 4))):
        changes = [*_BYTES, *_BY_SUFFIX.get(suffix, ())]
        content = changes[int(rng.integers(len(changes)))](content, donor, rng)
    return content


def _at(content: bytes, rng: np.random.Generator) -> int:
    return int(rng.integers(max(len(content), 1)))


def _flip(content: bytes, donor: bytes, rng: np.random.Generator) -> bytes:
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 9))):
        if changed:
            changed[_at(content, rng)] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def _scribble(content: bytes, donor: bytes, rng: np.random.Generator) -> bytes:
    at, noise = _at(content, rng), rng.bytes(int(rng.integers(1, 17)))
    return content[:at] + noise + content[at + len(noise) :]


def _cut(content: bytes, donor: bytes, rng: np.random.Generator) -> bytes:
    return content[: _at(content, rng)]


def _drop(content: bytes, donor: bytes, rng: np.random.Generator) -> bytes:
    at = _at(content, rng)
    return content[:at] + content[at + int(rng.integers(1, 65)) :]


def _repeat(content: bytes, donor: bytes, rng: np.random.Generator) -> bytes:
    at, length = _at(content, rng), int(rng.integers(1, 257))
    return content[:at] + content[at : at + length] * int(rng.integers(2, 9)) + content[at + length :]


def _splice(content: bytes, donor: bytes, rng: np.random.Generator) -> bytes:
    start = _at(donor, rng)
    at, piece = _at(content, rng), donor[start : start + int(rng.integers(1, 513))]
    return content[:at] + piece + content[at + len(piece) * int(rng.integers(2)) :]


def _length(content: bytes, donor: bytes, rng: np.random.Generator) -> bytes:
    """Overwrite a 32-bit number that lies on a multiple of four, near the beginning more often than not."""
    if len(content) < 8:
        return content
    reach = len(content) // 4 if rng.random() < 0.4 else min(len(content) // 4, 32)
    at = 4 * int(rng.integers(reach))
    (old,) = struct.unpack_from("<I", content.ljust(at + 4, b"\0"), at)
    choices = (*_LENGTHS, old + 1, old - 1, old * 1000, len(content))
    new = struct.pack("<I", choices[int(rng.integers(len(choices)))] & 0xFFFFFFFF)
    return content[:at] + new + content[at + 4 :]


def _number(content: bytes, donor: bytes, rng: np.random.Generator) -> bytes:
    found = list(_NUMBER.finditer(content[: 1 << 16]))
    if not found:
        return content
    match = found[int(rng.integers(len(found)))]
    return content[: match.start()] + _NUMBERS[int(rng.integers(len(_NUMBERS)))] + content[match.end() :]


def _line(content: bytes, donor: bytes, rng: np.random.Generator) -> bytes:
    """Move, drop or double a line."""
    lines = content.split(b"\n")
    first, second = (int(rng.integers(len(lines))) for _ in range(2))
    match int(rng.integers(3)):
        case 0:
            lines[first], lines[second] = lines[second], lines[first]
        case 1:
            lines.insert(first, lines[second])
        case _:
            del lines[first]
    return b"\n".join(lines)


def _json_value(content: bytes, donor: bytes, rng: np.random.Generator) -> bytes:
    try:
        tree = json.loads(content)
    except (ValueError, RecursionError):
        return content
    return json.dumps(_with_other_value(tree, rng)).encode()


def _with_other_value(tree: Any, rng: np.random.Generator) -> Any:
    """Return a tree in which one value, at any depth, became another one."""
    if not isinstance(tree, dict | list) or not tree or rng.random() < 0.05:
        return _VALUES[int(rng.integers(len(_VALUES)))]
    if isinstance(tree, dict):
        name = list(tree)[int(rng.integers(len(tree)))]
        if rng.random() < 0.1:
            return {key: value for key, value in tree.items() if key != name}
        return {**tree, name: _with_other_value(tree[name], rng)}
    index = int(rng.integers(len(tree)))
    if rng.random() < 0.1:
        return [*tree[:index], *tree[index + 1 :]]
    return [*tree[:index], _with_other_value(tree[index], rng), *tree[index + 1 :]]


def _glb_json(content: bytes, donor: bytes, rng: np.random.Generator) -> bytes:
    """Swap a value in the JSON of a binary glTF file and put the lengths right again."""
    if len(content) < 20:
        return content
    length = int.from_bytes(content[12:16], "little")
    tree = _json_value(content[20 : 20 + length], donor, rng)
    tree += b" " * (-len(tree) % 4)
    rest = content[20 + length :]
    return (
        struct.pack("<4sII", b"glTF", 2, 20 + len(tree) + len(rest))
        + struct.pack("<I", len(tree))
        + b"JSON"
        + tree
        + rest
    )


def _array(content: bytes, donor: bytes, rng: np.random.Generator) -> bytes:
    """Damage one member of an .npz archive, which keeps its checksum."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, zlib.error):
        return content
    if not members:
        return content
    name = list(members)[int(rng.integers(len(members)))]
    changes = (_array_header, _flip, _cut, _drop, _number, _other_array)
    members[name] = changes[int(rng.integers(len(changes)))](members[name], donor, rng)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member, data in members.items():
            archive.writestr(member, data)
    return buffer.getvalue()


def _array_header(content: bytes, donor: bytes, rng: np.random.Generator) -> bytes:
    """Replace shape or type in the header of an array, which keeps its length."""
    swaps = (
        (rb"'shape': \([^)]*\)", (b"'shape': (9999999999,)", b"'shape': (-1,)", b"'shape': ()", b"'shape': (0, 3)")),
        (rb"'descr': '[^']*'", (b"'descr': '|O'", b"'descr': '<U9'", b"'descr': '<f2'", b"'descr': [('a', '<f8')]")),
        (rb"'fortran_order': \w+", (b"'fortran_order': None", b"'fortran_order': True")),
    )
    pattern, options = swaps[int(rng.integers(len(swaps)))]
    return re.sub(pattern, lambda _: options[int(rng.integers(len(options)))], content, count=1)


def _other_array(content: bytes, donor: bytes, rng: np.random.Generator) -> bytes:
    choices = (
        np.zeros(0), np.full((3, 3), np.nan), np.array(7), np.full(4, 2**62), np.array(["a"]), np.zeros((2, 6)) + 1e308,
        np.ones((2, 2), dtype=complex), np.array([[0, 1], [1, 0]]), np.array([True, True]),
    )  # fmt: skip
    buffer = io.BytesIO()
    np.save(buffer, choices[int(rng.integers(len(choices)))], allow_pickle=False)
    return buffer.getvalue()


_BYTES: tuple[Change, ...] = (_flip, _scribble, _cut, _drop, _repeat, _splice, _length)
_TEXT: tuple[Change, ...] = (_number, _number, _number, _line, _line)
_BY_SUFFIX: dict[str, tuple[Change, ...]] = {
    ".glb": (_glb_json,) * 8,
    ".gltf": (_json_value,) * 8,
    ".json": (_json_value,) * 12,
    ".npz": (_array,) * 12,
    ".obj": _TEXT,
    ".mtl": _TEXT,
    ".ply": _TEXT,
    ".stl": _TEXT,
    ".usda": _TEXT,
    ".yaml": _TEXT,
    ".csv": _TEXT,
}
