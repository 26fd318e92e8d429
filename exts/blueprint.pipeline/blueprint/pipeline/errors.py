"""The exception tree; every error that reaches a user is one of these.

BlueprintError                    exit code
├── InputError                    2   something given by the user cannot be used
│   ├── RecipeError                   a recipe field is unknown, of the wrong type or out of range
│   ├── ScanError                     a scan, or one file of it, cannot be read
│   ├── UnknownName                   a name that is not among those that exist
│   ├── NothingUsable                 every object or task was left out
│   ├── FolderUnusable                the output folder cannot be written, or holds something that is not ours
│   └── FolderLocked                  another run works in this folder
└── RunError                      1   the work itself did not succeed
    ├── StageFailed                   a stage raised, timed out or died
    ├── CheckFailed                   a blocking check measured a value outside its limit
    ├── DiskFull                      no space left while writing
    ├── RecordDamaged                 stored bytes differ from their digest
    ├── ItemRejected                  one item of a mapped stage is unusable and is left out
    └── MissingTool                   an optional package or program is not installed

Each class takes facts and builds its own sentence, so call sites never format messages.
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches


class BlueprintError(Exception):
    """Anything this package refuses or fails to do, with a message for people."""

    exit_code = 1


class InputError(BlueprintError):
    """Something given by the user cannot be used."""

    exit_code = 2


class RunError(BlueprintError):
    """The work itself did not succeed."""


class UnknownName(InputError):
    """A name that is not among those that exist."""

    def __init__(self, kind: str, name: str, known: Iterable[str], *, where: str = "") -> None:
        self.name, self.known = name, sorted(known)
        near = get_close_matches(name, self.known, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else "."
        place = f"{where}: " if where else ""
        listing = ", ".join(self.known) or "none"
        super().__init__(f"{place}unknown {kind} {name!r}{hint} Known: {listing}")


class RecipeError(InputError):
    """One or more recipe fields cannot be used; all faults are listed together."""

    def __init__(self, source: str, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{source}: {fault}" for fault in faults))


class ScanError(InputError):
    """A scan, or one file of it, cannot be read."""

    def __init__(self, path: str, problem: str, *, expected: str = "") -> None:
        self.path, self.problem = path, problem
        end = "" if problem.endswith((".", "?", "!")) else "."
        super().__init__(f"{path}: {problem}" + (f"{end} Expected: {expected}" if expected else ""))


class NothingUsable(InputError):
    """Every candidate was left out; the message names each with its reason."""

    def __init__(self, what: str, reasons: Sequence[str], *, remedy: str) -> None:
        self.reasons = tuple(reasons)
        lines = [f"no usable {what} is left. {remedy}", *(f"  {reason}" for reason in reasons)]
        super().__init__("\n".join(lines))


class FolderUnusable(InputError):
    """The output folder cannot be written, or holds something that no run has made."""

    def __init__(self, folder: str, problem: str) -> None:
        super().__init__(f"{folder} cannot be the output folder: {problem}; choose another --out folder")


class FolderLocked(InputError):
    """Another run works in this folder."""

    def __init__(self, folder: str, owner: str) -> None:
        super().__init__(f"{folder} is in use by {owner}; wait for it, or choose another --out folder")


class StageFailed(RunError):
    """A stage raised, timed out or died."""

    def __init__(self, stage: str, cause: str, *, item: str = "", failure_file: str = "") -> None:
        self.stage, self.item, self.cause = stage, item, cause
        subject = f"stage {stage!r}" + (f", item {item!r}" if item else "")
        details = f" (details in {failure_file})" if failure_file else ""
        super().__init__(f"{subject} failed: {cause}{details}")


class CheckFailed(RunError):
    """One or more blocking checks measured a value outside their limit."""

    def __init__(self, stage: str, findings: Sequence[str]) -> None:
        self.stage, self.findings = stage, tuple(findings)
        super().__init__(f"stage {stage!r} did not pass its checks:\n" + "\n".join(f"  {line}" for line in findings))


class DiskFull(RunError):
    """No space left while writing."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"no space left on the disk that holds {folder}; free some, or run `blueprint gc {folder}`. "
            "Finished work is kept."
        )


class RecordDamaged(RunError):
    """Stored bytes differ from the digest under which they were kept."""

    def __init__(self, path: str, expected: str, found: str) -> None:
        super().__init__(f"{path}: digest is {found}, {expected} was stored; remove the record's folder and run again")


class ItemRejected(RunError):
    """One item of a mapped stage is unusable; it is left out and named in the report."""

    def __init__(self, item: str, reason: str) -> None:
        self.item, self.reason = item, reason
        super().__init__(f"{item}: {reason}")


class MissingTool(RunError):
    """An optional package or program is not installed."""

    def __init__(self, tool: str, needed_for: str, install: str) -> None:
        super().__init__(f"{needed_for} needs {tool}, which is not installed; install it with: {install}")
