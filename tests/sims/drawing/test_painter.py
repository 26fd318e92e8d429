"""Drawn pictures show what Newton's own camera traces ray by ray: the same shapes, depths, normals and colours."""

from dataclasses import dataclass, replace
from typing import Any

import newton
import numpy as np
import pytest
import warp as wp
from newton.sensors import SensorCamera
from tests.sims.scenes import looking_at

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.sims.drawing.culling import Framing
from blueprint.pipeline.sims.drawing.geometry import CannotBeDrawn, gather_geometry
from blueprint.pipeline.sims.drawing.painter import Painter, Seen, Sun

WIDTH, HEIGHT, FOCAL_PX = 160, 120, 130.0
FRAMING = Framing(WIDTH, HEIGHT, FOCAL_PX, (0, 0, WIDTH - 1, HEIGHT - 1))
PIXELS = np.arange(WIDTH * HEIGHT, dtype=np.int32)
GREY = (100, 110, 120)
SUN = Sun((0.5, 0.3, -0.81), (0.9, 0.8, 0.7))
EYE = looking_at((0.2, -1.6, 0.6), (0.0, 0.3, 0.25))


@dataclass(frozen=True)
class Traced:
    """What Newton's camera shows: colour (N, 3), depth (N), shape (N), -1 for none, normal (N, 3)."""

    rgb: np.ndarray
    depth_m: np.ndarray
    shape: np.ndarray
    normal: np.ndarray


def scene(textured: bool = True) -> Any:
    """Return a model with one shape of every kind, turned and scaled, on and above a floor."""
    builder = newton.ModelBuilder()
    turned = wp.quat_rpy(0.4, -0.7, 0.9)
    builder.add_shape_plane(width=0.0, length=0.0, body=-1)
    for index, add in enumerate(
        (
            lambda body, at: builder.add_shape_box(body, xform=at, hx=0.1, hy=0.06, hz=0.15),
            lambda body, at: builder.add_shape_sphere(body, xform=at, radius=0.12),
            lambda body, at: builder.add_shape_capsule(body, xform=at, radius=0.06, half_height=0.1),
            lambda body, at: builder.add_shape_cylinder(body, xform=at, radius=0.08, half_height=0.12),
            lambda body, at: builder.add_shape_cone(body, xform=at, radius=0.1, half_height=0.12),
            lambda body, at: builder.add_shape_ellipsoid(body, xform=at, rx=0.15, ry=0.08, rz=0.1),
            lambda body, at: builder.add_shape_mesh(body, xform=at, mesh=pyramid(textured), scale=(0.8, 1.0, 1.3)),
        )
    ):
        place = wp.transform((-0.75 + 0.25 * index, 0.3 + 0.1 * (index % 2), 0.2), turned)
        body = builder.add_body(xform=place)
        add(body, wp.transform((0.02, 0.0, 0.03), wp.quat_rpy(0.1, 0.2, 0.3)))
    return builder.finalize(device="cpu")


def pyramid(textured: bool) -> newton.Mesh:
    """Return a pyramid without normals; its picture is laid over it where it has no coordinates either."""
    points = np.array([[-0.1, -0.1, 0], [0.1, -0.1, 0], [0.1, 0.1, 0], [-0.1, 0.1, 0], [0, 0, 0.2]], dtype=np.float32)
    faces = np.array([0, 2, 1, 0, 3, 2, 0, 1, 4, 1, 2, 4, 2, 3, 4, 3, 0, 4])
    picture = np.random.default_rng(3).integers(0, 255, (8, 8, 3)).astype(np.uint8) if textured else None
    uvs = np.random.default_rng(4).uniform(-0.5, 1.5, (5, 2)).astype(np.float32)
    return newton.Mesh(points, faces, uvs=uvs, texture=picture, compute_inertia=False)


def drawn(model: Any, pose: Pose = EYE, sun: Sun | None = SUN, pixels: np.ndarray = PIXELS) -> Seen:
    """Return what the painter shows; ids are 1 + the shape."""
    return placed_painter(model, sun).look(FRAMING, pose, pixels)


def placed_painter(model: Any, sun: Sun | None) -> Painter:
    """Return a painter whose bodies stand where the model says."""
    geometry = gather_geometry(model)
    painter = Painter(geometry, np.arange(1, len(geometry.labels) + 1, dtype=np.int32), GREY, "cpu")
    poses = [Pose(), *(body_pose(row) for row in model.body_q.numpy().astype(float))]
    painter.place(np.stack([pose.rotation() for pose in poses]), np.array([pose.position_m for pose in poses]))
    painter.illuminate(sun)
    return painter


def body_pose(row: np.ndarray) -> Pose:
    """Return the pose of a row of Newton's body_q."""
    px, py, pz, x, y, z, w = row.tolist()
    return Pose((px, py, pz), (w, x, y, z))


