"""Name the pictures inside a binary glTF file that cannot be used; general readers drop them without a word."""

import json
import struct
from typing import Any

from .textures import picture_fault

_HEADER = struct.Struct("<4sII")
_CHUNK = struct.Struct("<I4s")


def lost_pictures(content: bytes) -> list[str]:
    """Return, for each damaged, missing or too large colour texture of a binary glTF file, what is wrong with it."""
    try:
        tree, binary = _chunks(content)
        return [
            f"colour texture {index} {fault}; it was left out"
            for index in _colour_images(tree)
            if (fault := _fault(tree, binary, index))
        ]
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, struct.error):
        # A tree of another form: the mesh reader, which follows, says what is wrong with it.
        return []


def _chunks(content: bytes) -> tuple[dict[str, Any], bytes]:
    at = _HEADER.size
    length, kind = _CHUNK.unpack_from(content, at)
    if kind != b"JSON":
        raise ValueError(f"the first chunk is {kind!r}")
    at += _CHUNK.size
    tree = json.loads(content[at : at + length])
    at += length
    if at + _CHUNK.size > len(content):
        return tree, b""
    length, _ = _CHUNK.unpack_from(content, at)
    return tree, content[at + _CHUNK.size : at + _CHUNK.size + length]


def _colour_images(tree: dict[str, Any]) -> list[int]:
    """Return the indices of the pictures that materials use as their colour."""
    looks = (material.get("pbrMetallicRoughness", {}) for material in tree.get("materials", []))
    textures = [look["baseColorTexture"]["index"] for look in looks if "baseColorTexture" in look]
    return sorted({tree["textures"][texture]["source"] for texture in textures})


def _fault(tree: dict[str, Any], binary: bytes, index: int) -> str:
    image = tree["images"][index]
    if "bufferView" not in image:
        # Pictures by name are looked up, and their absence noted, while the mesh is read.
        return ""
    view = tree["bufferViews"][image["bufferView"]]
    start = view.get("byteOffset", 0)
    return picture_fault(binary[start : start + view["byteLength"]])
