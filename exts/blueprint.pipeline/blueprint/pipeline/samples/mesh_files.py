"""GLB and PLY files as the reconstruction's own writers leave them, their peculiarities included."""

import json
import struct
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from .environment import Look
from .shape import Floats, Shape

_FLOAT, _UINT16, _UINT32 = 5126, 5123, 5125


def png_bytes(image: NDArray[np.uint8]) -> bytes:
    """Return `image` (RGB or grey) as PNG."""
    ordered = image[..., ::-1] if image.ndim == 3 else image
    return cv2.imencode(".png", ordered, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()


def write_canonical_glb(path: Path, vertices: Floats, shape: Shape, texture: bytes, *, look: Look) -> None:
    """Write the mesh as it was generated: 32-bit indices, material values kept, chunks padded."""
    material = {"metallicFactor": look.metallic, "roughnessFactor": look.roughness}
    _write_glb(
        path, vertices, shape, texture, material, names=("geometry_0", "geometry_0"), index_type=_UINT32, padded=True
    )


def write_posed_glb(path: Path, vertices: Floats, shape: Shape, texture: bytes) -> None:
    """Write the mesh after pose matching: pose in the vertices, 16-bit indices, base colour only, unpadded JSON."""
    material = {"metallicFactor": 0, "roughnessFactor": 0.99}
    _write_glb(path, vertices, shape, texture, material, names=("Node", "Node-Mesh"), index_type=_UINT16, padded=False)


def _write_glb(
    path: Path,
    vertices: Floats,
    shape: Shape,
    texture: bytes,
    material: dict[str, float],
    *,
    names: tuple[str, str],
    index_type: int,
    padded: bool,
) -> None:
    positions = vertices.astype("<f4")
    # Too many vertices for 16 bits wrap around in the original writer, and so they do here.
    indices = shape.faces.reshape(-1).astype("<u2" if index_type == _UINT16 else "<u4")
    chunks = [positions.tobytes(), shape.uv.astype("<f4").tobytes(), indices.tobytes(), texture]
    views, binary = [], b""
    for chunk in chunks:
        views.append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(chunk)})
        binary += chunk + b"\0" * (-len(chunk) % 4)
    count = len(positions)
    low, high = positions.min(axis=0).tolist(), positions.max(axis=0).tolist()
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": names[0], "mesh": 0}],
        "meshes": [
            {
                "name": names[1],
                "primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "indices": 2, "material": 0}],
            }
        ],
        "materials": [{"name": "material_0", "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}, **material}}],
        "textures": [{"sampler": 0, "source": 0}],
        "samplers": [{"magFilter": 9729, "minFilter": 9987}],
        "images": [{"name": "texture", "mimeType": "image/png", "bufferView": 3}],
        "accessors": [
            {"bufferView": 0, "componentType": _FLOAT, "type": "VEC3", "count": count, "min": low, "max": high},
            {"bufferView": 1, "componentType": _FLOAT, "type": "VEC2", "count": count},
            {"bufferView": 2, "componentType": index_type, "type": "SCALAR", "count": len(indices)},
        ],
        "bufferViews": views,
        "buffers": [{"byteLength": len(binary)}],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    if padded:
        text += b" " * (-len(text) % 4)
    header = struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + len(binary))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(
        header + struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(binary), b"BIN\0") + binary
    )


def write_point_ply(path: Path, points: Floats) -> None:
    """Write bare points, shape (N, 3), as 32-bit binary PLY."""
    header = f"ply\nformat binary_little_endian 1.0\nelement vertex {len(points)}\n" + "".join(
        f"property float {axis}\n" for axis in "xyz"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header.encode() + b"end_header\n" + points.astype("<f4").tobytes())
