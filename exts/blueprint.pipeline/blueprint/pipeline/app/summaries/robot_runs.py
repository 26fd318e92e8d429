"""Summarise the folder of a recipe that was run for several robots."""

from pathlib import Path

from blueprint.pipeline.app.robot_runs import RobotRuns, outcomes_of, sentences
from blueprint.pipeline.scene.codec import to_plain

from .summary import Summary


def summarise_robot_runs(root: Path) -> Summary:
    """Return how each robot fared."""
    runs = RobotRuns(root)
    data = {
        "kind": "robot_runs",
        "robots": {
            name: {
                "succeeded": folder.load()["succeeded"],
                "message": folder.load()["message"],
                "run": folder.root.relative_to(root).as_posix(),
                "tasks": [to_plain(row) for row in outcomes_of(folder)],
            }
            for name, folder in runs.runs().items()
        },
    }
    return Summary("robot runs", f"runs of one recipe for {len(runs.robots)} robots", tuple(sentences(root)), data)
