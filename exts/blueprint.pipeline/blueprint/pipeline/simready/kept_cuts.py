"""The convex pieces of a mesh are looked for once: the same mesh, settings and tools give the same pieces."""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.engine.remembered import remembered
from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.scene.codec import encode, from_plain
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.scene.props import Body
from blueprint.pipeline.scene.randomness import stream

from .colliders import Cut, Shape, cut_into_pieces
from .decomposition import Limits
from .primitives import Primitive
from .solids import Solid

CUT_VERSION = 1
"""Counts up when the search itself changes, so that pieces found by an older one are not taken."""

TOOLS = ("coacd", "vhacdx", "numpy", "scipy", "trimesh", "embreex")


def cut_once(
    work: Work, subject: str, body: Body, solid: Solid, limits: Limits, max_vertices: int, worker: Sequence[str]
) -> Cut:
    """Return the pieces of a link's solid, from the store where they were found before.

    Raises DecompositionTooSlow.
    """
    meshes = [visual.mesh.digest for visual in body.visuals]
    made_from = {
        "version": CUT_VERSION,
        "meshes": meshes,
        "closed": solid.closed,
        "patched": solid.patch_faces,
        "limits": asdict(limits),
        "max_vertices": max_vertices,
    }

    def make() -> bytes:
        rng = stream(0, 0, f"cut/{'/'.join(meshes)}")
        return pack_cut(cut_into_pieces(subject, solid, limits, max_vertices, rng, worker))

    return unpack_cut(remembered(work, "cut", made_from, TOOLS, make))


@dataclass(frozen=True, slots=True)
class _Listed:
    """A cut without the corners of its hulls, each of which has an empty place among the pieces."""

    pieces: tuple[Primitive | None, ...]
    method: str
    notes: tuple[str, ...]


def pack_cut(cut: Cut) -> bytes:
    """Return pieces as an npz archive: hulls as arrays, all else as JSON text."""
    arrays: dict[str, NDArray[Any]] = {}
    for at, piece in enumerate(cut.pieces):
        if isinstance(piece, TriangleMesh):
            arrays |= {f"vertices_{at}": piece.vertices_m, f"faces_{at}": piece.faces}
    primitives = tuple(None if isinstance(piece, TriangleMesh) else piece for piece in cut.pieces)
    arrays["listed"] = np.array(encode(_Listed(primitives, cut.method, cut.notes)).decode())
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack_cut(content: bytes) -> Cut:
    """Return the pieces that `pack_cut` wrote."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        listed = from_plain(json.loads(str(arrays["listed"])), _Listed)
        pieces: list[Shape] = [
            TriangleMesh(arrays[f"vertices_{at}"], arrays[f"faces_{at}"]) if piece is None else piece
            for at, piece in enumerate(listed.pieces)
        ]
    return Cut(tuple(pieces), listed.method, listed.notes)
