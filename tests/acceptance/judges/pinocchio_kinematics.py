"""Exported hand poses against Pinocchio's forward kinematics of exported joints. Argument: dataset root.

The robot is the Panda of `example-robot-data`, read as URDF by Pinocchio: neither our USD nor our arithmetic.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from sysconfig import get_path

import numpy as np
import pinocchio
import pyarrow.parquet as pq
from verdict import Verdict

POSITION_LIMIT_M = 1e-4
ROTATION_LIMIT_RAD = 1e-3
TOOL_FRAMES = {"franka_panda": ("panda_description/urdf/panda.urdf", "panda_hand_tcp")}
"""Robot by our name: its URDF in example-robot-data and the frame that exported poses mean."""


def main(root: Path) -> int:
    """Compare every frame of every episode."""
    verdict = Verdict()
    info = json.loads((root / "meta/info.json").read_bytes())
    scene = json.loads((root / "sources/scene/scene.json").read_bytes())
    urdf, frame = TOOL_FRAMES[scene["robot"]["name"]]
    model = pinocchio.buildModelFromUrdf(str(_robots() / urdf))
    T_world_base = _pose(scene["robot"]["T_world_base"])
    columns = _columns(info["features"]["observation.state"]["names"], model)
    verdict.equal("joints of the URDF found in the dataset", len(columns), model.nq)
    errors = []
    for path in sorted((root / "data").rglob("*.parquet")):
        table = pq.read_table(path)
        states = np.array(table.column("observation.state").to_pylist(), dtype=np.float64)
        poses = np.array(table.column("observation.ee_pose").to_pylist(), dtype=np.float64)
        for state, pose in zip(states, poses, strict=True):
            computed = T_world_base * _tool(model, frame, state[columns])
            errors.append(_difference(computed, pose))
    name = f"pinocchio {version('pin')}: hand of {len(errors)} frames"
    worst_m, worst_rad = np.max(errors, axis=0) if errors else (np.nan, np.nan)
    verdict.equal("frames compared", len(errors), info["total_frames"])
    verdict.at_most(f"{name}, worst distance", worst_m, POSITION_LIMIT_M, "m")
    verdict.at_most(f"{name}, worst angle", worst_rad, ROTATION_LIMIT_RAD, "rad")
    return verdict.exit_code()


def _robots() -> Path:
    return Path(get_path("purelib")) / "cmeel.prefix/share/example-robot-data/robots"


def _columns(names: list[str], model: pinocchio.Model) -> list[int]:
    """Return the column of each joint in Pinocchio's order; names are such as `robot/panda_joint1.position`."""
    short = {name.rpartition("/")[2].removesuffix(".position"): at for at, name in enumerate(names)}
    wanted = sorted((model.joints[model.getJointId(name)].idx_q, name) for name in list(model.names)[1:])
    return [short[name] for _, name in wanted if name in short]


def _tool(model: pinocchio.Model, frame: str, positions: np.ndarray) -> pinocchio.SE3:
    data = model.createData()
    pinocchio.framesForwardKinematics(model, data, positions)
    return data.oMf[model.getFrameId(frame)]


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
