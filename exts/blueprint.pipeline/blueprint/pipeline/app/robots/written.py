"""Write a robot down: its USD, and its description as people read it."""

from pathlib import Path

import yaml

from blueprint.pipeline.scene.robot_builds import RobotBuild
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.usd.robot_author import write_robot


def write_asset(usd: Path, build: RobotBuild) -> None:
    """Write a robot's USD anew."""
    usd.parent.mkdir(parents=True, exist_ok=True)
    usd.unlink(missing_ok=True)
    write_robot(usd, build)


def description_yaml(robot: Robot, heading: str) -> str:
    """Return a robot's description as YAML, one line per joint and per row of a table; it reads back as the robot."""
    data = robot.model_dump(mode="json")
    for arm in data["arms"]:
        arm["gripper"]["strokes"] = [_Row(row) for row in arm["gripper"]["strokes"]]
    body = yaml.dump(data, Dumper=_Lines, sort_keys=False, width=240, default_flow_style=None)
    return "".join(f"# {line}\n" for line in heading.splitlines()) + body


class _Row(dict[str, object]):
    """A mapping that is written in one line."""


class _Lines(yaml.SafeDumper):
    """Flat mappings and lists in one line each, whatever is nested in blocks."""

    def ignore_aliases(self, data: object) -> bool:
        """Write every value out."""
        return True


def _in_one_line(dumper: _Lines, row: _Row) -> yaml.Node:
    return dumper.represent_mapping("tag:yaml.org,2002:map", row, flow_style=True)


_Lines.add_representer(_Row, _in_one_line)
