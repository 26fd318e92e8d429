"""The child process that opens a foreign description and its meshes, under limits of memory and processor time.

python -m blueprint.pipeline.app.robots.child JOB.json
"""

import json
import resource
import sys
from pathlib import Path
from typing import Any

import yaml

from blueprint.pipeline.errors import BlueprintError
from blueprint.pipeline.formats.urdf import read_urdf
from blueprint.pipeline.scene.robot_fittings import RobotFitting

from .bring import read_fitting
from .build import build_robot
from .guess import Guess, guess_fitting
from .written import description_yaml, write_asset

MEMORY_BYTES, CPU_SECONDS = 4 * 1024**3, 540
HEADING = "{name}, made by `blueprint robot add` from {urdf} and fitting.yaml beside it. SI units, quaternions wxyz."
README = """# {name}

Made by `blueprint robot add` from `{urdf}`; licence: {license}. `fitting.yaml` holds every decision: correct it there
and run `blueprint robot add {urdf} --fitting fitting.yaml --replace`.

## Worth a look

{remarks}
"""


def main(job_file: Path) -> None:
    """Work off a job; what is wrong with the input is written beside it."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    job: dict[str, Any] = json.loads(job_file.read_text(encoding="utf-8"))
    try:
        _make(job)
    except BlueprintError as error:
        (job_file.parent / "fault.json").write_text(json.dumps(str(error)), encoding="utf-8")


def _make(job: dict[str, Any]) -> None:
    urdf, out = Path(job["urdf"]), Path(job["out"])
    tree = read_urdf(urdf, {key: Path(folder) for key, folder in job["packages"].items()})
    if job["fitting"]:
        found = Guess(read_fitting(Path(job["fitting"])))
    else:
        found = guess_fitting(tree, job["name"], job["license"], urdf.name)
    build, robot = build_robot(tree, found.fitting, job["usd_path"])
    neighbours = {(joint.joint.parent, joint.joint.child) for joint in build.joints}
    let_pass = [f"{first} and {second}" for first, second in build.passing if (first, second) not in neighbours]
    remarks = [*found.remarks, *_more_remarks(found.fitting, let_pass)]
    out.mkdir(parents=True)
    write_asset(out / f"{robot.name}.usd", build)
    heading = HEADING.format(name=robot.name, urdf=urdf.name)
    (out / f"{robot.name}.yaml").write_text(description_yaml(robot, heading), encoding="utf-8")
    fitting = yaml.safe_dump(found.fitting.model_dump(mode="json"), sort_keys=False, default_flow_style=None, width=120)
    (out / "fitting.yaml").write_text(fitting, encoding="utf-8")
    listed = "\n".join(f"- {remark}" for remark in remarks)
    text = README.format(name=robot.name, urdf=urdf.name, license=found.fitting.license, remarks=listed)
    (out / "README.md").write_text(text, encoding="utf-8")
    (out / "remarks.json").write_text(json.dumps(remarks), encoding="utf-8")


def _more_remarks(fitting: RobotFitting, let_pass: list[str]) -> list[str]:
    found: list[str] = []
    if let_pass:
        found.append(f"links that may pass through each other, besides neighbours: {'; '.join(let_pass)}")
    if fitting.license == "unknown":
        found.append("licence: unknown; say it with --license, and put its text into the folder")
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
