"""Polygons in the plane, worked out corner by corner: hulls, points inside, distances.

Written apart from episode/outlines.py on purpose, which answers the same questions by extents along directions.
"""

from collections.abc import Sequence

import numpy as np

Point = tuple[float, float]
Polygon = Sequence[Point]


def hull(points: Sequence[Point]) -> list[Point]:
    """Return the corners of the convex hull, counter-clockwise (Andrew's monotone chain)."""
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return ordered
    lower, upper = _chain(ordered), _chain(ordered[::-1])
    return lower[:-1] + upper[:-1]


def _chain(ordered: Sequence[Point]) -> list[Point]:
    chain: list[Point] = []
    for point in ordered:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def outside(point: Point, polygon: Polygon) -> float:
    """Return the distance of a point outside a counter-clockwise convex polygon; 0 inside."""
    sides = list(_sides(polygon))
    if len(polygon) > 2 and all(_turn(a, b, point) >= 0 for a, b in sides):
        return 0.0
    return min(to_segment(point, a, b) for a, b in sides)


def apart(first: Polygon, second: Polygon) -> float:
    """Return the distance between two convex polygons; 0 where they overlap."""
    if any(outside(point, second) == 0 for point in first) or any(outside(point, first) == 0 for point in second):
        return 0.0
    if any(_cross(*one, *other) for one in _sides(first) for other in _sides(second)):
        return 0.0
    ways = [min(to_segment(point, a, b) for a, b in _sides(second)) for point in first]
    ways += [min(to_segment(point, a, b) for a, b in _sides(first)) for point in second]
    return min(ways)


def to_segment(point: Point, a: Point, b: Point) -> float:
    """Return the distance of a point from a segment."""
    along = (b[0] - a[0], b[1] - a[1])
    length = along[0] ** 2 + along[1] ** 2
    share = 0.0 if length == 0 else ((point[0] - a[0]) * along[0] + (point[1] - a[1]) * along[1]) / length
    share = min(1.0, max(0.0, share))
    return float(np.hypot(point[0] - a[0] - share * along[0], point[1] - a[1] - share * along[1]))


def _sides(polygon: Polygon) -> list[tuple[Point, Point]]:
    return [(polygon[at - 1], polygon[at]) for at in range(len(polygon))]


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    return _turn(a, b, c) * _turn(a, b, d) < 0 and _turn(c, d, a) * _turn(c, d, b) < 0
