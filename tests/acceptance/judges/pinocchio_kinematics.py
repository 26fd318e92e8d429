"""Hand poses against Pinocchio's forward kinematics of the same joints. Argument: dataset root.

First those of every shipped robot at drawn postures, as our arithmetic finds them in our USD (`robot_kinematics.json`
beside the golden files), then those that the dataset exports. The robots are those of `example-robot-data`, read as
URDF by Pinocchio: neither our USD nor our arithmetic. Fetch is not among them: its URDF is the one in `tools/robots`.
"""

import json
import sys
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from sysconfig import get_path

import numpy as np
import pinocchio
import pyarrow.parquet as pq
from verdict import Verdict

POSITION_LIMIT_M = 1e-4
ROTATION_LIMIT_RAD = 1e-3
REPOSITORY = Path(__file__).resolve().parents[3]
DRAWN = REPOSITORY / "tests/golden/robot_kinematics.json"


@dataclass(frozen=True)
class Published:
    """Where a robot's URDF is, the frame that our tool frame is given in, and T_frame_tcp."""

    urdf: str
    frame: str
    position_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    quat_wxyz: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)

    def model(self) -> pinocchio.Model:
        """Read the URDF."""
        path = REPOSITORY / self.urdf if self.urdf.startswith("tools/") else _robots() / self.urdf
        return pinocchio.buildModelFromUrdf(str(path))

    def tool(self, model: pinocchio.Model, positions: dict[str, float]) -> pinocchio.SE3:
        """Return T_base_tcp at joint positions by name; what is not named stands at zero."""
        q = pinocchio.neutral(model)
        for name in list(model.names)[1:]:
            joint = model.joints[model.getJointId(name)]
            value = positions.get(name, 0.0)
            # Pinocchio holds a joint that turns without end as cosine and sine.
            q[joint.idx_q : joint.idx_q + joint.nq] = [value] if joint.nq == 1 else [np.cos(value), np.sin(value)]
        data = model.createData()
        pinocchio.framesForwardKinematics(model, data, q)
        entry = {"position_m": self.position_m, "quat_wxyz": self.quat_wxyz}
        return data.oMf[model.getFrameId(self.frame)] * _pose(entry)


HALF = 0.5**0.5
PUBLISHED = {
    "franka_panda": Published("panda_description/urdf/panda.urdf", "panda_hand_tcp"),
    # The flange, the coupling (13.9 mm) and the 2F-85's point between the pads.
    "ur10_2f85": Published("ur_description/urdf/ur10_robot.urdf", "tool0", (0.0, 0.0, 0.1539)),
    "xarm7": Published("xarm_description/urdf/xarm7.urdf", "link_eef", (0.0, 0.0, 0.152)),
    "so101": Published(
        "so_arm_description/urdf/so101.urdf", "gripper_link", (0.0, 0.0, -0.097), (0.0, HALF, HALF, 0.0)
    ),
    "fetch": Published("tools/robots/fetch/fetch.urdf", "gripper_link", (0.02, 0.0, 0.0), (HALF, 0.0, HALF, 0.0)),
}


def main(root: Path) -> int:
    """Compare every robot, and every frame of every episode."""
    verdict = Verdict()
    _check_robots(verdict)
    _check_dataset(verdict, root)
    return verdict.exit_code()


def _check_robots(verdict: Verdict) -> None:
    """Compare drawn postures of every shipped robot."""
    drawn = json.loads(DRAWN.read_bytes())
    verdict.equal("robots compared", sorted(drawn), sorted(PUBLISHED))
    for name, postures in sorted(drawn.items()):
        published = PUBLISHED[name]
        model = published.model()
        missing = sorted(set(postures[0]["joints"]) - set(model.names))
        verdict.nothing(f"{name}: joints that the URDF lacks", missing)
        errors = [
            _difference(published.tool(model, posture["joints"]), np.array(posture["tool"])) for posture in postures
        ]
        worst_m, worst_rad = np.max(errors, axis=0)
        verdict.at_most(f"{name}: hand at {len(errors)} postures, worst distance", worst_m, POSITION_LIMIT_M, "m")
        verdict.at_most(f"{name}: hand at {len(errors)} postures, worst angle", worst_rad, ROTATION_LIMIT_RAD, "rad")


def _check_dataset(verdict: Verdict, root: Path) -> None:
    """Compare what a dataset exports."""
    info = json.loads((root / "meta/info.json").read_bytes())
    scene = json.loads((root / "sources/scene/scene.json").read_bytes())
    published = PUBLISHED[scene["robot"]["name"]]
    model = published.model()
    T_world_base = _pose(scene["robot"]["T_world_base"])
    columns = _columns(info["features"]["observation.state"]["names"])
    arm = [name for name in list(model.names)[1:] if not published.urdf.startswith("tools/") or "head" not in name]
    verdict.nothing("joints of the URDF missing in the dataset", [name for name in arm if name not in columns])
    errors = []
    for path in sorted((root / "data").rglob("*.parquet")):
        table = pq.read_table(path)
        states = np.array(table.column("observation.state").to_pylist(), dtype=np.float64)
        poses = np.array(table.column("observation.ee_pose").to_pylist(), dtype=np.float64)
        for state, pose in zip(states, poses, strict=True):
            positions = {name: float(state[column]) for name, column in columns.items()}
            errors.append(_difference(T_world_base * published.tool(model, positions), pose))
    name = f"pinocchio {version('pin')}: hand of {len(errors)} frames"
    worst_m, worst_rad = np.max(errors, axis=0) if errors else (np.nan, np.nan)
    verdict.equal("frames compared", len(errors), info["total_frames"])
    verdict.at_most(f"{name}, worst distance", worst_m, POSITION_LIMIT_M, "m")
    verdict.at_most(f"{name}, worst angle", worst_rad, ROTATION_LIMIT_RAD, "rad")


def _robots() -> Path:
    return Path(get_path("purelib")) / "cmeel.prefix/share/example-robot-data/robots"


def _columns(names: list[str]) -> dict[str, int]:
    """Return the column of each joint by its name; columns are such as `robot/panda_joint1.position`."""
    return {name.rpartition("/")[2].removesuffix(".position"): at for at, name in enumerate(names)}


def _pose(entry: dict) -> pinocchio.SE3:
    w, x, y, z = entry["quat_wxyz"]
    return pinocchio.SE3(
        pinocchio.Quaternion(w, x, y, z).normalized().toRotationMatrix(), np.array(entry["position_m"])
    )


def _difference(computed: pinocchio.SE3, pose: np.ndarray) -> tuple[float, float]:
    w, x, y, z = pose[3:]
    exported = pinocchio.SE3(pinocchio.Quaternion(w, x, y, z).normalized().toRotationMatrix(), pose[:3])
    turn = pinocchio.log3(exported.rotation.T @ computed.rotation)
    return float(np.linalg.norm(exported.translation - computed.translation)), float(np.linalg.norm(turn))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
