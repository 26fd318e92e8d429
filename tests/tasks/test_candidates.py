"""What of a scene fills a template's roles."""

from dataclasses import replace

from tests.tasks.workshop import manifest

from blueprint.pipeline.scene.relations import Relation
from blueprint.pipeline.tasks.candidates import Candidate, list_candidates
from blueprint.pipeline.tasks.library import find_tasks, load_template
from blueprint.pipeline.tasks.role_entries import PropRole
from blueprint.pipeline.tasks.templates import Template


def found(name: str) -> list[Candidate]:
    """Return the candidates of a shipped task."""
    return list_candidates(load_template(find_tasks()[name]), manifest())


def fillings(name: str, role: str) -> set[str]:
    """Return what fills one role."""
    return {candidate.roles[role] for candidate in found(name)}


def test_whatever_stands_on_a_surface_can_be_placed() -> None:
    assert fillings("pick_place", "object") == {"box", "brick", "bottle", "peg", "bowl", "socket"}
    assert fillings("pick_place", "support") == {"table/top"}


def test_no_prop_fills_two_roles() -> None:
    assert {(each.roles["object"], each.roles["base"]) for each in found("stack")} == {
        ("box", "brick"),
        ("brick", "box"),
    }


def test_only_what_fits_goes_into_a_room() -> None:
    assert ("bottle", "bowl/inside") not in {(c.roles["object"], c.roles["container"]) for c in found("place_in")}
    assert ("box", "bowl/inside") in {(c.roles["object"], c.roles["container"]) for c in found("place_in")}


def test_joints_are_told_by_what_is_done_with_them() -> None:
    assert fillings("open_drawer", "joint") == {"cabinet/drawer_1_joint"}
    assert fillings("open_door", "joint") == {"cabinet/door_1_joint"}
    assert fillings("press", "joint") == {"panel/button_1_joint"}
    assert fillings("turn_knob", "joint") == {"panel/knob_1_joint"}
    assert fillings("slide", "joint") == {"panel/slider"}


def test_a_drawers_room_belongs_to_its_joint() -> None:
    assert fillings("open_drawer_place_in", "drawer") == {"cabinet/in_drawer_1"}
    assert {each.object for each in found("open_drawer_place_in")} == {"cabinet"}


def test_a_hole_is_hardly_wider_than_what_goes_in() -> None:
    assert [(each.roles["object"], each.roles["hole"]) for each in found("insert")] == [("peg", "socket/inside")]


def test_several_props_come_in_turn() -> None:
    pairs = [(each.roles["things_1"], each.roles["things_2"]) for each in found("clear_table")]
    assert len(pairs) == 6
    assert {first for first, _ in pairs} == {second for _, second in pairs}


def test_what_stands_by_out_of_sight_takes_no_part() -> None:
    scene = replace(manifest(), spares=("box", "bowl"))
    names = {
        name for each in list_candidates(load_template(find_tasks()["place_in"]), scene) for name in each.roles.values()
    }
    assert not names & {"box", "bowl", "bowl/inside"}


def test_a_relation_can_be_asked_for() -> None:
    scene = replace(manifest(), relations=(Relation("on", "box", "brick", 0.0, 1.0),))
    stack = load_template(find_tasks()["stack"])
    roles = {"base": PropRole(kind="prop"), "object": PropRole(kind="prop", on="base")}
    on = Template.model_validate(
        {**stack.schema_dict(), "roles": {name: role.model_dump() for name, role in roles.items()}}
    )
    assert [each.roles for each in list_candidates(on, scene)] == [{"base": "brick", "object": "box"}]


def test_ids_tell_candidates_apart() -> None:
    for name in find_tasks():
        ids = [each.id for each in found(name)]
        assert len(set(ids)) == len(ids) > 0
