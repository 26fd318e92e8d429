"""Why a scene has nothing for a task: the role, what it asks for, and what is there."""

from dataclasses import replace

from tests.tasks.workshop import manifest

from blueprint.pipeline.tasks.absent import why_absent
from blueprint.pipeline.tasks.candidates import list_candidates
from blueprint.pipeline.tasks.library import find_tasks, load_template
from blueprint.pipeline.tasks.role_entries import JointRole, PropRole, Role
from blueprint.pipeline.tasks.templates import Template


def asking(name: str, roles: dict[str, Role]) -> Template:
    """Return a shipped task that asks for something else in some of its roles, and is in vain."""
    template = load_template(find_tasks()[name])
    changed = template.model_copy(update={"roles": {**template.roles, **roles}})
    assert list_candidates(changed, manifest()) == []
    return changed


def test_categories_that_are_not_there_are_named_beside_those_that_are() -> None:
    template = asking("pick_place", {"object": PropRole(kind="prop", categories=("teapot", "kettle"))})
    reason = why_absent(template, manifest())
    assert reason.startswith(
        "nothing fills role 'object', a movable thing of category teapot or kettle; the scene has "
    )
    for entry in manifest().props:
        assert (f"{entry.prop.id} (category {entry.prop.category}: " in reason) is entry.movable


def test_a_joint_is_asked_for_by_its_use() -> None:
    turned = JointRole(kind="joint", can="turnable", motion="prismatic", holds=False)
    reason = why_absent(asking("turn_knob", {"joint": turned}), manifest())
    assert "a prismatic joint of a part without room inside that is turnable" in reason


def test_the_role_that_stays_empty_is_named_not_those_before_it() -> None:
    template = asking("stack", {"base": PropRole(kind="prop", affordances=("supportable",), hollow=True)})
    reason = why_absent(template, manifest())
    assert reason.startswith("nothing fills role 'base', a movable thing that is supportable with room inside")


def test_a_scene_without_anything_says_so() -> None:
    bare = replace(manifest(), props=())
    assert why_absent(load_template(find_tasks()["press"]), bare).endswith("the scene has no joint at all")
    assert why_absent(load_template(find_tasks()["place_in"]), bare).endswith("the scene has no prop at all")
