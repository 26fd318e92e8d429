"""Results of trials as an engine would give them."""

from blueprint.pipeline.prove.rest import RestRun
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.proofs import HOLDS, Measure, Trial


def rest(engine: str, *poses: Pose) -> RestRun:
    """Return runs of mugs that end at poses."""
    names = [f"mug_{index}" for index in range(len(poses))]
    ends = {name: (Pose(), pose) for name, pose in zip(names, poses, strict=True)}
    return RestRun(engine, (0.0, 5.0), ends, dict.fromkeys(names, 0.0), {})


def trial(kind: str, subject: str, outcome: str = HOLDS, **measures: float | None) -> Trial:
    """Return a trial with measures named by words for spaces."""
    found = tuple(Measure(name.replace("_", " "), value, "m") for name, value in measures.items())
    return Trial(kind, subject, "physx", outcome, found)


def sweep(lower: float, upper: float) -> Trial:
    """Return the sweep of a drawer of 0.4 m."""
    reached = {"reached_lower": lower, "reached_upper": upper, "lower": 0.0, "upper": 0.4, "range_error": 0.0}
    return trial("sweep", "cabinet/drawer", **reached)
