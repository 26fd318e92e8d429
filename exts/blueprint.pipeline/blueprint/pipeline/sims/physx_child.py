"""The child of `physx.py`: holds one USD scene in PhysX and obeys one JSON line at a time.

Runs by its path with an interpreter that has ovphysx, and imports nothing of this package. Replies go to the original
standard output; what the libraries print goes to standard error. Poses are position and quaternion wxyz; positions of
turning joints are in degrees, as ovphysx has them.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from typing import Any, TextIO

import numpy as np
import ovphysx  # pyright: ignore[reportMissingImports]
import ovstage  # pyright: ignore[reportMissingImports]
from ovphysx import GlobalConfigKey, PhysX  # pyright: ignore[reportMissingImports]
from ovphysx.samples.python_samples.schema_support import physx_schema_paths  # pyright: ignore[reportMissingImports]
from ovphysx.types import ObjectScope, SimObjectType  # pyright: ignore[reportMissingImports]

BODY, LINK = SimObjectType.RIGID_BODY, SimObjectType.ARTICULATION_LINK
JOINT, TREE = SimObjectType.ARTICULATION_JOINT, SimObjectType.ARTICULATION

MOTION = ("position", "orientation", "linearVelocity", "angularVelocity")

Array = np.ndarray[Any, Any]
Rows = dict[str, Array]


class Scene:
    """One scene in PhysX on the processor, without threads of its own."""

    def __init__(self, usd_path: str, dt_s: float) -> None:
        PhysX.set_cpu_mode(True)
        # Any threads on two cores cost 5 to 30 times the speed.
        ovphysx.set_global_config(GlobalConfigKey.NUM_THREADS, 0)
        schemas = [*(str(path) for path in physx_schema_paths()), str(ovphysx.newton_schema_root())]
        ovstage.population.register_usd_schemas(schemas)
        self._dt_s, self._physx = dt_s, PhysX()
        self._stage = ovstage.Stage("blueprint-trials")
        ovstage.population.open_usd(self._stage, usd_path, ordinal=1, domains=ovstage.PopulationDomain.ALL)
        self._stage.advance_write_floor(ordinal=1).wait()
        self._physx.wait_task(self._physx.attach_ovstage(self._stage, read_ordinal=1))
        self._physx.wait_all()
        self._paths = ovstage.PathDictionary(self._stage)
        self._start = {
            BODY: self._read(BODY, *MOTION),
            JOINT: self._read(JOINT, "jointPosition"),
            TREE: self._read(TREE, "rootPosition", "rootOrientation"),
        }
        center = "centerOfMassPosition"
        self._centers = self._read(BODY, center)[center] | self._read(LINK, center)[center]
        self._forces: Rows = {}
        # The tiny step of the warm-up turns a tenth of a millimetre of overlap into a speed that throws things about;
        # it comes on its own with the first update of an articulation, so it is done now and undone.
        self._physx.warmup()
        self.reset({}, {})

    def names(self) -> dict[str, list[str]]:
        """Return the prim paths of free bodies, of articulated links and of one-axis joints."""
        joints = [path for path, value in self._start[JOINT]["jointPosition"].items() if value.size == 1]
        return {
            "bodies": sorted(self._start[BODY]["position"]),
            "links": sorted(self._read(LINK, "position")["position"]),
            "joints": sorted(joints),
        }

    def reset(self, bodies: Mapping[str, Sequence[float]], trees: Mapping[str, Sequence[float]]) -> None:
        """Go to the authored state at rest; `bodies` and roots of `trees` stand where they are put."""
        self._forces = {}
        for kind, place, turn, moved in (
            (BODY, "position", "orientation", bodies),
            (TREE, "rootPosition", "rootOrientation", trees),
        ):
            self._write(kind, place, self._start[kind][place] | {p: np.array(v[:3]) for p, v in moved.items()})
            turns = {path: np.array([*pose[4:7], pose[3]]) for path, pose in moved.items()}
            self._write(kind, turn, self._start[kind][turn] | turns)
        still = dict.fromkeys(self._start[BODY]["position"], np.zeros(3))
        self._write(BODY, "linearVelocity", still)
        self._write(BODY, "angularVelocity", still)
        roots = dict.fromkeys(self._start[TREE]["rootPosition"], np.zeros(3))
        self._write(TREE, "rootLinearVelocity", roots)
        self._write(TREE, "rootAngularVelocity", roots)
        zeros = {path: np.zeros_like(value) for path, value in self._start[JOINT]["jointPosition"].items()}
        self._write(JOINT, "jointPosition", self._start[JOINT]["jointPosition"])
        self._write(JOINT, "jointVelocity", zeros)
        self._write(JOINT, "jointActuationForce", zeros)
        self._physx.update_articulations_kinematic()
        if still:
            self._write(BODY, "wake", dict.fromkeys(still, np.ones(1, dtype=np.uint8)))

    def load_body(self, path: str, force: Sequence[float]) -> None:
        """Load a body with a force at its centre of mass, world axes, in every step from now on."""
        self._forces[path] = np.array(force)

    def load_joint(self, path: str, effort: float) -> None:
        """Load a joint with N m or N from now on."""
        shape = self._start[JOINT]["jointPosition"][path]
        self._write(JOINT, "jointActuationForce", {path: np.full_like(shape, effort)}, only=[path])

    def step(self, count: int) -> None:
        """Advance; forces are consumed by each step and are written anew."""
        free = self._start[BODY]["position"]
        loads = [
            (kind, {path: force for path, force in self._forces.items() if (path in free) == (kind == BODY)})
            for kind in (BODY, LINK)
        ]
        for _ in range(count):
            for kind, forces in loads:
                self._write(kind, "force", forces, only=list(forces))
            self._physx.step_sync(self._dt_s)

    def observe(self) -> dict[str, Any]:
        """Return poses and velocities of bodies and links by prim path, positions and speeds of one-axis joints."""
        bodies: dict[str, list[float]] = {}
        for kind in (BODY, LINK):
            place, turn, speed, spin = self._read(kind, *MOTION).values()
            for path in place:
                # ovphysx tells the velocity of the centre of mass; a link's is that of its origin.
                arm = _turned(turn[path], self._centers[path])
                origin_speed = speed[path] - np.cross(spin[path], arm)
                x, y, z, w = turn[path].tolist()
                bodies[path] = [*place[path].tolist(), w, x, y, z, *origin_speed.tolist(), *spin[path].tolist()]
        position, velocity = self._read(JOINT, "jointPosition", "jointVelocity").values()
        joints = {
            path: [float(value.item()), float(velocity[path].item())]
            for path, value in position.items()
            if value.size == 1
        }
        return {"bodies": bodies, "joints": joints}

    def close(self) -> None:
        """Free everything, in the order that ovphysx wants."""
        self._physx.wait_task(self._physx.detach_ovstage())
        self._stage.destroy()
        self._physx.destroy()

    def _read(self, kind: Any, *attributes: str) -> dict[str, Rows]:
        rows: dict[str, Rows] = {attribute: {} for attribute in attributes}
        by_token = {self._paths.intern_token(attribute): rows[attribute] for attribute in attributes}
        with self._physx.read_sync(kind, list(attributes), scope=ObjectScope.ALL) as result:
            for group in result.groups:
                if group.is_delete or not group.tensors:
                    continue
                paths = self._paths.get_path_strings(group.prim_list)
                values = group.tensors if group.is_array else group.tensors[0].numpy()
                found = by_token[group.attribute]
                for path, value in zip(paths, values, strict=True):
                    found[path] = np.array(value.numpy() if group.is_array else value, dtype=np.float64)
        return rows

    def _write(self, kind: Any, attribute: str, rows: Rows, only: Sequence[str] = ()) -> None:
        if not rows:
            return
        chosen = {"prim_paths": [self._paths.intern_path(path) for path in only]} if only else {}
        with self._physx.write_sync(kind, attribute, **chosen) as session:
            for group in session.groups:
                if not group.tensors:
                    continue
                paths = self._paths.get_path_strings(group.prim_list)
                if kind == JOINT:
                    for path, tensor in zip(paths, group.tensors, strict=True):
                        tensor.assign(rows[path].astype(np.float32).reshape(tensor.shape))
                else:
                    tensor = group.tensors[0]
                    values = np.stack([rows[path] for path in paths]).reshape(tensor.shape)
                    tensor.assign(values.astype(tensor.numpy().dtype))
                session.commit_sync(group)


def _turned(quat_xyzw: Array, vector: Array) -> Array:
    """Turn a vector by a quaternion."""
    axis, w = quat_xyzw[:3], quat_xyzw[3]
    return vector + 2 * np.cross(axis, np.cross(axis, vector) + w * vector)


def serve(requests: TextIO, replies: TextIO) -> None:
    """Obey requests until the last one; each gets one reply, `result` or `error`."""
    scene: Scene | None = None
    for line in requests:
        request: dict[str, Any] = json.loads(line)
        what, given = request.pop("do"), request
        try:
            if what == "open":
                scene = Scene(**given)
                result: Any = {**scene.names(), "version": metadata.version("ovphysx")}
            elif scene is None:
                raise RuntimeError("no scene is open")
            else:
                action: Callable[..., Any] = getattr(scene, what)
                result = action(**given)
        except (RuntimeError, ValueError, KeyError, OSError) as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        else:
            reply = {"result": result}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
        if what == "close":
            return


def _main() -> None:
    # Libraries print to descriptor 1; replies keep a descriptor of their own.
    with os.fdopen(os.dup(1), "w") as replies:
        os.dup2(2, 1)
        serve(sys.stdin, replies)


if __name__ == "__main__":
    _main()
