"""What the hand alone can hold where it stands, by grasps that held."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from blueprint.pipeline.episode.grasps import GraspTable
from blueprint.pipeline.episode.offers import HandRoom
from blueprint.pipeline.episode.records import Grasps, Offered
from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.offer.feasibility import Looking
from blueprint.pipeline.offer.stage import OfferSettings
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.skills.search import Refusal

PICK = Step("grasp", {"object": "box"})


def looking(assembled: Assembled, tables: Mapping[str, GraspTable]) -> Looking:
    return Looking.at(assembled, tables, OfferSettings())


def rooms(found: Looking) -> dict[str, HandRoom]:
    return {thing.prop: thing for thing in found.things}


def why_not(found: Looking) -> str:
    """Return the reason against a grasp of the box, which must be refused."""
    refused = found.search.chain(found.instant, (PICK,))
    assert isinstance(refused, Refusal)
    return found.explainer.explain(refused, found.instant)


@pytest.fixture
def lost(grasps: Grasps) -> dict[str, GraspTable]:
    """Grasps of which every one of the box was lost in two trials."""
    tables = grasps.tables()
    failed = tuple(replace(grasp, trials=2, held=0) for grasp in tables["box"].grasps)
    return {**tables, "box": replace(tables["box"], grasps=failed)}


def test_a_box_can_be_held_and_a_crate_that_is_too_wide_cannot(assembled: Assembled, grasps: Grasps) -> None:
    found = looking(assembled, grasps.tables())
    box, crate = rooms(found)["box"], rooms(found)["crate"]
    assert 0 < box.free <= box.held <= box.listed
    assert crate == HandRoom("crate", 0, 0, 0)
    assert found.graspable == {"box"}


def test_furniture_is_no_graspable_object(assembled: Assembled, grasps: Grasps) -> None:
    assert "table" not in rooms(looking(assembled, grasps.tables()))


def test_what_never_held_when_tried_is_not_graspable_and_that_is_the_reason(
    assembled: Assembled, lost: dict[str, GraspTable]
) -> None:
    found = looking(assembled, lost)
    count = len(lost["box"].grasps)
    assert rooms(found)["box"] == HandRoom("box", count, 0, 0)
    assert why_not(found) == f"none of {count} grasps of box held in any of {2 * count} trials"


def test_no_room_for_the_hand_is_said_in_millimetres(assembled: Assembled, grasps: Grasps) -> None:
    """Of grasps that all come from below the table none has room, wherever the arm stands."""
    tables = grasps.tables()
    sunk = Pose((0.0, 0.0, -0.15))
    moved = [replace(each, T_prop_tcp=sunk @ each.T_prop_tcp) for each in tables["box"].grasps if each.usable]
    lost = replace(moved[0], trials=2, held=0)
    found = looking(assembled, {**tables, "box": replace(tables["box"], grasps=(*moved, lost))})
    assert rooms(found)["box"].free == 0
    reason = why_not(found)
    assert f"no grasp of box can be done: all {len(moved)} grasps with the hand against table/top (at best " in reason
    assert "mm inside)" in reason
    assert reason.endswith("(1 more did not hold when tried)")


def test_offers_carry_the_pairs_and_what_is_absent(offered: Offered) -> None:
    offers = offered.offers
    assert {pair.object for pair in offers.pairs()} == {"box"}
    assert {offer.pair for offer in offers.offers if offer.object == "crate"} == {""}
    assert "nothing fills role 'joint', a joint of a part that is pressable" in offers.absent["press"]
    assert set(offers.absent) == set(offered.templates) - {offer.template for offer in offers.offers}
