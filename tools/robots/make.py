"""Make a shipped robot anew: `python tools/robots/make.py NAME --share FOLDER` writes config/robots and data/robots.

NAME is a folder beside this file with a fitting, and with a description of its own or of a hand for a published arm.
FOLDER is the `share` folder that the distribution `example-robot-data` 6.0.0 installs; in an environment of its own:

    python3.12 -m venv recipe && recipe/bin/pip install example-robot-data==6.0.0
    .venv/bin/python tools/robots/make.py ur10_2f85 --share recipe/lib/python3.12/site-packages/cmeel.prefix/share

The same versions give the same bytes.
"""

import argparse
import xml.etree.ElementTree as ElementTree  # nosec B405 - reads one wheel's file, pinned by its hash
from pathlib import Path
from tempfile import TemporaryDirectory

from blueprint.pipeline.app.robots.bring import read_fitting
from blueprint.pipeline.app.robots.build import build_robot
from blueprint.pipeline.app.robots.written import description_yaml, write_asset
from blueprint.pipeline.formats.urdf import read_urdf
from blueprint.pipeline.scene.robot_trees import RobotTree

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
PACKAGE = "example-robot-data"
PUBLISHED = {
    "ur10_2f85": "ur_description/urdf/ur10_robot.urdf",
    "xarm7": "xarm_description/urdf/xarm7.urdf",
    "so101": "so_arm_description/urdf/so101.urdf",
    "fetch": "",
}
HEADING = """{name}, as data/{usd} holds it; made by tools/robots from its fitting, where figures have their reasons.
SI units, quaternions wxyz. The strokes are measured on the asset's own pads."""


def main() -> None:
    """Write one robot's description and asset."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=sorted(PUBLISHED))
    parser.add_argument("--share", type=Path, default=Path(), help="share folder of example-robot-data")
    asked = parser.parse_args()
    fitting = read_fitting(HERE / asked.name / "fitting.yaml")
    usd = f"robots/{fitting.name}/{fitting.name}.usd"
    build, robot = build_robot(_tree(asked.name, asked.share), fitting, usd)
    write_asset(REPOSITORY / "data" / usd, build)
    heading = HEADING.format(name=fitting.name, usd=usd)
    text = description_yaml(robot, heading)
    (REPOSITORY / f"config/robots/{fitting.name}.yaml").write_text(text, encoding="utf-8")


def _tree(name: str, share: Path) -> RobotTree:
    """Read a robot's description; a hand's elements are appended to its arm's."""
    packages = {PACKAGE: share / PACKAGE}
    hand = HERE / name / "hand.urdf"
    if not PUBLISHED[name]:
        return read_urdf(HERE / name / f"{name}.urdf")
    arm = share / PACKAGE / "robots" / PUBLISHED[name]
    if not hand.is_file():
        return read_urdf(arm, packages)
    with TemporaryDirectory() as folder:
        joined = Path(folder) / f"{name}.urdf"
        root = ElementTree.parse(arm).getroot()  # nosec B314 - see the import
        root.extend(ElementTree.parse(hand).getroot())  # nosec B314 - see the import
        ElementTree.ElementTree(root).write(joined)
        return read_urdf(joined, packages)


if __name__ == "__main__":
    main()
