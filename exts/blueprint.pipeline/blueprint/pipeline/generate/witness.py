"""What a recording shows once it is over: the verdict, what the hand felt, rewards, measures and the score."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.boxes import View
from blueprint.pipeline.episode.geometry import Geometry
from blueprint.pipeline.episode.hand_senses import Hand, HandSenses, feel
from blueprint.pipeline.episode.judgement import Judged, judged
from blueprint.pipeline.episode.liveness import DeadChannel, dead_channels
from blueprint.pipeline.episode.movement import least_manipulability
from blueprint.pipeline.episode.outcomes import Verdict
from blueprint.pipeline.episode.quality import QUALITY_FILE, load_quality_rules, quality_of
from blueprint.pipeline.episode.rewards import dones_per_frame, rewards_per_frame
from blueprint.pipeline.episode.tasks import Task
from blueprint.pipeline.episode.track import Track
from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.rollout.hands import hand_of
from blueprint.pipeline.rollout.recording import Recording, camera_poses
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.sims.clearances import Clearances

from .measures import measure

NULL_ENGINE = "null"


@dataclass(frozen=True, eq=False, slots=True)
class Witnessed:
    """A finished recording as arrays, and everything that follows from them; `reward` and `done` have N values."""

    track: Track
    judged: Judged
    hand: Hand
    senses: HandSenses
    reward: NDArray[np.float64]
    done: NDArray[np.bool_]
    verdict: Verdict
    measures: Mapping[str, float]
    quality: float | None


def witness(
    recording: Recording,
    task: Task,
    geometry: Geometry,
    manifest: SceneManifest,
    model_folder: Path,
    *,
    engine: str,
    ended: Verdict | None = None,
    jacobian: Callable[[NDArray[np.float64]], NDArray[np.float64]] | None = None,
) -> Witnessed:
    """Judge, feel, reward and score a recording; `ended` is why it could not go on to its end, where it could not.

    `jacobian` maps the arm's posture to that of the tool point, where it is at hand.
    """
    track, robot, physics = recording.track(), recording.layout.robot, engine != NULL_ENGINE
    found = judged(track, task, geometry)
    hand = hand_of(robot, track)
    senses = feel(found.touches, hand)
    reward, done = rewards_per_frame(found, task), dones_per_frame(found, task)
    dead = dead_channels(found.touches, senses, found.grips, physics=physics)
    if not np.isfinite(reward).all():
        dead.append(DeadChannel("reward", int(np.argmin(np.isfinite(reward))), "is not finite"))
    verdict = ended or found.verdict
    if verdict.success and dead:
        verdict = dead[0].verdict()
    views, clearances = _views(recording, track, manifest), Clearances.of_scene(model_folder)
    measures = measure(found, task, robot, views, hand.links, clearances, physics=physics)
    if jacobian is not None:
        arm = slice(0, len(robot.arm.joints))
        measures["least_manipulability"] = least_manipulability(track, arm, jacobian)
    rules = load_quality_rules(resource_path("config", QUALITY_FILE))
    quality = quality_of(measures, task.family, rules)
    return Witnessed(track, found, hand, senses, reward, done, verdict, measures, quality)


def _views(recording: Recording, track: Track, manifest: SceneManifest) -> Sequence[View]:
    cameras = [manifest.camera(name) for name in recording.layout.camera_names]
    return [
        View(*camera_poses(recording, track, camera.name), camera.focal_px, camera.width_px, camera.height_px)
        for camera in cameras
    ]
