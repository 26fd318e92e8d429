"""Hold every task that fits a scene against the robot's reach."""

from collections.abc import Mapping

from blueprint.pipeline.episode.grasps import GraspTable
from blueprint.pipeline.episode.offers import Offer, Offers
from blueprint.pipeline.scene.records import Assembled

from .stage import OfferSettings


def look_at_tasks(assembled: Assembled, tables: Mapping[str, GraspTable], settings: OfferSettings) -> Offers:
    """Return every task that was looked at, with the reason against those that are not feasible."""
    manifest = assembled.manifest
    offers = [_pick_place(prop, prop in manifest.robot.reaches, tables) for prop in sorted(tables)]
    return Offers(manifest.id, manifest.robot.name, tuple(offers))


def _pick_place(prop: str, reached: bool, tables: Mapping[str, GraspTable]) -> Offer:
    reason = "" if reached else f"no grasp of {prop} can be reached"
    if not tables[prop].grasps:
        reason = f"no antipodal grasp of {prop} fits the gripper"
    return Offer(f"pick_place/{prop}", "pick_place", {"object": prop}, not reason, reason)
