"""All that is written of cameras: each file says the same of the same instant, and dead cameras are found."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.sims.scenes import BOX_HALF_M, author_scene

from blueprint.pipeline.episode.image_channels import CHANNELS, channel_file
from blueprint.pipeline.formats.video import read_frames
from blueprint.pipeline.generate.album import BACKGROUND
from blueprint.pipeline.generate.render import Rendered, render_episode
from blueprint.pipeline.rollout.recording import Layout, Recording
from blueprint.pipeline.scene.edits import MoveCamera, SetLens
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.sims import compile_scene
from blueprint.pipeline.sims.collider_corners import link_corners_m
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.protocols import SceneFiles

CAMERAS = ("side", "top", "wrist")
FRAMES = 6
ALL = ("depth", "instance", "semantic", "normal", "boxes")
HOME = np.array((0.0, -0.3, 0.0, -2.2, 0.0, 1.9, 0.785, 0.04, 0.04))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> SceneFiles:
    """A small scene, compiled."""
    folder = tmp_path_factory.mktemp("scene")
    usd_path, manifest = author_scene(folder)
    compile_scene(usd_path, folder / "model", manifest)
    return SceneFiles(usd_path, folder / "model", manifest)


@pytest.fixture(scope="module")
def sim(files: SceneFiles) -> Iterator[MujocoSim]:
    """The scene in the default engine."""
    opened = MujocoSim(files)
    yield opened
    opened.close()


def recorded(sim: MujocoSim, files: SceneFiles) -> Recording:
    """Record the arm while it turns."""
    robot = load_robot(files.manifest.robot.name)
    recording = Recording(Layout.of_scene(sim, sim.maps, robot, CAMERAS), 30, 8, sim.dt_s)
    for frame in range(FRAMES):
        sim.set_command(HOME + np.eye(9)[0] * 0.1 * frame)
        sim.step(8)
        recording.observations.append(sim.observe())
        recording.states.append(sim.save_state())
    return recording


def render(sim: MujocoSim, files: SceneFiles, folder: Path, channels: tuple[str, ...] = ALL) -> Rendered:
    """Write the files of a recording."""
    corners = link_corners_m(files.model_folder)
    *counts, rendered = render_episode(sim, recorded(sim, files), files.manifest, CAMERAS, folder, channels, corners)
    assert counts == list(range(1, FRAMES + 1))
    assert isinstance(rendered, Rendered)
    return rendered


def read(folder: Path, camera: str, channel: str) -> dict[str, np.ndarray]:
    """Read a file of a camera."""
    with np.load(folder / channel_file(camera, channel), allow_pickle=False) as arrays:
        return dict(arrays)


@pytest.fixture(scope="module")
def written(sim: MujocoSim, files: SceneFiles, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of one recording, with another lens on the side camera."""
    folder = tmp_path_factory.mktemp("images")
    sim.reset([SetLens("side", 250.0, "drawn")])
    rendered = render(sim, files, folder)
    assert rendered.dead == ()
    assert {name: digests.shape for name, digests in rendered.digests.items()} == dict.fromkeys(CAMERAS, (FRAMES, 32))
    return folder


def test_every_channel_is_described_and_only_what_was_asked_for_is_written(
    sim: MujocoSim, files: SceneFiles, written: Path, tmp_path: Path
) -> None:
    names = {f"{camera}.mp4" for camera in CAMERAS}
    assert {path.name for path in written.iterdir()} == names | {
        channel_file(camera, channel.name) for camera in CAMERAS for channel in CHANNELS
    }
    for channel in CHANNELS:
        assert len(read(written, "top", channel.name)[channel.array]) == FRAMES
    sim.reset()
    render(sim, files, tmp_path, ("depth",))
    assert {path.name for path in tmp_path.iterdir()} == names | {
        channel_file(camera, channel) for camera in CAMERAS for channel in ("depth", "camera")
    }


