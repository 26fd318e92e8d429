"""Where an object stands: its mesh in a frame of its own, Y up, and the same mesh in the frame of the scan."""

from collections.abc import Sequence

import numpy as np

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.poses import Vec3, vec3

from .raw_scan import Points, RawMesh, RawObject

Y_UP: Vec3 = (0.0, 1.0, 0.0)
Z_UP: Vec3 = (0.0, 0.0, 1.0)

_SIMILAR = 1e-4
_SMALLEST, _LARGEST = 1e-9, 1e9


def turn_to_y_up(up: Vec3) -> Points:
    """Return the smallest (3, 3) rotation that takes a unit direction to +Y; Z up becomes (x, z, -y)."""
    u = np.asarray(up, dtype=np.float64)
    if u[1] < -1 + _SIMILAR:
        return np.diag([1.0, -1.0, -1.0])
    x, y, z = u
    cross = np.array([[0.0, -x, 0.0], [x, 0.0, z], [0.0, -z, 0.0]])
    return np.eye(3) + cross + cross @ cross / (1 + y)


def nearest_axis(direction: Points) -> Vec3:
    """Return the unit axis, with its sign, that a direction is nearest to."""
    axis = int(np.argmax(np.abs(direction)))
    return vec3(np.sign(direction[axis]) * np.eye(3)[axis])


def level_view(up: Vec3) -> Points:
    """Return a camera (4, 4) at the origin that looks level, along -Z where Y is up and along +Y where Z is.

    It stands in for the photo's camera, so that the coordinates of a scan without one stay what they are.
    """
    T = np.eye(4)
    T[:3, :3] = turn_to_y_up(up).T
    return T


def check_placement(T: Points, name: str) -> None:
    """Raise ScanError unless a (4, 4) matrix places things: finite, affine and of a moderate, non-zero scale."""
    if not np.isfinite(T).all() or not np.allclose(T[3], (0, 0, 0, 1)):
        raise ScanError(
            name, "is no placement.", expected="a finite 4x4 matrix with the translation in its last column"
        )
    stretch = np.linalg.svd(T[:3, :3], compute_uv=False)
    if stretch[2] < _SMALLEST or stretch[0] > _LARGEST:
        scales = " x ".join(f"{value:.3g}" for value in stretch)
        raise ScanError(name, f"scales by {scales}.", expected="a scale above zero")


def place(
    key: str, label: str, mesh: RawMesh, T_scan_mesh: Points, mesh_up: Vec3, *, remarks: Sequence[str] = ()
) -> RawObject:
    """Return an object whose mesh, with `mesh_up` upwards, is mapped into the scan by a matrix that may also scale.

    A mesh that its placement mirrors or stretches unevenly has no pose; it is kept as it stands, and that is said.
    """
    linear, shift = T_scan_mesh[:3, :3], T_scan_mesh[:3, 3]
    said = [*mesh.notes, *remarks]
    posed = mesh.mapped(linear, shift)
    canonical: RawMesh | None = mesh.mapped(turn_to_y_up(mesh_up), np.zeros(3))
    stretch = np.linalg.svd(linear, compute_uv=False)
    if np.linalg.det(linear) < 0:
        canonical = None
        said.append("its placement mirrors it; the mesh was mirrored and its faces were turned round")
    elif stretch[0] - stretch[2] > _SIMILAR * stretch[0]:
        canonical = None
        said.append(f"its placement stretches it unevenly, by {stretch[2]:.4g} to {stretch[0]:.4g}")
    return RawObject(key, label, posed, canonical, remarks=tuple(said))


def words(name: str) -> str:
    """Return what a name says: without its number, with spaces for underscores."""
    return name.rstrip("0123456789").rstrip("_-. ").replace("_", " ").strip() or name
