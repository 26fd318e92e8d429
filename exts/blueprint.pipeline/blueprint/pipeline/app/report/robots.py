"""The page above the reports of several robots: who succeeded at what, with links to each."""

from dataclasses import dataclass
from pathlib import Path

from blueprint.pipeline.app.outcome_table import OutcomeRow
from blueprint.pipeline.app.robot_runs import RobotRuns, outcomes_of
from blueprint.pipeline.app.runs import REPORT_FILE
from blueprint.pipeline.app.templates import fill
from blueprint.pipeline.engine.store import replace_file

from .page import style_sheet

_TEMPLATE = Path(__file__).with_name("robots.html.j2")


@dataclass(frozen=True, slots=True)
class RobotRow:
    """How one robot fared; `report` is the way to its own page."""

    robot: str
    word: str
    tone: str
    message: str
    report: str
    tasks: tuple[OutcomeRow, ...]


def write_robots_page(root: Path) -> None:
    """Write `report.html` above the robots' own ones."""
    rows = [_row(root, name) for name in RobotRuns(root).robots]
    page = fill(_TEMPLATE, {"style": style_sheet(), "rows": rows, "title": root.resolve().name})
    replace_file(root / REPORT_FILE, page.encode("utf-8"))


def _row(root: Path, robot: str) -> RobotRow:
    folder = RobotRuns(root).runs().get(robot)
    if folder is None:
        return RobotRow(robot, "no run", "bad", "", "", ())
    data = folder.load()
    word, tone = ("finished", "good") if data["succeeded"] else ("stopped", "bad")
    report = folder.report.relative_to(root).as_posix() if folder.report.is_file() else ""
    return RobotRow(robot, word, tone, data["message"], report, outcomes_of(folder))
