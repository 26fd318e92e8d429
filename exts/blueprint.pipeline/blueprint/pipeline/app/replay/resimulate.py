"""Step a recorded episode again with something changed, the same commands sent, and record what happens instead."""

from collections.abc import Sequence
from dataclasses import dataclass

from blueprint.pipeline.app.opened_episode import OpenedEpisode
from blueprint.pipeline.app.recorded_states import RawStates, Restorable, open_recorded
from blueprint.pipeline.episode.endings import diverged
from blueprint.pipeline.episode.outcomes import Verdict
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.track import Track, load_track
from blueprint.pipeline.rollout.recording import Layout, Recording
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.sims.model import load_model
from blueprint.pipeline.sims.newton_mujoco.hypotheses import Change
from blueprint.pipeline.sims.newton_mujoco.sim import SimulationDiverged
from blueprint.pipeline.sims.protocols import Sim

from .proof import check_unchanged


@dataclass(frozen=True, eq=False, slots=True)
class Resimulated:
    """What happened instead; `ended` is why it could not go on to the end, None where it could."""

    recording: Recording
    track: Track
    ended: Verdict | None


def resimulate(opened: OpenedEpisode, changes: Sequence[Change], from_frame: int = 0) -> Resimulated:
    """Repeat an episode up to a frame and go on from there with something changed, sending what was sent.

    Raises ReplayRefused, NoRawStates, NoSuchFrame, UnknownName and ImplausibleChange.
    """
    check_unchanged(opened)
    assert opened.states is not None
    assert opened.scene is not None
    recorded = load_track(opened.states)
    sim, raw = open_recorded(opened, from_frame)
    try:
        robot, compiled = load_robot(opened.scene.manifest.robot.name), load_model(opened.scene.model_folder)
        layout = Layout.of_scene(sim, compiled, robot, opened.states.names("camera_names"))
        recording = Recording(layout, raw.fps, raw.substeps, sim.dt_s)
        ended = _go_through(sim, raw, recorded, recording, changes, from_frame)
        return Resimulated(recording, recording.track(), ended)
    finally:
        sim.close()


def _go_through(
    sim: Sim, raw: RawStates, recorded: Track, recording: Recording, changes: Sequence[Change], from_frame: int
) -> Verdict | None:
    assert isinstance(sim, Restorable)
    for frame in range(raw.frame_count):
        if frame <= from_frame:
            raw.show_frame(sim, frame)
        if frame == from_frame:
            sim.suppose(changes)
        recording.add(sim, sim.observe(), recorded.command[frame], Phase(int(recorded.phase[frame])))
        if frame == raw.frame_count - 1:
            return None
        for step in range(frame * raw.substeps, (frame + 1) * raw.substeps):
            sim.set_controls(raw.channels["ctrl"][step])
            # The state from which one goes on is the recorded one; putting it back does not bring the forces before it.
            if step <= from_frame * raw.substeps:
                recording.raw.append(raw.state(step).row()[None])
            else:
                recording.add_step(sim)
            # Before that frame too: forces between frames are felt in steps, and judged.
            try:
                sim.step(1)
            except SimulationDiverged as error:
                del recording.raw[frame * raw.substeps :]
                return diverged(frame, str(error))
    return None
