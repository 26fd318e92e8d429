"""PhysX as a second opinion, optional: ovphysx on the processor, in a process and an environment of its own.

It has `Physics`, not `Sim`: loads go in and motion comes out; there are no cameras and no commands. ovphysx comes under
NVIDIA's terms and needs an environment apart (packaging below 24); it is never installed by this package.
"""

import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import numpy as np

from blueprint.pipeline.errors import InputError, MissingTool, RunError, UnknownName
from blueprint.pipeline.scene.edits import Edit, MoveProp
from blueprint.pipeline.scene.poses import Pose, Vec3

from .model import CompiledModel, load_model
from .protocols import Array, SceneFiles

CHILD = Path(__file__).with_name("physx_child.py")
TERMS = "ovphysx, ovstage and physx-usd-schemas come under NVIDIA's terms (Omniverse); using them is agreeing to these"
PACKAGES = "ovphysx==0.7.* physx-usd-schemas newton-usd-schemas"
OPEN_DEADLINE_S = 120.0
REPLY_DEADLINE_S = 120.0
_KEPT_VARIABLES = ("HOME", "LANG", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "XDG_CACHE_HOME")


class PhysxFailed(RunError):
    """PhysX did not load a scene, died, or did not answer in time."""

    def __init__(self, scene: str, cause: str) -> None:
        super().__init__(
            f"{scene}: PhysX cannot go on: {cause}. Without prove.physx_python the scene is tried in MuJoCo alone"
        )


class NotInTrials(InputError):
    """An edit that PhysX's trials cannot apply."""

    def __init__(self, edit: str, reason: str) -> None:
        super().__init__(f"edit {edit!r} cannot be applied in PhysX: {reason}; trials move free props with move_prop")


def physx_version(python: Path | None) -> str:
    """Return the version of ovphysx beside an interpreter, or "" where there is none; nothing is started."""
    if python is None:
        return ""
    found = python.parent.parent.glob("lib/python3.*/site-packages/ovphysx-*.dist-info")
    return next((path.name.removeprefix("ovphysx-").removesuffix(".dist-info") for path in sorted(found)), "")


@dataclass(frozen=True, eq=False, slots=True)
class PhysxMotion:
    """One instant; rows as in `Observation`."""

    time_s: float
    joint_position: Array
    joint_velocity: Array
    body_position_m: Array
    body_quat_wxyz: Array
    body_velocity_m_s: Array
    body_spin_rad_s: Array


class PhysxSim:
    """One scene in PhysX; implements `Physics` with the names and the step of the compiled model."""

    engine = "physx"

    def __init__(self, files: SceneFiles, python: Path) -> None:
        """Start the child and load the scene; raises MissingTool and PhysxFailed."""
        if not physx_version(python):
            raise MissingTool("ovphysx", "the PhysX engine", f"{python.name} -m pip install {PACKAGES}  # {TERMS}")
        self.maps = load_model(files.model_folder)
        self.dt_s = self.maps.timestep_s
        self.joint_names = tuple(joint.name for joint in self.maps.joints)
        self.body_names = tuple(body.name for body in self.maps.bodies)
        self._scene, self._time_s = files.manifest.id, 0.0
        self._places = _Places(self.maps)
        self._child = _Child(self._scene, python)
        try:
            self._opened = self._child.ask(
                "open", OPEN_DEADLINE_S, usd_path=str(files.usd_path.resolve()), dt_s=self.dt_s
            )
            self.version = str(self._opened["version"])
            self._require_links()
        except BaseException:
            self._child.end()
            raise

    def reset(self, edits: Sequence[Edit] = ()) -> None:
        """Go to the authored state at rest, with props moved; raises NotInTrials for anything else."""
        moved = dict(self._moved(edit) for edit in edits)
        free = set(self._opened["bodies"])
        self._child.ask(
            "reset",
            bodies={path: _plain(pose) for path, pose in moved.items() if path in free},
            trees={path.rpartition("/")[0]: _plain(pose) for path, pose in moved.items() if path not in free},
        )
        self._time_s = 0.0

    def set_force(self, body: str, force_n: Vec3) -> None:
        """Load a moving link at its centre of mass, world axes; raises UnknownName."""
        moving = {link.name: link.prim_path for link in self.maps.bodies if not link.fixed}
        if body not in moving:
            raise UnknownName("moving link", body, moving)
        self._child.ask("load_body", path=moving[body], force=list(force_n))

    def set_effort(self, joint: str, effort: float) -> None:
        """Load a one-axis joint, in N m or N; raises UnknownName."""
        if joint not in self.joint_names:
            raise UnknownName("joint", joint, self.joint_names)
        self._child.ask("load_joint", path=self.maps.joint(joint).prim_path, effort=effort)

    def step(self, count: int = 1) -> None:
        """Advance `count` steps."""
        self._child.ask("step", count=count)
        self._time_s += count * self.dt_s

    def observe(self) -> PhysxMotion:
        """Measure the present instant; raises PhysxFailed where a number is not finite."""
        seen = self._child.ask("observe")
        rows = self._places.rows(seen["bodies"])
        joints = np.array([self._joint(joint.prim_path, joint.kind, seen["joints"]) for joint in self.maps.joints])
        joints = joints.reshape(-1, 2)
        if not (np.isfinite(rows).all() and np.isfinite(joints).all()):
            raise PhysxFailed(self._scene, f"a pose is not finite {self._time_s:.3f} s after the start")
        return PhysxMotion(
            self._time_s, joints[:, 0], joints[:, 1], rows[:, :3], rows[:, 3:7], rows[:, 7:10], rows[:, 10:13]
        )

    def close(self) -> None:
        """End the child."""
        self._child.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _moved(self, edit: Edit) -> tuple[str, Pose]:
        if not isinstance(edit, MoveProp):
            raise NotInTrials(edit.edit, "it needs the scene to be loaded anew")
        joints = self.maps.free_joints_of(edit.prop)
        if not joints:
            raise NotInTrials(edit.edit, f"{edit.prop!r} does not move freely")
        link = self.maps.body(joints[0].body)
        return link.prim_path, edit.T_world_prop @ link.T_prop_body

    def _joint(self, path: str, kind: str, seen: Mapping[str, Sequence[float]]) -> Array:
        values = np.array(seen[path])
        return np.radians(values) if kind == "revolute" else values

    def _require_links(self) -> None:
        known = {*self._opened["bodies"], *self._opened["links"]}
        missing = [body.prim_path for body in self.maps.bodies if not body.fixed and body.prim_path not in known]
        missing += [joint.prim_path for joint in self.maps.joints if joint.prim_path not in self._opened["joints"]]
        if missing:
            raise PhysxFailed(self._scene, f"it does not know {', '.join(missing)}")


