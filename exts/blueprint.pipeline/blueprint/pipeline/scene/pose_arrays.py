"""Many poses at once, as arrays: positions (N, 3) and quaternions wxyz (N, 4); axis 0 is time where order matters."""

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.scene.poses import Pose

Array = NDArray[np.float64]


def rotations(quat_wxyz: Array) -> Array:
    """Return rotation matrices (N, 3, 3) of quaternions (N, 4), which are normalised first."""
    w, x, y, z = (quat_wxyz / np.linalg.norm(quat_wxyz, axis=1, keepdims=True)).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.array(rows).transpose(2, 0, 1)


def carried(position_m: Array, quat_wxyz: Array, T_body_child: Pose) -> tuple[Array, Array]:
    """Return the poses of what a body carries along: `T_world_body @ T_body_child` for each of its poses."""
    position = position_m + rotations(quat_wxyz) @ np.asarray(T_body_child.position_m)
    a, b = quat_wxyz.T, np.asarray(T_body_child.quat_wxyz)
    product = np.stack(
        [
            a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3],
            a[0] * b[1] + a[1] * b[0] + a[2] * b[3] - a[3] * b[2],
            a[0] * b[2] - a[1] * b[3] + a[2] * b[0] + a[3] * b[1],
            a[0] * b[3] + a[1] * b[2] - a[2] * b[1] + a[3] * b[0],
        ],
        axis=1,
    )
    return position, product / np.linalg.norm(product, axis=1, keepdims=True)


def continuous(quat_wxyz: Array) -> Array:
    """Choose signs so that quaternions (N, ..., 4) do not jump between frames."""
    turned = (quat_wxyz[1:] * quat_wxyz[:-1]).sum(axis=-1, keepdims=True) < 0
    signs = np.cumprod(np.where(turned, -1.0, 1.0), axis=0)
    return np.concatenate([quat_wxyz[:1], quat_wxyz[1:] * signs])


def lengths(vectors: Array) -> Array:
    """Return the lengths of vectors (..., K), (...)."""
    return np.sqrt(np.square(vectors).sum(axis=-1))
