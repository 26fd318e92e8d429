"""How what is seen looks: its surface, its picture, and the light of sky, ground and sun, shaded as Newton does."""

import warp as wp

from .visibility import Lens, ray_x, ray_y

LIFT_M = 1e-4
"""Points ask for their shadow this far above their surface, so that it does not shade itself by rounding."""
IN_SHADOW = 0.3
"""Share of the sun's light that reaches what lies in shadow."""
SHADES = 4096
"""Steps of an encoded colour channel whose light is looked up."""
LEVELS = 65536
"""Steps of light whose 8-bit encoding is looked up; coarser ones would join the darkest levels."""
NOTHING = -1.0
"""Red of what is no surface."""


@wp.struct
class Surfaces:
    """Triangles: vertex indices and shape; vertices: owner, normal, texture coordinates; shapes: colour, picture, id.

    Colours are linear; a shape's picture is -1 for none. Pictures stand in one row of texels; of each the first texel,
    width and height are given. `linear` is the light of every step of an encoded channel.
    """

    corners: wp.array[wp.vec3i]
    shape: wp.array[wp.int32]
    owner: wp.array[wp.int32]
    normal: wp.array[wp.vec3f]
    uv: wp.array[wp.vec2f]
    color: wp.array[wp.vec3f]
    picture: wp.array[wp.int32]
    instance: wp.array[wp.int32]
    picture_at: wp.array[wp.vec3i]
    texels: wp.array[wp.uint32]
    linear: wp.array[wp.float32]


@wp.struct
class View:
    """From the camera's frame to the light's and from the world's to the light's; the direction towards the sun."""

    R_light_camera: wp.mat33f
    camera_in_light: wp.vec3f
    R_light_world: wp.mat33f
    to_sun: wp.vec3f


@wp.struct
class Lights:
    """Linear light from above, from below and from the sun, exposure included."""

    sky: wp.vec3f
    ground: wp.vec3f
    sun: wp.vec3f


@wp.func
def _channel(texel: wp.uint32, shift: wp.int32) -> wp.float32:
    return wp.float32((texel >> wp.uint32(shift)) & wp.uint32(255))


@wp.func
def _rgb(texel: wp.uint32) -> wp.vec3f:
    return wp.vec3f(_channel(texel, 0), _channel(texel, 8), _channel(texel, 16))


@wp.func
def _picture_light(surfaces: Surfaces, picture: wp.int32, uv: wp.vec2f) -> wp.vec3f:
    """Return the linear colour of a picture, four texels blended as they are encoded, repeated beyond its border."""
    at = surfaces.picture_at[picture]
    x = (uv[0] - wp.floor(uv[0])) * wp.float32(at[1]) - 0.5
    y = (uv[1] - wp.floor(uv[1])) * wp.float32(at[2]) - 0.5
    across = x - wp.floor(x)
    down = y - wp.floor(y)
    # Between the last texel and the first one of the repeated picture, x and y are below 0 or above the last.
    column = wp.int32(wp.floor(x))
    beside = wp.where(column + 1 < at[1], column + 1, 0)
    column = wp.where(column < 0, at[1] - 1, column)
    line = wp.int32(wp.floor(y))
    below = at[0] + wp.where(line + 1 < at[2], line + 1, 0) * at[1]
    row = at[0] + wp.where(line < 0, at[2] - 1, line) * at[1]
    mixed = (
        _rgb(surfaces.texels[row + column]) * ((1.0 - across) * (1.0 - down))
        + _rgb(surfaces.texels[row + beside]) * (across * (1.0 - down))
        + _rgb(surfaces.texels[below + column]) * ((1.0 - across) * down)
        + _rgb(surfaces.texels[below + beside]) * (across * down)
    )
    step = mixed * wp.static((SHADES - 1) / 255.0) + wp.vec3f(0.5, 0.5, 0.5)
    return wp.vec3f(
        surfaces.linear[wp.int32(step[0])], surfaces.linear[wp.int32(step[1])], surfaces.linear[wp.int32(step[2])]
    )


