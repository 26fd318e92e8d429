"""The grasps that an episode's object was offered, by number, with how each held when it was tried."""

from collections.abc import Mapping

from blueprint.pipeline.app.figures import angle_text, length_text
from blueprint.pipeline.app.opened_episode import OpenedEpisode, grasp_tables
from blueprint.pipeline.episode.grasps import GraspTable, TriedGrasp

from .account import Table

HEADS = ("Number", "Held", "Width", "From straight down", "Slipped at most", "Turned at most", "Cost", "")
LEAD = "Tried in simulation beforehand, best first; blueprint replay RUN:{episode} --grasp NUMBER takes another."


def describe_grasps(opened: OpenedEpisode) -> Table | None:
    """Return the table of the handled object's grasps; None where it has none or they are not at hand."""
    table = grasp_tables(opened).get(opened.summary.object)
    if table is None or not table.grasps:
        return None
    used = used_grasp(table, opened.summary.outcome.measures)
    rows = tuple(_row(number, grasp, number == used) for number, grasp in enumerate(table.grasps))
    lead = LEAD.format(episode=opened.summary.id)
    return Table("grasps", f"Grasps of {table.prop}", lead, HEADS, rows)


def used_grasp(table: GraspTable, measures: Mapping[str, float]) -> int | None:
    """Return the number of the grasp that an outcome's measures are of, the last one where several were used."""
    noted = (measures.get("grasp_width_m"), measures.get("grasp_cost"))
    same = (number for number, grasp in enumerate(table.grasps) if (grasp.width_m, grasp.cost) == noted)
    return next(same, None)


def _row(number: int, grasp: TriedGrasp, used: bool) -> tuple[str, ...]:
    held = f"{grasp.held} of {grasp.trials}" if grasp.trials else "not tried"
    return (
        str(number),
        held,
        length_text(grasp.width_m),
        angle_text(grasp.tilt_rad),
        length_text(grasp.slip_m),
        angle_text(grasp.turn_rad),
        f"{grasp.cost:.2f}",
        "used here" if used else "",
    )
