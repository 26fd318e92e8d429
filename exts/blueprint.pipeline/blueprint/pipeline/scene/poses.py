"""Rigid poses: position in metres and a unit quaternion in wxyz order."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vec2 = tuple[float, float]
Vec3 = tuple[float, float, float]
Quat = tuple[float, float, float, float]
Matrix = NDArray[np.float64]


def vec3(values: ArrayLike) -> Vec3:
    """Return three numbers as a tuple of plain floats."""
    x, y, z = np.asarray(values, dtype=np.float64).tolist()
    return (x, y, z)


@dataclass(frozen=True, slots=True)
class Pose:
    """A rigid transform; named `T_parent_child`, it maps child coordinates to parent coordinates."""

    position_m: Vec3 = (0.0, 0.0, 0.0)
    quat_wxyz: Quat = (1.0, 0.0, 0.0, 0.0)

    @classmethod
    def from_matrix(cls, matrix: ArrayLike) -> "Pose":
        """Build a pose from a homogeneous (4, 4) matrix whose rotation part is proper and orthonormal."""
        T = np.asarray(matrix, dtype=np.float64)
        return cls(vec3(T[:3, 3]), quat_from_rotation(T[:3, :3]))

    @classmethod
    def from_yaw(cls, position_m: ArrayLike, yaw_rad: float) -> "Pose":
        """Build an upright pose turned about +Z by `yaw_rad`."""
        return cls(vec3(position_m), (float(np.cos(yaw_rad / 2)), 0.0, 0.0, float(np.sin(yaw_rad / 2))))

    def rotation(self) -> Matrix:
        """Return the (3, 3) rotation matrix."""
        return rotation_from_quat(self.quat_wxyz)

    def matrix(self) -> Matrix:
        """Return the homogeneous (4, 4) matrix."""
        T = np.eye(4)
        T[:3, :3], T[:3, 3] = self.rotation(), self.position_m
        return T

    def inverse(self) -> "Pose":
        """Return the transform in the other direction."""
        R = self.rotation().T
        w, x, y, z = self.quat_wxyz
        return Pose(vec3(-R @ np.asarray(self.position_m)), (w, -x, -y, -z))

    def __matmul__(self, other: "Pose") -> "Pose":
        """Compose: `T_a_b @ T_b_c` is `T_a_c`."""
        position = self.apply(np.asarray(other.position_m))
        return Pose(vec3(position), multiply_quats(self.quat_wxyz, other.quat_wxyz))

    def apply(self, points_m: ArrayLike) -> Matrix:
        """Map points of shape (3,) or (N, 3) from child to parent coordinates."""
        return np.asarray(points_m, dtype=np.float64) @ self.rotation().T + np.asarray(self.position_m)

    def yaw_rad(self) -> float:
        """Return the heading of the child's x axis about +Z."""
        R = self.rotation()
        return float(np.arctan2(R[1, 0], R[0, 0]))


def rotation_from_quat(quat_wxyz: ArrayLike) -> Matrix:
    """Return the (3, 3) rotation of a quaternion, which is normalised first."""
    # Plain floats: numpy takes ten times as long over four numbers.
    w, x, y, z = _unit(quat_wxyz)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def quat_from_rotation(rotation: ArrayLike) -> Quat:
    """Return the unit quaternion (wxyz, w >= 0) of a proper (3, 3) rotation; Shepperd's method."""
    R = np.asarray(rotation, dtype=np.float64)
    diagonal = np.array([np.trace(R), R[0, 0], R[1, 1], R[2, 2]])
    largest = int(np.argmax(diagonal))
    if largest == 0:
        q = np.array([1 + diagonal[0], R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1]])
    else:
        i, j, k = ((0, 1, 2), (1, 2, 0), (2, 0, 1))[largest - 1]
        q = np.empty(4)
        q[0] = R[k, j] - R[j, k]
        q[1 + i] = 1 + R[i, i] - R[j, j] - R[k, k]
        q[1 + j] = R[j, i] + R[i, j]
        q[1 + k] = R[k, i] + R[i, k]
    q = q / np.linalg.norm(q) * (1.0 if q[0] >= 0 else -1.0)
    w, x, y, z = q.tolist()
    return (w, x, y, z)


def multiply_quats(first_wxyz: ArrayLike, second_wxyz: ArrayLike) -> Quat:
    """Return the product of two unit quaternions, normalised, wxyz."""
    a, b, c, d = _floats(first_wxyz)
    e, f, g, h = _floats(second_wxyz)
    return _unit(
        (
            a * e - b * f - c * g - d * h,
            a * f + b * e + c * h - d * g,
            a * g - b * h + c * e + d * f,
            a * h + b * g - c * f + d * e,
        )
    )


def _unit(quat_wxyz: ArrayLike) -> Quat:
    w, x, y, z = _floats(quat_wxyz)
    size = math.sqrt(w * w + x * x + y * y + z * z)
    return (w / size, x / size, y / size, z / size)


def _floats(quat_wxyz: ArrayLike) -> Quat:
    if isinstance(quat_wxyz, tuple):
        return quat_wxyz  # pyright: ignore[reportReturnType]
    w, x, y, z = np.asarray(quat_wxyz, dtype=np.float64).tolist()
    return (w, x, y, z)


def angle_between_rad(first: Pose, second: Pose) -> float:
    """Return the smallest rotation angle that turns one pose's axes into the other's."""
    cosine = abs(float(np.dot(first.quat_wxyz, second.quat_wxyz)))
    return float(2 * np.arccos(min(1.0, cosine)))
