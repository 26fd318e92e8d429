"""The triangles of a COLLADA 1.4 file, with their materials' colours: what robots' descriptions use of the format.

Specification: https://www.khronos.org/files/collada_spec_1_4.pdf. A file's own axes are kept, also where it says that y
is up: a URDF uses a mesh as it is.
"""

from collections.abc import Iterator
from pathlib import Path

# For types; parse_plain_xml parses.
from xml.etree import ElementTree  # nosec B405

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.scene.robot_trees import GREY, Color

from .plain_xml import parse_plain_xml

Array = NDArray[np.float64]
Triangles = tuple[Array, NDArray[np.int64], Color]

_SPACE = "{http://www.collada.org/2005/11/COLLADASchema}"
_WELD_DIGITS = 5


def read_collada(path: Path) -> list[Triangles]:
    """Return vertices in metres, faces and colour of every painted part; raises ScanError."""
    try:
        found = list(_Collada(parse_plain_xml(path.read_bytes())).instances())
    # A missing input ends a generator, nodes that contain each other end the recursion: both are RuntimeErrors.
    except (KeyError, ValueError, IndexError, RuntimeError) as error:
        raise ScanError(path.name, f"cannot be read as COLLADA: {error}", expected="plain COLLADA 1.4") from error
    if not found:
        raise ScanError(path.name, "has no triangles", expected="a visual scene with geometry")
    return found


class _Collada:
    """One file's libraries by id."""

    def __init__(self, root: ElementTree.Element) -> None:
        self.root = root
        self.by_id = {each.get("id"): each for each in root.iter() if each.get("id")}
        unit = root.find(f"{_SPACE}asset/{_SPACE}unit")
        self.metres = float(unit.get("meter", "1")) if unit is not None else 1.0

    def instances(self) -> Iterator[Triangles]:
        """Walk the visual scene: every geometry where its nodes put it."""
        for scene in self.root.iter(f"{_SPACE}visual_scene"):
            for node in scene.findall(f"{_SPACE}node"):
                yield from self._node(node, np.diag([self.metres] * 3 + [1.0]))

    def _node(self, node: ElementTree.Element, parent: Array) -> Iterator[Triangles]:
        matrix = parent @ _transform(node)
        for instance in node.findall(f"{_SPACE}instance_geometry"):
            colors = {
                bind.get("symbol"): bind.get("target", "") for bind in instance.iter(f"{_SPACE}instance_material")
            }
            geometry = self.by_id[instance.get("url", "").lstrip("#")]
            for part in (each for mesh in geometry.findall(f"{_SPACE}mesh") for each in mesh):
                if part.tag in (f"{_SPACE}triangles", f"{_SPACE}polylist", f"{_SPACE}polygons"):
                    triangles = self._triangles(part)
                    if triangles is not None:
                        points = triangles[0] @ matrix[:3, :3].T + matrix[:3, 3]
                        yield points, triangles[1], self._color(colors.get(part.get("material")))
        for child in node.findall(f"{_SPACE}node"):
            yield from self._node(child, matrix)
        for instance in node.findall(f"{_SPACE}instance_node"):
            yield from self._node(self.by_id[instance.get("url", "").lstrip("#")], matrix)

    def _triangles(self, part: ElementTree.Element) -> tuple[Array, NDArray[np.int64]] | None:
        inputs = part.findall(f"{_SPACE}input")
        stride = 1 + max(int(each.get("offset", "0")) for each in inputs)
        vertex = next(each for each in inputs if each.get("semantic") == "VERTEX")
        points = self._positions(vertex.get("source", "").lstrip("#"))
        indices = [np.array((each.text or "").split(), dtype=np.int64) for each in part.findall(f"{_SPACE}p")]
        counts = part.find(f"{_SPACE}vcount")
        if counts is not None:
            sizes = [int(word) for word in (counts.text or "").split()]
        elif part.tag == f"{_SPACE}polygons":
            sizes = [len(each) // stride for each in indices]
        else:
            sizes = [3] * (sum(map(len, indices)) // (3 * stride))
        if not indices or not sizes:
            return None
        corners = np.concatenate(indices).reshape(-1, stride)[:, int(vertex.get("offset", "0"))]
        faces = _fans(corners, sizes)
        used, faces = np.unique(faces, return_inverse=True)
        points, weld = np.unique(np.round(points[used], _WELD_DIGITS + 3), axis=0, return_inverse=True)
        return points, weld.reshape(-1)[faces.reshape(-1, 3)].astype(np.int64)

    def _positions(self, vertices: str) -> Array:
        position = next(
            each for each in self.by_id[vertices].findall(f"{_SPACE}input") if each.get("semantic") == "POSITION"
        )
        source = self.by_id[position.get("source", "").lstrip("#")]
        numbers = source.find(f"{_SPACE}float_array")
        return np.array((numbers.text or "").split() if numbers is not None else [], dtype=np.float64).reshape(-1, 3)

    def _color(self, material: str | None) -> Color:
        found = self.by_id.get((material or "").lstrip("#"))
        effect = None if found is None else found.find(f"{_SPACE}instance_effect")
        if effect is None:
            return GREY
        diffuse = self.by_id[effect.get("url", "").lstrip("#")].find(f".//{_SPACE}diffuse/{_SPACE}color")
        if diffuse is None:
            return GREY
        red, green, blue = (min(1.0, max(0.0, float(word))) for word in (diffuse.text or "").split()[:3])
        return (red, green, blue)


def _fans(corners: NDArray[np.int64], sizes: list[int]) -> NDArray[np.int64]:
    """Cut polygons into triangles about their first corner."""
    starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    faces = [
        (corners[start], corners[start + k], corners[start + k + 1])
        for start, size in zip(starts.tolist(), sizes, strict=True)
        for k in range(1, size - 1)
    ]
    return np.array(faces, dtype=np.int64)


def _transform(node: ElementTree.Element) -> Array:
    matrix = np.eye(4)
    for each in node:
        values = [float(word) for word in (each.text or "").split()] if each.tag.startswith(_SPACE) else []
        step = np.eye(4)
        if each.tag == f"{_SPACE}matrix":
            step = np.array(values).reshape(4, 4)
        elif each.tag == f"{_SPACE}translate":
            step[:3, 3] = values
        elif each.tag == f"{_SPACE}scale":
            step[:3, :3] = np.diag(values)
        elif each.tag == f"{_SPACE}rotate":
            step[:3, :3] = _turn(np.array(values[:3]), np.radians(values[3]))
        matrix = matrix @ step
    return matrix


def _turn(axis: Array, angle_rad: float) -> Array:
    x, y, z = axis / np.linalg.norm(axis)
    K = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.eye(3) + np.sin(angle_rad) * K + (1 - np.cos(angle_rad)) * (K @ K)
