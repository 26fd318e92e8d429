"""What a picture costs: drawn, traced by Newton's own camera, and with everything that becomes of it."""

import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.figures import Figure, Goal, NotMeasured, Reference
from benchmarks.scenes import assembled_of, demo_run, episodes_of

from blueprint.pipeline.episode.records import Episode

WHOLE = Goal("one image, drawn, encoded, stored, looked at", "ms of one core", "<=", 15)
ALL = Goal("the same with normals, categories and boxes", "ms of one core")
MOVING = Goal("picture of the camera on the wrist", "ms of one core")
FIXED = Goal("picture of the camera in the room", "ms of one core")
ALIKE = Goal("pixels that Newton's camera shows otherwise", "share", "<=", 0.001)
GOALS = (WHOLE, ALL, MOVING, FIXED, ALIKE)
FRAMES, REPEATS = 150, 3
CHANNELS = ("depth", "instance")
MORE = (*CHANNELS, "semantic", "normal", "boxes")
TOLERANCE = 3
"""Levels of 255 that a channel may differ by; the curve of sRGB is looked up instead of computed."""


def measure(workplace: Path) -> list[Figure]:
    """Look at the demo's first success again, frame by frame."""
    run = demo_run(workplace)
    chosen = _first_success(run)
    moments = _Moments(run, chosen)
    moving, fixed = moments.pictured_ms("wrist"), moments.pictured_ms("side")
    traced_ms, otherwise = moments.traced()
    with tempfile.TemporaryDirectory(dir=workplace) as folder:
        whole, everything = (moments.stored_ms(Path(folder), channels) for channels in (CHANNELS, MORE))
    note = f"{moments.count} moments of {chosen.summary.id} in the kitchen, 256 x 256"
    newton = Reference("Newton's camera, all rays of it", traced_ms)
    return [
        Figure(WHOLE, whole, f"{note}, both cameras; the encoder's process included"),
        Figure(ALL, everything, f"{note}, both cameras"),
        Figure(MOVING, moving, note, newton),
        Figure(FIXED, fixed, f"{note}; only what can have changed is drawn again", newton),
        Figure(ALIKE, otherwise, f"more than {TOLERANCE} of 255 in a channel, or more than 1 mm of depth"),
    ]


class _Moments:
    """Recorded instants of an episode, which its scene's cameras look at again."""

    def __init__(self, run: Any, episode: Episode) -> None:
        from blueprint.pipeline.episode.states import States
        from blueprint.pipeline.scene.codec import from_plain
        from blueprint.pipeline.scene.variants import Variant
        from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
        from blueprint.pipeline.sims.protocols import SceneFiles

        self._assembled, states = assembled_of(run), States(episode.states_path)
        files = SceneFiles(self._assembled.usd_path, self._assembled.model_folder, self._assembled.manifest)
        self._sim = MujocoSim(files)
        self._sim.reset(from_plain(episode.header["item"]["values"]["variant"], Variant).edits)
        self._fps = states.fps
        self._qpos = states.physics("qpos")[:: round(1 / self._sim.dt_s / states.fps)][:FRAMES]
        self.count = len(self._qpos)
        # The first picture compiles and loads, which a worker does once.
        self._sim.render(["wrist", "side"])

    def pictured_ms(self, camera: str) -> float:
        """Return the processor time of one picture, nothing stored."""
        return min(_cpu_s(lambda: self._look(camera)) for _ in range(REPEATS)) / self.count * 1e3

    def stored_ms(self, folder: Path, channels: tuple[str, ...]) -> float:
        """Return the processor time of one image and its files."""
        from blueprint.pipeline.generate.render import render_episode
        from blueprint.pipeline.sims.collider_corners import link_corners_m

        recording, cameras = self._recording(), ("wrist", "side")
        corners = link_corners_m(self._assembled.model_folder)

        def store() -> None:
            for _ in render_episode(self._sim, recording, self._assembled.manifest, cameras, folder, channels, corners):
                continue

        store()
        return min(_cpu_s(store) for _ in range(REPEATS - 1)) / self.count / len(cameras) * 1e3

    def traced(self) -> tuple[float, float]:
        """Return the processor time of one picture of Newton's camera, and the share of pixels that differ."""
        import numpy as np
        from benchmarks.traced_camera import TracedCamera

        traced = TracedCamera(self._assembled.usd_path)
        times, differing = [], []
        for row in self._qpos[:: max(1, self.count // 8)]:
            self._sim.data.qpos[:] = row
            frame = self._sim.render(["wrist"])["wrist"]
            observation, light = self._sim.observe(), self._assembled.manifest.lights[0]
            poses = dict(
                zip(
                    self._paths(),
                    zip(observation.body_position_m, observation.body_quat_wxyz, strict=True),
                    strict=True,
                )
            )
            traced.place(poses, light)
            started = time.process_time()
            rgb, depth_m = traced.look(self._sim.camera("wrist"), self._sim.camera_pose("wrist"))
            times.append(time.process_time() - started)
            other = np.abs(rgb.astype(int) - frame.rgb.astype(int)).max(axis=2) > TOLERANCE
            differing.append(float((other | (np.abs(depth_m - frame.depth_m) > 1e-3)).mean()))
        return float(np.median(times)) * 1e3, float(np.mean(differing))

    def _paths(self) -> list[str]:
        return [body.prim_path for body in self._sim.maps.bodies]

    def _look(self, camera: str) -> None:
        for row in self._qpos:
            self._sim.data.qpos[:] = row
            self._sim.render([camera])

    def _recording(self) -> Any:
        from blueprint.pipeline.rollout.recording import Layout, Recording
        from blueprint.pipeline.scene.robots import load_robot

        robot = load_robot(self._assembled.manifest.robot.name)
        layout = Layout.of_scene(self._sim, self._sim.maps, robot, ("wrist", "side"))
        recording = Recording(layout, self._fps, 1, self._sim.dt_s)
        for row in self._qpos:
            self._sim.data.qpos[:] = row
            recording.observations.append(self._sim.observe())
            recording.states.append(self._sim.save_state())
        return recording


def _first_success(run: Any) -> Episode:
    good = [episode for episode in episodes_of(run).values() if episode.summary.outcome.success]
    if not good:
        raise NotMeasured("no episode of the demo succeeded")
    return good[0]


def _cpu_s(work: Callable[[], object]) -> float:
    """Return user and system time of this process and of children that ended, such as the encoder."""
    before = _spent_s()
    work()
    return _spent_s() - before


def _spent_s() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
