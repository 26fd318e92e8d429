"""Task files: the shipped ones are sound, and every fault of one's own is named with what would be right."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from tests.tasks.workshop import manifest

from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.errors import RecipeError, UnknownName
from blueprint.pipeline.tasks.candidates import list_candidates
from blueprint.pipeline.tasks.library import (
    chosen_names,
    find_tasks,
    load_template,
    load_templates,
    parse_template,
    shipped_tasks,
)
from blueprint.pipeline.tasks.templates import Template, task_schema

WANTED = {
    "pick_place",
    "place_in",
    "stack",
    "unstack",
    "open_drawer",
    "close_drawer",
    "open_door",
    "close_door",
    "push_to_region",
    "pour",
    "press",
    "turn_knob",
    "slide",
    "insert",
    "open_drawer_place_in",
    "clear_table",
}


def changed(**changes: object) -> str:
    """Return the shipped pick_place with some fields changed."""
    data = yaml.safe_load(shipped_tasks()["pick_place"].read_text(encoding="utf-8"))
    return yaml.safe_dump({**data, **changes})


def faults(text: str) -> str:
    """Return what is wrong with a task file."""
    with pytest.raises(RecipeError) as caught:
        parse_template(text, "mine.yaml")
    return str(caught.value)


@pytest.mark.parametrize("name", sorted(shipped_tasks()))
def test_shipped_tasks_are_sound(name: str) -> None:
    """Each says at least three sentences, has rewards and ends, and survives plain data."""
    template = load_template(shipped_tasks()[name])
    assert len(template.phrasings) >= 3
    assert template.rewards
    assert {"success", "time_limit"} <= {done.term for done in template.dones}
    assert Template.model_validate(template.schema_dict()) == template
    jsonschema.validate(yaml.safe_load(shipped_tasks()[name].read_text(encoding="utf-8")), task_schema())


def test_every_promised_task_is_shipped() -> None:
    assert set(shipped_tasks()) >= WANTED


def test_the_committed_schema_is_current(repository: Path) -> None:
    path = "docs/schemas/task.schema.json"
    assert (repository / path).read_bytes() == canonical_json(task_schema()), f"python tools/task_schema.py {path}"


def test_the_worked_example_of_the_documentation_is_sound(repository: Path) -> None:
    text = (repository / "docs" / "tasks.md").read_text(encoding="utf-8")
    example = text.split("```yaml\n", 1)[1].split("```", 1)[0]
    assert parse_template(example, "docs/tasks.md").name == "set_on_board"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"places": {"target": {"draw": "free_region", "object": "objct", "surface": "support"}}},
            "did you mean 'object'",
        ),
        ({"steps": [{"skill": "gasp", "object": "object"}]}, "unknown skill 'gasp'; did you mean 'grasp'"),
        ({"steps": [{"skill": "grasp"}]}, "give either 'object' or 'joint'"),
        ({"steps": [{"skill": "place", "object": "object", "at": "targt"}]}, "did you mean 'target'"),
        ({"steps": [{"skill": "push", "object": "object", "at": "target"}]}, "needed is pushed"),
        (
            {"otherwise": [[{"skill": "shove", "joint": "object", "share": 0}]]},
            "otherwise.0.0.joint: role 'object' is a",
        ),
        ({"otherwise": [[{"skill": "grasp", "object": "objct"}]]}, "otherwise.0.0.object: unknown role 'objct'"),
        ({"goals": [{"goal": "riased", "object": "object", "height_m": 0.1}]}, "did you mean 'raised'"),
        ({"goals": [{"goal": "at_rest", "object": "support"}]}, "role 'support' is a surface; needed is a prop"),
        ({"goals": [{"goal": "at_rest", "object": "object"}] * 2}, "two goals are called 'at_rest'"),
        ({"rewards": [{"term": "progress", "goal": "in_regin"}]}, "did you mean 'in_region'"),
        ({"phrasings": ["Take the {obect}."]}, "did you mean '{object}'"),
        ({"phrasings": ["Take the {object."]}, "expected '}'"),
        ({"roles": {"object": {"kind": "prop", "afordances": ["graspable"]}}}, "did you mean 'affordances'"),
        ({"roles": {"a": {"kind": "prop", "on": "b"}, "b": {"kind": "prop", "on": "a"}}}, "a, b name each other"),
        ({"difficulty": 2}, "less than or equal to 1"),
        ({"difficulty": float("nan")}, "finite"),
        ({"hold_s": 0}, "greater than 0"),
        ({"version": 2}, "upgrade"),
    ],
)
def test_each_fault_is_named_with_what_would_be_right(change: dict[str, object], said: str) -> None:
    assert said in faults(changed(**change))


def test_all_faults_are_said_at_once() -> None:
    said = faults(changed(phrasings=["{a} {b}"], rewards=[{"term": "progress", "goal": "none_such"}]))
    assert said.count("\n") >= 2
    assert all(word in said for word in ("{a}", "{b}", "none_such"))


def test_a_fault_of_a_step_is_not_said_of_the_form_that_it_does_not_have() -> None:
    said = faults(changed(steps=[{"skill": "gasp", "object": "object"}, {"each": "object", "stps": []}]))
    assert "steps.0.skill: unknown skill 'gasp'" in said
    assert "did you mean 'steps'" in said
    assert not any(word in said for word in ("tagged-union", "steps.0.ForEach", "steps.1.skill"))


def test_a_place_in_a_file_is_named_as_the_file_has_it() -> None:
    roles = {"object": {"kind": "prop", "categories": "mug"}, "room": {"kind": "room", "of": "drawer"}}
    said = faults(changed(roles=roles, goals=[{"goal": "on_top", "object": "object"}]))
    assert "roles.object.categories: is a list, such as [mug] (found 'mug')" in said
    assert "roles.room.of: is a list, such as [drawer] (found 'drawer')" in said
    assert "goals.0.base: Field required" in said


def test_a_file_is_called_like_its_task(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(changed(), encoding="utf-8")
    with pytest.raises(RecipeError, match="called like its file"):
        load_template(tmp_path / "other.yaml")


def test_no_yaml_and_no_mapping_are_refused() -> None:
    assert "not valid YAML" in faults("a: [")
    assert "a task is a mapping" in faults("[]")


def test_ones_own_tasks_take_the_place_of_shipped_ones(tmp_path: Path) -> None:
    (tmp_path / "pick_place.yaml").write_text(changed(difficulty=0.9), encoding="utf-8")
    found = find_tasks([tmp_path])
    assert set(found) == set(shipped_tasks())
    assert load_templates({"pick_place": found["pick_place"]})["pick_place"].difficulty == 0.9


def test_the_faults_of_all_files_are_collected(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(changed(name=name, goals=[]), encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        load_templates(find_tasks([tmp_path]))
    assert {fault.split(":", 1)[0] for fault in caught.value.faults} == {"one.yaml", "two.yaml"}


def test_names_are_spelled_out_and_unknown_ones_refused() -> None:
    assert chosen_names(["stack", "all"], ["pour", "stack"], where="here") == ("stack", "pour")
    with pytest.raises(UnknownName, match="did you mean 'stack'"):
        chosen_names(["stak"], ["pour", "stack"], where="here")


@pytest.mark.parametrize("name", sorted(shipped_tasks()))
def test_the_order_of_a_mapping_means_nothing(name: str) -> None:
    """Records sort what they hold by name; the same things must fit afterwards."""
    template = load_template(shipped_tasks()[name])
    again = Template.model_validate(json.loads(canonical_json(template.schema_dict())))
    scene = manifest()
    found = [
        {(each.object, *sorted(each.roles.items())) for each in list_candidates(one, scene)}
        for one in (template, again)
    ]
    assert found[0] == found[1]


def test_rewards_and_goals_ask_for_something_to_be_reached() -> None:
    """What holds before anything is done neither makes a task nor earns a reward."""
    released = [{"goal": "released", "object": "object"}, {"goal": "at_rest", "object": "object"}]
    said = faults(changed(goals=released, rewards=[]))
    assert "released, at_rest hold before anything is done" in said
    assert "in_region" in said
    data = yaml.safe_load(shipped_tasks()["pick_place"].read_text(encoding="utf-8"))
    for term in ("progress", "satisfied"):
        said = faults(changed(rewards=[*data["rewards"], {"term": term, "goal": "released", "weight": 1.0}]))
        assert "'released' holds before anything is done and earns nothing" in said
