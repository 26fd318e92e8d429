"""`blueprint robot`: list and show robots, and bring one's own."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import tyro

from blueprint.pipeline.errors import RecipeError


@dataclass(frozen=True)
class ListCommand:
    """List the robots that a recipe can name."""


@dataclass(frozen=True)
class ShowCommand:
    """Say what a robot's description holds, after its asset has been checked against it."""

    name: tyro.conf.Positional[str]
    """Name of the robot."""


@dataclass(frozen=True)
class AddCommand:
    """Convert a URDF to a robot in the folder `robots` of the working directory."""

    urdf: tyro.conf.Positional[Path]
    """The description; expand a .xacro first."""
    name: str = ""
    """Name of the robot; the file's without it."""
    fitting: Path | None = None
    """What the description does not say, as a YAML file; it is measured without one."""
    package: tuple[str, ...] = ()
    """Folders of packages whose meshes the description names, each NAME=FOLDER."""
    license: str = "unknown"
    """Licence of its files, as an SPDX name."""
    replace: bool = False
    """Write over a robot of that name."""


Command = (
    Annotated[ListCommand, tyro.conf.subcommand("list")]
    | Annotated[ShowCommand, tyro.conf.subcommand("show")]
    | Annotated[AddCommand, tyro.conf.subcommand("add")]
)


def main(argv: Sequence[str]) -> int:
    """Run one of the three."""
    command = tyro.cli(Command, args=list(argv), prog="blueprint robot")  # pyright: ignore[reportArgumentType, reportCallIssue]
    if isinstance(command, ShowCommand):
        return _show(command)
    return _add(command) if isinstance(command, AddCommand) else _list()


def _list() -> int:
    from blueprint.pipeline.app.robots.overview import robot_lines

    sys.stdout.write("".join(f"{line}\n" for line in robot_lines()))
    return 0


def _show(command: ShowCommand) -> int:
    from blueprint.pipeline.app.robots.overview import describe_robot

    sys.stdout.write("".join(f"{line}\n" for line in describe_robot(command.name)))
    return 0


def _add(command: AddCommand) -> int:
    from blueprint.pipeline.app.robots.bring import bring_robot

    wrong = [text for text in command.package if "=" not in text]
    if wrong:
        raise RecipeError("--package", [f"{text!r} is not NAME=FOLDER" for text in wrong])
    packages = {name: Path(folder) for name, _, folder in (text.partition("=") for text in command.package)}
    brought = bring_robot(
        command.urdf,
        name=command.name,
        fitting=command.fitting,
        packages=packages,
        license_name=command.license,
        replace=command.replace,
    )
    robot = brought.robot
    width_mm, arms = 1e3 * robot.gripper.max_width_m, ", ".join(arm.name for arm in robot.arms)
    sys.stdout.write(f"{robot.name} ({arms}), whose hand opens to {width_mm:.1f} mm, is in {brought.folder}\n")
    sys.stdout.write("worth a look:\n" + "".join(f"  {remark}\n" for remark in brought.remarks))
    sys.stdout.write(f"try it: blueprint run RECIPE --assemble.robot.name {robot.name}\n")
    return 0