def traced(model: Any, pose: Pose = EYE, sun: Sun | None = SUN) -> Traced:
    """Return what Newton's camera traces."""
    sensor: Any = SensorCamera(model)
    sensor.default_render_config.enable_textures = sensor.default_render_config.enable_shadows = True
    sensor.default_render_config.enable_backface_culling = False
    if sun is not None:
        towards = wp.vec3f(*(np.array(sun.direction) / np.linalg.norm(sun.direction)).tolist())
        sensor.create_default_light(enable_shadows=True, direction=towards, color=sun.light_rgb)
    rays = sensor.compute_camera_rays_pinhole(
        WIDTH, HEIGHT, focal_length=FOCAL_PX, horizontal_aperture=WIDTH, vertical_aperture=HEIGHT, device="cpu"
    )
    w, x, y, z = pose.quat_wxyz
    color, shape = sensor.allocate_image_color(1, WIDTH, HEIGHT), sensor.allocate_image_shape_index(1, WIDTH, HEIGHT)
    depth, normal = (
        sensor.allocate_image_depth_forward(1, WIDTH, HEIGHT),
        sensor.allocate_image_normal(1, WIDTH, HEIGHT),
    )
    red, green, blue = GREY
    sensor.update(
        model.state(),
        wp.array([[*pose.position_m, x, y, z, w]], dtype=wp.transformf, device="cpu"),
        rays,
        color_image=color,
        forward_depth_image=depth,
        shape_index_image=shape,
        normal_image=normal,
        clear_data=SensorCamera.ClearData(clear_color=red | green << 8 | blue << 16 | 255 << 24),
    )
    hit = shape.numpy().reshape(-1).astype(np.int64)
    hit[hit == 0xFFFFFFFF] = -1
    rgb = color.numpy().view(np.uint8).reshape(-1, 4)[:, :3]
    return Traced(rgb, depth.numpy().reshape(-1), hit, normal.numpy().reshape(-1, 3))


@pytest.fixture(scope="module")
def model() -> Any:
    """One shape of every kind."""
    return scene()


@pytest.mark.parametrize("sun", [SUN, None])
def test_pictures_show_what_rays_meet(model: Any, sun: Sun | None) -> None:
    """Facets of round things and rounding at edges differ in less than one pixel of a hundred."""
    ours, theirs = drawn(model, sun=sun), traced(model, sun=sun)
    same = ours.instance == theirs.shape + 1
    assert len(set(theirs.shape[same])) == 9, "the floor, all seven things and the background are in the picture"
    assert same.mean() > 0.995
    off_m = np.abs(ours.depth_m - theirs.depth_m)[same]
    # At the rim of what is round, where rays graze it, facets lie up to some millimetres deeper.
    assert (off_m < 1e-2 + 1e-4 * theirs.depth_m[same]).all()
    assert (off_m > 1e-3 + 1e-4 * theirs.depth_m[same]).mean() < 2e-3
    assert np.median(off_m) < 5e-5
    alike = np.abs(ours.rgb.astype(int) - theirs.rgb.astype(int)).max(axis=1)[same]
    assert (alike > 3).mean() < 0.01
    assert np.median(alike) <= 1


def test_normals_are_those_of_the_surfaces(model: Any) -> None:
    ours, theirs = drawn(model), traced(model)
    hit = (ours.instance == theirs.shape + 1) & (theirs.shape >= 0)
    agreement = (ours.normal[hit] * theirs.normal[hit]).sum(axis=1)
    assert np.linalg.norm(ours.normal[hit], axis=1) == pytest.approx(np.ones(hit.sum()), abs=1e-5)
    assert np.median(agreement) > 0.9999
    assert (agreement < 0.99).mean() < 0.01
    assert (ours.normal[ours.instance == 0] == 0).all()


@pytest.mark.parametrize(
    "eye",
    [
        looking_at((0.0, 0.3, 0.25), (0.4, 0.35, 0.2)),
        looking_at((0.0, -0.5, 0.02), (0.1, 3.0, 0.0)),
        looking_at((0.0, 0.0, 3.0), (0.01, 0.3, 0.0)),
    ],
)
def test_things_may_reach_behind_the_camera(model: Any, eye: Pose) -> None:
    """In the middle of things, just above the floor, and from far above."""
    ours, theirs = drawn(model, eye), traced(model, eye)
    same = ours.instance == theirs.shape + 1
    assert same.mean() > 0.99
    near = same & (theirs.depth_m < 5.0)
    assert np.abs(ours.depth_m - theirs.depth_m)[near].max() < 5e-3


