"""Check that exported end-effector poses equal the forward kinematics of exported joints.

The kinematics are a product of the robot's own joint frames in plain numpy, independent of the engine that recorded.
"""

from dataclasses import dataclass

import numpy as np

from blueprint.pipeline.certify.dataset_files import CHAIN_FILE, DatasetFiles
from blueprint.pipeline.certify.findings import Finding, Verdict
from blueprint.pipeline.scene.chains import Chain, forward_kinematics, joint_columns, rotation_angles_rad
from blueprint.pipeline.scene.codec import load
from blueprint.pipeline.scene.poses import rotation_from_quat

POSITION_LIMIT_M = 1e-4
ROTATION_LIMIT_RAD = 1e-3


@dataclass(frozen=True)
class KinematicError:
    """The largest disagreement over an episode, and the frame of it."""

    position_m: float
    rotation_rad: float
    frame: int


def check_kinematics(dataset: DatasetFiles) -> Verdict:
    """Compare every frame of every episode."""
    if not (dataset.root / CHAIN_FILE).is_file():
        missing = Finding("kinematics", CHAIN_FILE, "is missing, so exported poses cannot be checked")
        return Verdict("kinematics", "nothing", (missing,), {})
    chain = load(dataset.root / CHAIN_FILE, Chain)
    findings: list[Finding] = []
    worst_m = worst_rad = 0.0
    for number, episode in enumerate(dataset.episodes):
        error = episode_error(dataset, number, chain)
        worst_m, worst_rad = max(worst_m, error.position_m), max(worst_rad, error.rotation_rad)
        if not (error.position_m <= POSITION_LIMIT_M and error.rotation_rad <= ROTATION_LIMIT_RAD):
            message = (
                f"end effector is {error.position_m:.6f} m, {error.rotation_rad:.6f} rad from the joints' kinematics"
            )
            findings.append(Finding("kinematics", dataset.data_file(episode), message, number, error.frame))
    measures = {"kinematic_error_m": worst_m, "kinematic_error_rad": worst_rad}
    return Verdict("kinematics", f"{len(dataset.episodes)} episodes", tuple(findings), measures)


def episode_error(dataset: DatasetFiles, number: int, chain: Chain) -> KinematicError:
    """Return the largest disagreement of one episode."""
    columns = dataset.columns(dataset.episodes[number])
    names = dataset.info["features"]["observation.state"]["names"]
    state = columns["observation.state"].astype(np.float64)
    positions = {name: state[:, at] for name, at in joint_columns(names, chain.moving).items()}
    computed = dataset.scene.robot.T_world_base.matrix() @ forward_kinematics(chain, positions)
    pose = columns["observation.ee_pose"].astype(np.float64)
    distance = np.linalg.norm(computed[:, :3, 3] - pose[:, :3], axis=1)
    recorded = np.stack([rotation_from_quat(quat) for quat in pose[:, 3:]])
    angle = rotation_angles_rad(computed[:, :3, :3], recorded)
    frame = int(np.argmax(np.nan_to_num(distance + angle, nan=np.inf)))
    return KinematicError(float(distance.max()), float(angle.max()), frame)
