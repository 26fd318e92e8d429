"""Which of the points that are seen lie in the shadow of a distant light.

The points are sorted into cells of a grid across the light, finer where they are dense; every triangle then darkens the
points below it. Each point is tested as a ray towards the light would test it, so nothing is sampled: the grid only
says which points a triangle is tried on. All is given in the light's frame, in which its rays come down along Z.
"""

import warp as wp

from .visibility import EDGE, size_of

CELLS = 64
"""Coarse cells along each side of the grid."""
POINTS_PER_CELL = 2.0
FINEST = 64
"""Largest number of fine cells along the side of a coarse one."""
ROOM = 2e-3
"""Coarse cells by which a triangle is wider when cells are chosen; far more than the spare of its edges."""


@wp.func
def _in_cells(grid: wp.array[wp.float32], point: wp.vec3f) -> wp.vec2f:
    return wp.vec2f((point[0] - grid[0]) * grid[2], (point[1] - grid[1]) * grid[3])


@wp.func
def _cell(at: wp.float32) -> wp.int32:
    return wp.int32(wp.clamp(wp.floor(at), 0.0, wp.static(float(CELLS - 1))))


@wp.func
def _fine(at: wp.float32, cell: wp.int32, side: wp.int32) -> wp.int32:
    """Return the fine cell of a coordinate within a coarse cell that has `side` of them along a side."""
    return wp.int32(wp.clamp(wp.floor((at - wp.float32(cell)) * wp.float32(side)), 0.0, wp.float32(side - 1)))


@wp.func
def _reach(found: wp.vec2f, a: wp.vec2f, b: wp.vec2f, low: wp.float32, high: wp.float32) -> wp.vec2f:
    """Widen a range of columns by the part of an edge between two heights."""
    lower = a
    upper = b
    if a[1] > b[1]:
        lower = b
        upper = a
    if upper[1] < low or lower[1] > high:
        return found
    slope = (upper[0] - lower[0]) / wp.max(upper[1] - lower[1], 1.0e-9)
    first = lower[0] + wp.max(low - lower[1], 0.0) * slope
    last = upper[0] - wp.max(upper[1] - high, 0.0) * slope
    return wp.vec2f(wp.min(found[0], wp.min(first, last)), wp.max(found[1], wp.max(first, last)))


@wp.func
def _columns(a: wp.vec2f, b: wp.vec2f, c: wp.vec2f, low: wp.float32, high: wp.float32) -> wp.vec2f:
    """Return the range of columns that a triangle covers between two heights, all in coarse cells."""
    found = wp.vec2f(1.0e9, -1.0e9)
    found = _reach(found, a, b, low - ROOM, high + ROOM)
    found = _reach(found, b, c, low - ROOM, high + ROOM)
    found = _reach(found, c, a, low - ROOM, high + ROOM)
    return wp.vec2f(found[0] - ROOM, found[1] + ROOM)


@wp.kernel(enable_backward=False)
def bound_points(points: wp.array[wp.vec3f], sunlit: wp.array[wp.float32], bounds: wp.array[wp.float32]):
    """Find least X and Y, and least -X and -Y, of the points that the light would reach."""
    at = wp.tid()
    if sunlit[at] > 0.0:
        point = points[at]
        for axis in range(2):
            if point[axis] < bounds[axis]:
                wp.atomic_min(bounds, axis, point[axis])
            if -point[axis] < bounds[2 + axis]:
                wp.atomic_min(bounds, 2 + axis, -point[axis])


@wp.kernel(enable_backward=False)
def lay_grid(bounds: wp.array[wp.float32], grid: wp.array[wp.float32]):
    """Lay the coarse grid over the points: where it begins, and cells per metre, along X and Y."""
    axis = wp.tid()
    grid[axis] = bounds[axis]
    grid[2 + axis] = wp.static(float(CELLS)) / wp.max(-bounds[2 + axis] - bounds[axis], 1.0e-3)


@wp.kernel(enable_backward=False)
def count_points(
    grid: wp.array[wp.float32],
    points: wp.array[wp.vec3f],
    sunlit: wp.array[wp.float32],
    counts: wp.array[wp.int32],
    lowest: wp.array[wp.float32],
):
    """Count the points of each coarse cell that the light would reach, and find the height of the lowest."""
    point = wp.tid()
    if sunlit[point] > 0.0:
        at = _in_cells(grid, points[point])
        cell = _cell(at[1]) * CELLS + _cell(at[0])
        wp.atomic_add(counts, cell, 1)
        wp.atomic_min(lowest, cell, points[point][2])


@wp.kernel(enable_backward=False)
def divide_cells(counts: wp.array[wp.int32], sides: wp.array[wp.int32], squares: wp.array[wp.int32]):
    """Choose how many fine cells a coarse one has along a side, and in all."""
    cell = wp.tid()
    wanted = wp.ceil(wp.sqrt(wp.float32(counts[cell]) / POINTS_PER_CELL))
    side = wp.int32(wp.clamp(wanted, 1.0, wp.static(float(FINEST))))
    sides[cell] = side
    squares[cell] = side * side


