"""The tasks of a small scene."""

from blueprint.pipeline.episode.records import Offered


def test_each_refusal_has_its_reason(offered: Offered) -> None:
    """The box can be picked, the crate is too wide, and that is said."""
    offers = {offer.id: offer for offer in offered.offers.offers}
    assert offers["pick_place/box"].feasible
    assert not offers["pick_place/crate"].feasible
    assert "crate" in offers["pick_place/crate"].reason
