"""Which triangle each pixel sees: every triangle is drawn into the pixels whose ray meets it, and the nearest stays.

A ray is tested against a triangle as a ray tracer tests it, so triangles may reach behind the camera; what differs is
the order: one triangle after the other, over the few pixels that can see it. With some ten thousand triangles and
pixels this takes a twentieth of the time of one search per ray.
"""

import warp as wp

NEAR_M = 1e-4
"""Nothing nearer to the camera's plane is seen."""
UNSEEN = 0xFFFFFFFFFFFFFFFF
"""The key of a pixel that sees nothing; others hold the bits of planar depth above the triangle's index."""
EDGE = 1e-6
"""How far outside, relative to the lengths that are multiplied, a triangle's edge still counts as inside.

Two triangles that share an edge then leave no pixel between them, whatever their corners round to.
"""
SLACK_PX = 5e-3
"""Pixels by which what is tried is wider than what is computed to be inside; each pixel is tested after that."""


@wp.struct
class Lens:
    """A pinhole camera in pixels, looking along -Z with +Y up, and the window that is drawn, last ones included."""

    width: wp.int32
    height: wp.int32
    focal_px: wp.float32
    first_column: wp.int32
    first_row: wp.int32
    last_column: wp.int32
    last_row: wp.int32


@wp.func
def ray_x(lens: Lens, column: wp.int32) -> wp.float32:
    """Return how far to the right the ray through a column's centre goes with one unit of depth."""
    return (wp.float32(column) + 0.5 - 0.5 * wp.float32(lens.width)) / lens.focal_px


@wp.func
def ray_y(lens: Lens, row: wp.int32) -> wp.float32:
    """Return how far up the ray through a row's centre goes with one unit of depth."""
    return (0.5 * wp.float32(lens.height) - wp.float32(row) - 0.5) / lens.focal_px


@wp.func
def _seen_at(lens: Lens, point: wp.vec3f) -> wp.vec2f:
    """Return column and row, whole at their centres, at which a point before the camera is seen."""
    scale = lens.focal_px / -point[2]
    x = 0.5 * wp.float32(lens.width) + point[0] * scale - 0.5
    y = 0.5 * wp.float32(lens.height) - point[1] * scale - 0.5
    return wp.vec2f(x, y)


@wp.func
def size_of(a: wp.vec3f) -> wp.float32:
    """Return the length of a vector along the axes, which costs no root."""
    return wp.abs(a[0]) + wp.abs(a[1]) + wp.abs(a[2])


@wp.func
def _widened(bounds: wp.vec4f, at: wp.vec2f) -> wp.vec4f:
    return wp.vec4f(
        wp.min(bounds[0], at[0]), wp.min(bounds[1], at[1]), wp.max(bounds[2], at[0]), wp.max(bounds[3], at[1])
    )


@wp.func
def _with_edge(lens: Lens, bounds: wp.vec4f, a: wp.vec3f, b: wp.vec3f) -> wp.vec4f:
    """Widen bounds by what is seen of an edge: its first corner, and the point at which it enters what can be seen."""
    found = bounds
    if a[2] <= -NEAR_M:
        found = _widened(found, _seen_at(lens, a))
    if (a[2] > -NEAR_M) != (b[2] > -NEAR_M):
        found = _widened(found, _seen_at(lens, a + (b - a) * ((-NEAR_M - a[2]) / (b[2] - a[2]))))
    return found


@wp.func
def _window(lens: Lens, a: wp.vec3f, b: wp.vec3f, c: wp.vec3f) -> wp.vec4i:
    """Return first column and row and last column and row of the window's part that can see a triangle."""
    bounds = wp.vec4f(1.0e9, 1.0e9, -1.0e9, -1.0e9)
    bounds = _with_edge(lens, bounds, a, b)
    bounds = _with_edge(lens, bounds, b, c)
    bounds = _with_edge(lens, bounds, c, a)
    left = wp.float32(lens.first_column)
    upper = wp.float32(lens.first_row)
    right = wp.float32(lens.last_column)
    lower = wp.float32(lens.last_row)
    return wp.vec4i(
        wp.int32(wp.ceil(wp.clamp(bounds[0] - SLACK_PX, left, right + 1.0))),
        wp.int32(wp.ceil(wp.clamp(bounds[1] - SLACK_PX, upper, lower + 1.0))),
        wp.int32(wp.floor(wp.clamp(bounds[2] + SLACK_PX, left - 1.0, right))),
        wp.int32(wp.floor(wp.clamp(bounds[3] + SLACK_PX, upper - 1.0, lower))),
    )