@wp.kernel(enable_backward=False)
def meet_surfaces(
    lens: Lens,
    view: View,
    surfaces: Surfaces,
    placed: wp.array[wp.vec3f],
    rotation: wp.array[wp.mat33f],
    nearest: wp.array[wp.uint64],
    pixels: wp.array[wp.int32],
    depth_m: wp.array[wp.float32],
    instance: wp.array[wp.int32],
    normal: wp.array[wp.vec3f],
    color: wp.array[wp.vec3f],
    sunlit: wp.array[wp.float32],
    asking: wp.array[wp.vec3f],
):
    """Tell what each pixel meets: depth, id, normal (world), linear colour, share of sun, point that asks for shadow.

    `placed` are the vertices in the camera's frame, `rotation` is that of each owner in the world.
    """
    at = wp.tid()
    pixel = pixels[at]
    key = nearest[pixel]
    triangle = wp.int32(key & wp.uint64(0xFFFFFFFF))
    sunlit[at] = 0.0
    if triangle < 0:
        depth_m[at] = 0.0
        instance[at] = 0
        normal[at] = wp.vec3f(0.0)
        color[at] = wp.vec3f(NOTHING)
        return
    depth = wp.cast(wp.uint32(key >> wp.uint64(32)), wp.float32)
    point = depth * wp.vec3f(ray_x(lens, pixel % lens.width), ray_y(lens, pixel / lens.width), -1.0)
    corner = surfaces.corners[triangle]
    a = placed[corner[0]]
    ab = placed[corner[1]] - a
    ac = placed[corner[2]] - a
    face = wp.cross(ab, ac)
    size = wp.dot(face, face)
    weight_b = wp.dot(wp.cross(point - a, ac), face) / size
    weight_c = wp.dot(wp.cross(ab, point - a), face) / size
    weight_a = 1.0 - weight_b - weight_c
    smooth = (
        surfaces.normal[corner[0]] * weight_a
        + surfaces.normal[corner[1]] * weight_b
        + surfaces.normal[corner[2]] * weight_c
    )
    upright = wp.normalize(rotation[surfaces.owner[corner[0]]] * smooth)
    shape = surfaces.shape[triangle]
    base = surfaces.color[shape]
    if surfaces.picture[shape] >= 0:
        uv = surfaces.uv[corner[0]] * weight_a + surfaces.uv[corner[1]] * weight_b + surfaces.uv[corner[2]] * weight_c
        base = wp.cw_mul(base, _picture_light(surfaces, surfaces.picture[shape], uv))
    depth_m[at] = depth
    instance[at] = surfaces.instance[shape]
    normal[at] = upright
    color[at] = base
    sunlit[at] = wp.max(0.0, wp.dot(upright, view.to_sun))
    asking[at] = view.R_light_camera * point + view.camera_in_light + view.R_light_world * upright * LIFT_M


@wp.func
def _encoded(encoding: wp.array[wp.uint8], light: wp.float32) -> wp.uint8:
    return encoding[wp.int32(wp.clamp(light, 0.0, 1.0) * wp.static(float(LEVELS - 1)))]


@wp.kernel(enable_backward=False)
def put_light(
    lights: Lights,
    background: wp.vec3ub,
    encoding: wp.array[wp.uint8],
    normal: wp.array[wp.vec3f],
    color: wp.array[wp.vec3f],
    sunlit: wp.array[wp.float32],
    place: wp.array[wp.int32],
    shaded: wp.array[wp.int32],
    rgb: wp.array[wp.vec3ub],
):
    """Put light on what is seen, and encode it as sRGB; `place` is where the shadow of a sunlit pixel is found."""
    at = wp.tid()
    base = color[at]
    if base[0] == NOTHING:
        rgb[at] = background
        return
    up = 0.5 * (normal[at][2] + 1.0)
    share = sunlit[at]
    if share > 0.0:
        if shaded[place[at]] > 0:
            share = share * IN_SHADOW
    light = wp.cw_mul(base, lights.sky * up + lights.ground * (1.0 - up) + lights.sun * share)
    rgb[at] = wp.vec3ub(_encoded(encoding, light[0]), _encoded(encoding, light[1]), _encoded(encoding, light[2]))