class _Places:
    """Rows (N, 13) of links: position, quaternion wxyz, velocity, spin; what is fixed stays where it is."""

    def __init__(self, maps: CompiledModel) -> None:
        self._moving = [(row, body.prim_path) for row, body in enumerate(maps.bodies) if not body.fixed]
        still = [(*body.T_world_body.position_m, *body.T_world_body.quat_wxyz, *[0.0] * 6) for body in maps.bodies]
        self._still = np.array(still).reshape(-1, 13)

    def rows(self, seen: Mapping[str, Sequence[float]]) -> Array:
        rows = self._still.copy()
        for row, path in self._moving:
            rows[row] = seen[path]
        rows[:, 3:7] /= np.linalg.norm(rows[:, 3:7], axis=1, keepdims=True)
        return rows


class _Child:
    """The child process: one question, one answer, each within a deadline."""

    def __init__(self, scene: str, python: Path) -> None:
        self._scene = scene
        self._said: IO[bytes] = tempfile.TemporaryFile()
        environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        self._process = subprocess.Popen(
            [str(python), "-I", str(CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env=environment,
        )
        self._unread = b""

    def ask(self, what: str, deadline_s: float | None = None, /, **given: Any) -> Any:
        """Return the answer; raises PhysxFailed where the child refuses, dies or is late."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps({"do": what, **given}).encode() + b"\n")
            self._process.stdin.flush()
        except OSError as error:
            raise PhysxFailed(self._scene, self._last_words()) from error
        reply = json.loads(self._line(what, time.monotonic() + (deadline_s or REPLY_DEADLINE_S)))
        if "error" in reply:
            raise PhysxFailed(self._scene, f"{what}: {reply['error']}")
        return reply["result"]

    def end(self) -> None:
        """Kill the child; it holds nothing that must be written."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._said):
            if stream is not None:
                stream.close()

    def _line(self, what: str, deadline: float) -> bytes:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        while b"\n" not in self._unread:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise PhysxFailed(self._scene, f"{what}: no answer in time")
            chunk = os.read(descriptor, 1 << 16)
            if not chunk:
                raise PhysxFailed(self._scene, f"{what}: {self._last_words()}")
            self._unread += chunk
        line, _, self._unread = self._unread.partition(b"\n")
        return line

    def _last_words(self) -> str:
        code = self._process.wait()
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        return f"its process ended with code {code}: {lines[-1] if lines else 'no message'}"


def _plain(pose: Pose) -> list[float]:
    return [*pose.position_m, *pose.quat_wxyz]