@wp.func
def _per(step: wp.float32) -> wp.float32:
    """Return the reciprocal of a step, 0 for none worth the name."""
    if wp.abs(step) < 1.0e-30:
        return 0.0
    return 1.0 / step


@wp.func
def _inner(span: wp.vec2f, inside: wp.float32, per_step: wp.float32, slack: wp.float32) -> wp.vec2f:
    """Narrow the span of x in a row to where `inside + x * step` is not negative; `per_step` is 1 / step."""
    at = -inside * per_step
    if per_step > 0.0:
        return wp.vec2f(wp.max(span[0], at - slack), span[1])
    if per_step < 0.0:
        return wp.vec2f(span[0], wp.min(span[1], at + slack))
    if inside < 0.0:
        return wp.vec2f(1.0, -1.0)
    return span


@wp.kernel(enable_backward=False)
def place_points(
    local: wp.array[wp.vec3f],
    owner: wp.array[wp.int32],
    rotation: wp.array[wp.mat33f],
    offset: wp.array[wp.vec3f],
    placed: wp.array[wp.vec3f],
):
    """Move points from the frames of their owners into one in which each owner has a rotation and an offset."""
    point = wp.tid()
    placed[point] = rotation[owner[point]] * local[point] + offset[owner[point]]


@wp.kernel(enable_backward=False)
def draw_triangles(
    lens: Lens,
    listed: wp.array[wp.int32],
    corners: wp.array[wp.vec3i],
    placed: wp.array[wp.vec3f],
    bits: wp.array[wp.uint64],
    nearest: wp.array[wp.uint64],
    covered: wp.array[wp.uint64],
):
    """Enter a listed triangle, given in the camera's frame, into every pixel of the window that sees nothing nearer.

    Unless `covered` is empty, its bits tell whose triangles a pixel would see if nothing hid them; `bits` has those of
    each triangle.
    """
    triangle = listed[wp.tid()]
    corner = corners[triangle]
    a = placed[corner[0]]
    b = placed[corner[1]]
    c = placed[corner[2]]
    window = _window(lens, a, b, c)
    if window[0] > window[2] or window[1] > window[3]:
        return
    normal = wp.cross(b - a, c - a)
    volume = wp.dot(normal, a)
    if volume == 0.0:
        return
    side = wp.sign(volume)
    normal = side * normal
    volume = side * volume
    # A ray is inside where it is on the inner side of three planes; differences first, since long vectors cancel.
    edge_a = side * wp.cross(b, c - b)
    edge_b = side * wp.cross(c, a - c)
    edge_c = side * wp.cross(a, b - a)
    spare_a = EDGE * size_of(b) * size_of(c - b)
    spare_b = EDGE * size_of(c) * size_of(a - c)
    spare_c = EDGE * size_of(a) * size_of(b - a)
    per_a = _per(edge_a[0])
    per_b = _per(edge_b[0])
    per_c = _per(edge_c[0])
    slack = SLACK_PX / lens.focal_px
    middle = 0.5 * wp.float32(lens.width) - 0.5
    for row in range(window[1], window[3] + 1):
        y = ray_y(lens, row)
        inside_a = y * edge_a[1] - edge_a[2] + spare_a
        inside_b = y * edge_b[1] - edge_b[2] + spare_b
        inside_c = y * edge_c[1] - edge_c[2] + spare_c
        facing = y * normal[1] - normal[2]
        span = wp.vec2f(ray_x(lens, window[0]) - slack, ray_x(lens, window[2]) + slack)
        span = _inner(span, inside_a, per_a, slack)
        span = _inner(span, inside_b, per_b, slack)
        span = _inner(span, inside_c, per_c, slack)
        first = wp.max(window[0], wp.int32(wp.ceil(span[0] * lens.focal_px + middle)))
        last = wp.min(window[2], wp.int32(wp.floor(span[1] * lens.focal_px + middle)))
        for column in range(first, last + 1):
            x = ray_x(lens, column)
            if inside_a + x * edge_a[0] >= 0.0 and inside_b + x * edge_b[0] >= 0.0 and inside_c + x * edge_c[0] >= 0.0:
                slant = facing + x * normal[0]
                if slant > 0.0:
                    depth_m = volume / slant
                    if depth_m >= NEAR_M:
                        key = (wp.uint64(wp.cast(depth_m, wp.uint32)) << wp.uint64(32)) | wp.uint64(triangle)
                        pixel = row * lens.width + column
                        if covered.shape[0] > 0:
                            wp.atomic_or(covered, pixel, bits[triangle])
                        if key < nearest[pixel]:
                            wp.atomic_min(nearest, pixel, key)
