"""Findings: what a check found wrong, with the file, episode and frame where it is."""

from dataclasses import dataclass

from blueprint.pipeline.errors import ScanError

UNREADABLE = (ScanError, OSError, KeyError, IndexError, TypeError, ValueError)
"""What reading a damaged file or table raises; each becomes a finding, so that one fault does not hide the others."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong; `file` is relative to the dataset's root."""

    check: str
    file: str
    message: str
    episode: int | None = None
    frame: int | None = None

    def sentence(self) -> str:
        """Say it in one line."""
        place = self.file
        if self.episode is not None:
            place += f", episode {self.episode}"
        if self.frame is not None:
            place += f", frame {self.frame}"
        return f"{self.check}: {place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check looked at and found; `measures` carry their unit in the name."""

    check: str
    looked_at: str
    findings: tuple[Finding, ...]
    measures: dict[str, float]

    @property
    def passed(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.findings


def cannot_be_read(check: str, error: Exception, file: str, episode: int | None = None) -> Finding:
    """Return the finding that something cannot be checked; an error that names its file does so better than `file`."""
    if isinstance(error, ScanError):
        named = error.path if "/" in error.path else file
        return Finding(check, named, f"cannot be checked: {error.problem}", episode)
    cause = f"has no {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__
    return Finding(check, file, f"cannot be checked: {cause}", episode)
