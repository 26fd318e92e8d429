"""The command line: a small table of commands; each imports what it needs when it is called."""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from blueprint.pipeline.errors import BlueprintError, UnknownName

COMMANDS: dict[str, str] = {
    "demo": "sample scan to certified dataset, then says where the report is",
    "run": "RECIPE: run a pipeline; any settings field of the recipe is a flag",
    "plan": "RECIPE: what would run, what is reused",
    "preview": "RECIPE or RUN: variants of the scene on a contact sheet, in seconds",
    "show": "PATH: a scan, scene, run, episode or dataset, in words, as JSON, page or Rerun recording",
    "replay": "RUN --episode N: step a recorded episode again, bit for bit or with something changed",
    "fix": "RUN [OBJECT]: list, add or undo corrections of a scene's objects",
    "tasks": "[RUN_OR_RECIPE]: the tasks that there are, or what a scene and its robot allow of them",
    "verify": "DATASET: every promise checked against the bytes",
    "sample": "write a sample scan",
    "robot": "list | show NAME | add URDF: robots, and bringing one's own",
    "gc": "RUN: remove records that a run no longer needs",
    "doctor": "what works on this machine and what to install",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 good, 1 a check or stage failed, 2 unusable input."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(_overview())
        return 0
    if arguments[0] == "--version":
        from importlib.metadata import version

        sys.stdout.write(f"blueprint {version('blueprint-pipeline')}\n")
        return 0
    try:
        return _command(arguments[0])(arguments[1:])
    except BlueprintError as error:
        from blueprint.pipeline.app.messages import without_folders

        sys.stderr.write(f"error: {without_folders(str(error))}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("stopped; finished work is kept, run the same command again to go on\n")
        return 130
    except BrokenPipeError:
        return 0
    except Exception as error:  # noqa: BLE001 - the program's border: one sentence and an exit code
        return _unexpected(error)


def _unexpected(error: Exception) -> int:
    from blueprint.pipeline.app.faults import keep_trace
    from blueprint.pipeline.app.messages import public_message

    sys.stderr.write(f"error: {public_message(error)}; {keep_trace(error)}\n")
    return 1


def _command(name: str) -> Callable[[Sequence[str]], int]:
    if name not in COMMANDS:
        raise UnknownName("command", name, COMMANDS)
    module: Any = import_module(f"blueprint.pipeline.cli.{name}")
    return module.main


def _overview() -> str:
    width = max(map(len, COMMANDS))
    rows = "".join(f"  {name.ljust(width)}  {text}\n" for name, text in COMMANDS.items())
    return (
        "blueprint: from the reconstruction of one photo to robot training data a lab can verify\n\n"
        f"commands\n{rows}\n`blueprint COMMAND --help` says more. "
        "Exit codes: 0 good, 1 a check or stage failed, 2 unusable input.\n"
    )