@wp.kernel(enable_backward=False)
def rank_points(
    grid: wp.array[wp.float32],
    points: wp.array[wp.vec3f],
    sunlit: wp.array[wp.float32],
    sides: wp.array[wp.int32],
    starts: wp.array[wp.int32],
    counts: wp.array[wp.int32],
    fine: wp.array[wp.int32],
    rank: wp.array[wp.int32],
):
    """Give each point its fine cell and its number there."""
    point = wp.tid()
    if sunlit[point] > 0.0:
        at = _in_cells(grid, points[point])
        column = _cell(at[0])
        row = _cell(at[1])
        cell = row * CELLS + column
        side = sides[cell]
        index = starts[cell] + _fine(at[1], row, side) * side + _fine(at[0], column, side)
        fine[point] = index
        rank[point] = wp.atomic_add(counts, index, 1)


@wp.kernel(enable_backward=False)
def sort_points(
    points: wp.array[wp.vec3f],
    sunlit: wp.array[wp.float32],
    firsts: wp.array[wp.int32],
    fine: wp.array[wp.int32],
    rank: wp.array[wp.int32],
    ordered: wp.array[wp.vec3f],
):
    """Put each point into its place, and write the place over its rank."""
    point = wp.tid()
    if sunlit[point] > 0.0:
        place = firsts[fine[point]] + rank[point]
        ordered[place] = points[point]
        rank[point] = place


@wp.kernel(enable_backward=False)
def cast_shadows(
    listed: wp.array[wp.int32],
    grid: wp.array[wp.float32],
    corners: wp.array[wp.vec3i],
    solid: wp.array[wp.bool],
    placed: wp.array[wp.vec3f],
    sides: wp.array[wp.int32],
    starts: wp.array[wp.int32],
    lowest: wp.array[wp.float32],
    firsts: wp.array[wp.int32],
    ordered: wp.array[wp.vec3f],
    shaded: wp.array[wp.int32],
):
    """Darken the points below a listed triangle; `solid` tells those of closed surfaces wound outwards."""
    triangle = listed[wp.tid()]
    corner = corners[triangle]
    a = placed[corner[0]]
    b = placed[corner[1]]
    c = placed[corner[2]]
    u = _in_cells(grid, a)
    v = _in_cells(grid, b)
    w = _in_cells(grid, c)
    lower = wp.min(u, wp.min(v, w)) - wp.vec2f(ROOM, ROOM)
    upper = wp.max(u, wp.max(v, w)) + wp.vec2f(ROOM, ROOM)
    edge = wp.static(float(CELLS))
    if upper[0] < 0.0 or upper[1] < 0.0 or lower[0] > edge or lower[1] > edge:
        return
    normal = wp.cross(b - a, c - a)
    if normal[2] == 0.0:
        return
    if normal[2] < 0.0:
        # A ray that enters a solid leaves it again, through a triangle that faces the light.
        if solid[triangle]:
            return
        normal = -normal
        b = placed[corner[2]]
        c = placed[corner[1]]
    ab = b - a
    bc = c - b
    ca = a - c
    spare = EDGE * (size_of(ab) + size_of(bc))
    least_a = -spare * size_of(ab)
    least_b = -spare * size_of(bc)
    least_c = -spare * size_of(ca)
    top = wp.max(a[2], wp.max(b[2], c[2]))
    for row in range(_cell(lower[1]), _cell(upper[1]) + 1):
        across = wp.vec2f(lower[0], upper[0])
        if across[1] - across[0] > 2.0:
            across = _columns(u, v, w, wp.float32(row), wp.float32(row + 1))
        for column in range(_cell(across[0]), _cell(across[1]) + 1):
            cell = row * CELLS + column
            if lowest[cell] < top:
                side = sides[cell]
                height = 1.0 / wp.float32(side)
                for fine_row in range(_fine(lower[1], row, side), _fine(upper[1], row, side) + 1):
                    left = _fine(across[0], column, side)
                    right = _fine(across[1], column, side)
                    if right - left > 3:
                        start = wp.float32(row) + wp.float32(fine_row) * height
                        narrow = _columns(u, v, w, start, start + height)
                        left = _fine(narrow[0], column, side)
                        right = _fine(narrow[1], column, side)
                    line = starts[cell] + fine_row * side
                    for place in range(firsts[line + left], firsts[line + right + 1]):
                        point = ordered[place]
                        p = point - a
                        q = point - b
                        r = point - c
                        if (
                            wp.dot(normal, p) < 0.0
                            and ab[0] * p[1] - ab[1] * p[0] >= least_a
                            and bc[0] * q[1] - bc[1] * q[0] >= least_b
                            and ca[0] * r[1] - ca[1] * r[0] >= least_c
                        ):
                            shaded[place] = 1
