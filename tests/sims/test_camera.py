"""What the ray-traced cameras show: depth, instances, light, and no colliders."""

import math

import numpy as np
import pytest
from tests.sims.scenes import BOX_HALF_M, CAMERAS, TABLE_TOP_M

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.edits import MoveCamera, MoveProp, SetLight
from blueprint.pipeline.scene.manifests import Camera
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.protocols import Frame

TOP, SIDE = CAMERAS[1], CAMERAS[0]
HEIGHT_M = 1.4


def pixel_of(camera: Camera, pose: Pose, point_m: tuple[float, float, float]) -> tuple[int, int]:
    """Return row and column at which a camera sees a point."""
    x, y, z = pose.inverse().apply(point_m)
    column = camera.width_px / 2 + camera.focal_px * x / -z
    row = camera.height_px / 2 - camera.focal_px * y / -z
    return int(row), int(column)


def shown(sim: MujocoSim, frame: Frame, name: str) -> np.ndarray:
    """Return the mask of an instance."""
    return frame.instance == 1 + sim.instance_names.index(name)


def test_depth_of_a_level_plane_is_the_same_everywhere(sim: MujocoSim) -> None:
    """Planar depth, not distance along the ray: at the image's corner the two differ by a tenth."""
    frame = sim.render(["top"])["top"]
    room = shown(sim, frame, "room")
    table = shown(sim, frame, "table")
    assert room.sum() > 500
    assert frame.depth_m[room] == pytest.approx(HEIGHT_M, abs=1e-3)
    assert frame.depth_m[table] == pytest.approx(HEIGHT_M - TABLE_TOP_M, abs=1e-3)


def test_a_plane_seen_at_a_slant_has_the_depth_of_its_pixel(sim: MujocoSim) -> None:
    frame = sim.render(["side"])["side"]
    rows, columns = np.nonzero(shown(sim, frame, "table") & (frame.rgb[..., 2] > 0))
    pose = sim.camera_pose("side")
    x = (columns + 0.5 - SIDE.width_px / 2) / SIDE.focal_px
    y = -(rows + 0.5 - SIDE.height_px / 2) / SIDE.focal_px
    depth = frame.depth_m[rows, columns].astype(np.float64)
    points = pose.apply(np.stack([x * depth, y * depth, -depth], axis=1))
    level = np.isclose(points[:, 2], TABLE_TOP_M, atol=1e-3)
    assert level.mean() > 0.8
    assert points[level, 2].mean() == pytest.approx(TABLE_TOP_M, abs=1e-4)


def test_instances_are_where_the_things_are(sim: MujocoSim) -> None:
    frame, pose = sim.render(["top"])["top"], sim.camera_pose("top")
    for prop, point in (("box", (0.5, -0.2, TABLE_TOP_M + 2 * BOX_HALF_M[2])), ("table", (0.85, 0.4, TABLE_TOP_M))):
        assert shown(sim, frame, prop)[pixel_of(TOP, pose, point)], prop
    hand = sim.observe().body_position_m[sim.body_names.index("robot/panda_hand")]
    assert shown(sim, frame, "robot")[pixel_of(TOP, pose, tuple(hand))]
    assert frame.depth_m[pixel_of(TOP, pose, (0.5, -0.2, TABLE_TOP_M + 0.08))] == pytest.approx(
        HEIGHT_M - TABLE_TOP_M - 2 * BOX_HALF_M[2], abs=1e-3
    )


def test_what_hits_nothing_is_marked(sim: MujocoSim) -> None:
    sim.reset([MoveCamera("top", Pose((0, 0, 1.4), (0.0, 1.0, 0.0, 0.0)), "look at the sky")])
    frame = sim.render(["top"])["top"]
    assert (frame.depth_m == 0).all()
    assert (frame.instance == 0).all()
    assert frame.rgb.mean() > 150


def test_colliders_are_not_seen(sim: MujocoSim) -> None:
    """A magenta collider is larger than the table; only guide shapes have that colour and that rim."""
    frame, pose = sim.render(["top"])["top"], sim.camera_pose("top")
    rim = pixel_of(TOP, pose, (0.955, 0.0, TABLE_TOP_M - 0.001))
    assert shown(sim, frame, "room")[rim]
    red, green, blue = (frame.rgb[..., channel].astype(int) for channel in range(3))
    assert not ((red - green > 80) & (blue - green > 80)).any()