def test_categories_are_those_of_the_things(files: SceneFiles, written: Path) -> None:
    ids, categories = read(written, "side", "instance"), read(written, "side", "semantic")
    names = ids["names"].tolist()
    assert names[0] == BACKGROUND
    assert categories["names"].tolist() == ids["categories"].tolist()
    for entry in files.manifest.props:
        number = names.index(entry.prop.id)
        assert ids["categories"][ids["category"][number]] == entry.prop.category
    assert np.array_equal(ids["category"][ids["instance"]], categories["semantic"])
    assert {"robot", "room"} <= set(categories["names"].tolist())


def test_the_camera_is_that_of_the_variant(sim: MujocoSim, files: SceneFiles, written: Path) -> None:
    """Another focal length shows in the intrinsics, and the wrist's camera moves."""
    side, wrist = read(written, "side", "camera"), read(written, "wrist", "camera")
    assert side["K"][0].tolist() == [[250.0, 0, 128], [0, 250.0, 128], [0, 0, 1]]
    assert side["size_px"].tolist() == [256, 256]
    known = files.manifest.camera("side").T_mount_camera.matrix()
    assert side["T_world_camera"] == pytest.approx(np.tile(known, (FRAMES, 1, 1)))
    assert np.ptp(wrist["T_world_camera"][:, 0, 3]) > 1e-3


def test_normals_and_depth_agree(written: Path) -> None:
    """From above, level floor and table face up wherever they are seen."""
    normal, ids = read(written, "top", "normal"), read(written, "top", "instance")
    depth = read(written, "top", "depth")
    room = ids["instance"] == ids["names"].tolist().index("room")
    facing = normal["normal"][room].astype(float) * normal["step"]
    level = np.abs(depth["depth"][room] * depth["step_m"] - 1.4) < 1e-3
    assert level.sum() > 1000
    assert facing[level] == pytest.approx(np.tile((0.0, 0.0, 1.0), (level.sum(), 1)), abs=0.01)


def test_boxes_hold_what_is_seen(written: Path) -> None:
    """Corners of the box in space, seen through the camera's numbers, lie around the box in the picture."""
    boxes, camera, ids = (read(written, "side", name) for name in ("boxes", "camera", "instance"))
    thing, link = boxes["names"].tolist().index("box"), boxes["links"].tolist().index("box/body")
    assert boxes["size_m"][link] == pytest.approx(2 * np.array(BOX_HALF_M), abs=1e-4)
    cube = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    for frame in range(FRAMES):
        assert boxes["visible_px"][frame, thing] == (ids["instance"][frame] == thing + 1).sum() > 100
        assert boxes["covered_px"][frame, thing] >= boxes["visible_px"][frame, thing]
        corners = np.c_[cube * boxes["size_m"][link] / 2, np.ones(8)] @ boxes["T_camera_box"][frame, link].T
        column, row, depth = camera["K"][frame] @ (corners[:, :3] * (1, -1, -1)).T
        left, top, right, bottom = boxes["box_px"][frame, thing].tolist()
        bounds = ((column / depth).min(), (row / depth).min(), (column / depth).max(), (row / depth).max())
        assert (left, top, right, bottom) == pytest.approx(bounds, abs=1.01)
        T_world_box = camera["T_world_camera"][frame] @ boxes["T_camera_box"][frame, link]
        assert T_world_box == pytest.approx(boxes["T_world_box"][frame, link])


def test_the_same_recording_gives_the_same_bytes(
    sim: MujocoSim, files: SceneFiles, written: Path, tmp_path: Path
) -> None:
    sim.reset([SetLens("side", 250.0, "drawn")])
    render(sim, files, tmp_path)
    for path in written.iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name


def test_a_camera_that_looks_at_the_sky_is_dead(sim: MujocoSim, files: SceneFiles, tmp_path: Path) -> None:
    """The others live."""
    sim.reset([MoveCamera("top", Pose((0, 0, 1.4), (0.0, 1.0, 0.0, 0.0)), "look up")])
    rendered = render(sim, files, tmp_path)
    assert {dead.camera for dead in rendered.dead} == {"top"}
    assert {dead.channel for dead in rendered.dead} == {"rgb", "depth", "instance", "normal"}
    assert len(list(read_frames(tmp_path / "top.mp4"))) == FRAMES
