"""The child process that cuts meshes into convex parts, because the native code may crash on a hostile mesh.

Reads from standard input an npz archive with `vertices_0`, `faces_0`, `vertices_1` ... and the request as JSON text;
writes to standard output an npz archive with `part_0`, `part_1` ... of shape (N, 3). Started by decomposition.py, which
decides its limits.
"""

import io
import json
import os
import resource
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def main() -> None:
    """Work off one request."""
    answer = os.dup(sys.stdout.fileno())
    # Native code reports progress on standard output, which carries the answer.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    with np.load(io.BytesIO(sys.stdin.buffer.read()), allow_pickle=False) as request:
        wish = json.loads(str(request["wish"]))
        shares = wish["max_hulls"]
        meshes = [(request[f"vertices_{at}"], request[f"faces_{at}"], share) for at, share in enumerate(shares)]
    resource.setrlimit(resource.RLIMIT_AS, (wish["memory_bytes"], wish["memory_bytes"]))
    # The parent ends a slow child; this limit is for one whose parent is gone.
    orphan_s = wish["deadline_s"] + 10
    resource.setrlimit(resource.RLIMIT_CPU, (orphan_s, orphan_s))
    cut = {"coacd": cut_with_coacd, "vhacd": cut_with_vhacd}[wish["method"]]
    parts = [
        part
        for vertices_m, faces, share in meshes
        for part in (cut(vertices_m, faces, share, wish) if share > 1 else [vertices_m])
    ]
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **{f"part_{at}": part for at, part in enumerate(parts)})
    with os.fdopen(answer, "wb") as stream:
        stream.write(buffer.getvalue())


def cut_with_coacd(vertices_m: Floats, faces: NDArray[np.int64], max_hulls: int, wish: dict[str, Any]) -> list[Floats]:
    """Cut with CoACD; its search depth is fixed, so the work is bounded and repeats."""
    import coacd

    coacd.set_log_level("error")
    parts = coacd.run_coacd(
        coacd.Mesh(vertices_m, faces.astype(np.int32)),
        threshold=wish["threshold"],
        max_convex_hull=max_hulls,
        preprocess_mode="auto",
        resolution=1000,
        mcts_nodes=10,
        mcts_iterations=60,
        mcts_max_depth=2,
        seed=wish["seed"],
    )
    return [np.asarray(points, dtype=np.float64) for points, _ in parts]


def cut_with_vhacd(vertices_m: Floats, faces: NDArray[np.int64], max_hulls: int, _: dict[str, Any]) -> list[Floats]:
    """Cut with V-HACD."""
    import vhacdx

    parts = vhacdx.compute_vhacd(
        vertices_m,
        faces.astype(np.uint32),
        maxConvexHulls=max_hulls,
        resolution=100_000,
        maxNumVerticesPerCH=64,
        asyncACD=False,
    )
    return [np.asarray(points, dtype=np.float64) for points, _ in parts]


if __name__ == "__main__":
    main()