def test_shadows_fall_where_rays_to_the_sun_are_blocked(model: Any) -> None:
    """On the floor, where no facet stands between."""
    ours, theirs = drawn(model), traced(model)
    floor = (ours.instance == 1) & (theirs.shape == 0)
    dark = floor & (theirs.rgb.sum(axis=1) < 0.8 * np.median(theirs.rgb[floor].sum(axis=1)))
    assert dark.sum() > 200
    differing = np.abs(ours.rgb[floor].astype(int) - theirs.rgb[floor].astype(int)).max(axis=1) > 3
    assert differing.mean() < 0.005


def test_no_pixel_lies_between_triangles_that_share_an_edge() -> None:
    """A wavy sheet of 20,000 triangles before an empty background has no holes, from any side."""
    side = 101
    x, y = np.meshgrid(np.linspace(-3, 3, side), np.linspace(-3, 3, side))
    points = np.stack([x, y, 0.1 * np.sin(5 * x) * np.cos(4 * y)], axis=-1).reshape(-1, 3)
    first = (np.arange(side - 1)[:, None] * side + np.arange(side - 1)).reshape(-1)
    faces = np.concatenate([[first, first + 1, first + side], [first + 1, first + side + 1, first + side]], axis=1)
    builder = newton.ModelBuilder()
    mesh = newton.Mesh(points.astype(np.float32), faces.T.reshape(-1), compute_inertia=False)
    builder.add_shape_mesh(-1, mesh=mesh)
    painter = placed_painter(builder.finalize(device="cpu"), None)
    for angle in np.linspace(0, 2 * np.pi, 7):
        eye = looking_at((0.5 * np.cos(angle), 0.5 * np.sin(angle), 1.2), (0.0, 0.0, 0.0))
        assert (painter.look(FRAMING, eye, PIXELS).instance == 1).all()


def test_some_pixels_show_what_all_show(model: Any) -> None:
    """Whatever else is drawn, a pixel's bytes are the same."""
    painter = placed_painter(model, SUN)
    whole = painter.look(FRAMING, EYE, PIXELS)
    random = np.random.default_rng(7)
    for count in (1, 40, 3000):
        some = np.sort(random.choice(len(PIXELS), count, replace=False)).astype(np.int32)
        rows, columns = some // WIDTH, some % WIDTH
        window = (int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max()))
        part = painter.look(Framing(WIDTH, HEIGHT, FOCAL_PX, window), EYE, some)
        for name in ("rgb", "depth_m", "instance", "normal"):
            assert getattr(part, name).tobytes() == getattr(whole, name)[some].tobytes()


def test_exposure_is_a_factor_on_light(model: Any) -> None:
    painter = placed_painter(model, SUN)
    dim, bright = (painter.look(FRAMING, EYE, PIXELS, factor).rgb.astype(float) for factor in (0.5, 1.0))
    floor = (painter.look(FRAMING, EYE, PIXELS).instance == 1) & (bright.max(axis=1) < 250)
    # Half the light is 0.735 of the encoded value, plus a bit near black.
    assert np.median(dim[floor] / bright[floor]) == pytest.approx(0.735, abs=0.02)


def test_what_has_no_triangles_is_named() -> None:
    builder = newton.ModelBuilder()
    builder.add_shape_heightfield(heightfield=newton.Heightfield(np.zeros((4, 4), np.float32), 4, 4), label="hills")
    with pytest.raises(CannotBeDrawn, match=r"hills.*HFIELD"):
        gather_geometry(builder.finalize(device="cpu"))


def test_what_is_hidden_is_known_too(model: Any) -> None:
    """Looked at along the row, near things hide far ones; drawn alone each covers what it was said to cover."""
    eye = looking_at((-1.6, 0.3, 0.3), (0.0, 0.35, 0.2))
    geometry = gather_geometry(model)
    whole = placed_painter(model, None).look(FRAMING, eye, PIXELS, covered=True)
    assert whole.covered is not None
    hidden = 0
    for shape in range(len(geometry.labels)):
        ids = np.where(np.arange(len(geometry.labels)) == shape, 1, 2)
        told = (whole.covered >> np.uint64(shape)) & np.uint64(1)
        kept = np.flatnonzero(geometry.shapes == shape)
        alone = Painter(
            replace(geometry, corners=geometry.corners[kept], shapes=geometry.shapes[kept]), ids, GREY, "cpu"
        )
        poses = [Pose(), *(body_pose(row) for row in model.body_q.numpy().astype(float))]
        alone.place(np.stack([pose.rotation() for pose in poses]), np.array([pose.position_m for pose in poses]))
        seen = alone.look(FRAMING, eye, PIXELS).instance == 1
        assert np.array_equal(seen, told == 1)
        hidden += int((told == 1).sum() - (whole.instance == shape + 1).sum())
    assert hidden > 500
    assert (whole.covered[whole.instance == 0] == 0).all()