def test_colours_are_those_of_the_scene(sim: MujocoSim) -> None:
    frame = sim.render(["top"])["top"]
    red = frame.rgb[shown(sim, frame, "box")].astype(float).mean(axis=0)
    blue = frame.rgb[shown(sim, frame, "block")].astype(float).mean(axis=0)
    assert red[0] > 1.5 * red[1:].max()
    assert blue[2] > 1.5 * blue[0]


def test_moved_things_are_seen_where_they_went(sim: MujocoSim) -> None:
    place = Pose((0.75, 0.3, TABLE_TOP_M), (1.0, 0.0, 0.0, 0.0))
    sim.reset([MoveProp("box", place, "drawn")])
    frame, pose = sim.render(["top"])["top"], sim.camera_pose("top")
    top = (*place.position_m[:2], TABLE_TOP_M + 2 * BOX_HALF_M[2])
    assert shown(sim, frame, "box")[pixel_of(TOP, pose, top)]
    assert not shown(sim, frame, "box")[pixel_of(TOP, pose, (0.5, -0.2, top[2]))]


def test_the_light_makes_the_picture(sim: MujocoSim) -> None:
    pictures = []
    for direction, color, intensity in (
        ((0.3, 0.4, -0.866), (1.0, 1.0, 1.0), 1.0),
        ((-0.6, -0.4, -0.69), (1.0, 1.0, 1.0), 1.0),
        ((0.3, 0.4, -0.866), (1.0, 0.3, 0.3), 1.0),
        ((0.3, 0.4, -0.866), (1.0, 1.0, 1.0), 0.3),
    ):
        sim.reset([SetLight("sun", direction, color, intensity, "drawn")])
        frame = sim.render(["top"])["top"]
        pictures.append(frame.rgb[shown(sim, frame, "table") | shown(sim, frame, "room")].astype(float))
    plain, turned, reddish, dim = pictures
    assert np.abs(plain - turned).max() > 40
    assert (reddish[:, 1].mean() / reddish[:, 0].mean()) < 0.8 * (plain[:, 1].mean() / plain[:, 0].mean())
    assert dim.mean() < 0.75 * plain.mean()


def test_things_throw_shadows(sim: MujocoSim) -> None:
    """Along the light's direction from the box's top lies a spot that is darker than the table around it."""
    sim.reset([SetLight("sun", (0.0, 0.6, -0.8), (1.0, 1.0, 1.0), 1.0, "drawn")])
    frame, pose = sim.render(["top"])["top"], sim.camera_pose("top")
    shadow = pixel_of(TOP, pose, (0.5, -0.2 + 0.04, TABLE_TOP_M))
    lit = pixel_of(TOP, pose, (0.5, -0.35, TABLE_TOP_M))
    assert shown(sim, frame, "table")[shadow]
    assert shown(sim, frame, "table")[lit]
    assert frame.rgb[shadow].sum() < 0.75 * frame.rgb[lit].sum()


def test_the_wrist_camera_goes_with_the_hand(sim: MujocoSim) -> None:
    before = sim.camera_pose("wrist")
    first = sim.render(["wrist"])["wrist"]
    sim.set_command(np.array((0.6, -0.3, 0.0, -2.2, 0.0, 1.9, 0.785, 0.04, 0.04)))
    sim.step(360)
    after = sim.camera_pose("wrist")
    turned = math.atan2(after.position_m[1], after.position_m[0]) - math.atan2(
        before.position_m[1], before.position_m[0]
    )
    assert turned == pytest.approx(0.6, abs=0.03)
    second = sim.render(["wrist"])["wrist"]
    assert shown(sim, first, "robot").any()
    assert np.abs(first.depth_m - second.depth_m).mean() > 0.02


def test_rendering_twice_gives_the_same_bytes(sim: MujocoSim) -> None:
    first = sim.render(["side", "top"])
    second = sim.render(["side", "top"])
    for name in ("side", "top"):
        assert first[name].rgb.tobytes() == second[name].rgb.tobytes()
        assert first[name].depth_m.tobytes() == second[name].depth_m.tobytes()
        assert first[name].instance.tobytes() == second[name].instance.tobytes()


def test_an_unknown_camera_is_refused(sim: MujocoSim) -> None:
    with pytest.raises(UnknownName, match="wrist"):
        sim.render(["rist"])
