"""What is done before it begins is no task, and is said to be so."""

import pytest
import yaml
from tests.tasks.workshop import situation

from blueprint.pipeline.episode.goals import Goal, InRegion, Inside, JointWithin, OnTop, Raised, Released, Upright
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.tasks.candidates import list_candidates
from blueprint.pipeline.tasks.foregone import all_hold, why_done_already
from blueprint.pipeline.tasks.instantiate import draw_place, instantiate
from blueprint.pipeline.tasks.library import parse_template, shipped_tasks
from blueprint.pipeline.tasks.place_entries import Back
from blueprint.pipeline.tasks.refusals import why_no_place
from blueprint.pipeline.tasks.roles import Roles
from blueprint.pipeline.tasks.situation import Situation
from blueprint.pipeline.tasks.surfaces import stood
from blueprint.pipeline.tasks.templates import Template

STAY = "all that is asked for holds already at the start"


def back_again() -> Template:
    """Return a task that puts a thing back where it stands."""
    data = yaml.safe_load(shipped_tasks()["pick_place"].read_text(encoding="utf-8"))
    data["places"] = {"goal_place": {"draw": "back", "object": "object"}}
    steps = [{**step, "at": "goal_place"} if "at" in step else step for step in data["steps"]]
    goals = [{"goal": "in_region", "object": "object", "at": "goal_place"}, {"goal": "at_rest", "object": "object"}]
    data |= {"steps": steps, "goals": goals, "rewards": [], "phrasings": ["Put the {object} back."]}
    data["roles"] = {name: role for name, role in data["roles"].items() if name != "surface"}
    return parse_template(yaml.safe_dump(data), "pick_place.yaml")


def on_brick() -> Situation:
    """Return the scene with the box on the brick."""
    scene = situation()
    low, high = scene.box_m("brick")
    box = scene.pose("box")
    x, y = ((low + high) / 2)[:2].tolist()
    lift_m = float(high[2] - scene.box_m("box")[0, 2])
    return scene.moved(poses={"box": Pose((x, y, box.position_m[2] + lift_m), box.quat_wxyz)})


def test_a_place_back_is_a_region_that_goals_can_name() -> None:
    """As large as the shadow and the margin, at the height of the base, on what carries it."""
    scene = situation()
    drawn = stood(scene, "box", margin_m=0.02, name="home")
    assert drawn.region is not None
    low, high = scene.box_m("box")
    assert drawn.region.support == "table"
    assert drawn.region.center_m[2] == pytest.approx(low[2])
    assert sorted(drawn.region.half_size_m) == pytest.approx(sorted(((high - low) / 2)[:2] + 0.02), abs=1e-6)
    assert all_hold([InRegion("box", drawn.region)], scene)
    gone = scene.moved(poses={"box": Pose((0.9, 0.9, 1.0))})
    assert not all_hold([InRegion("box", drawn.region)], gone)


def test_a_task_whose_goals_hold_at_the_start_is_refused_with_the_reason() -> None:
    """Nothing is yielded for any thing in the scene."""
    template, scene = back_again(), situation()
    candidates = list_candidates(template, scene.manifest)
    assert candidates
    for candidate in candidates:
        rng = stream(0, 0, "test")
        assert list(instantiate(template, candidate.roles, scene, rng, id="episode")) == []
        assert why_no_place(template, candidate.roles, scene, stream(0, 0, "test")) == STAY
    roles = Roles(template, candidates[0].roles)
    place = template.places["goal_place"]
    assert isinstance(place, Back)
    drawn = next(draw_place("goal_place", place, roles, scene, stream(0, 0, "test")))
    assert drawn.region is not None


@pytest.mark.parametrize(
    ("goals", "reason"),
    [
        ((OnTop("box", "brick"),), STAY),
        ((OnTop("box", "brick"), Released("box"), Upright("box", 0.2)), STAY),
        ((OnTop("brick", "box"),), ""),
        ((OnTop("box", "brick"), Raised("box", 0.05)), ""),
        ((Inside("box", "bowl/bowl", Pose(), (0.01, 0.01, 0.01)),), ""),
        ((JointWithin("panel/button_1_joint", -0.001, 0.001),), "panel/button_1_joint stands already"),
        ((JointWithin("panel/button_1_joint", 0.005, 0.006),), ""),
    ],
)
def test_goals_are_measured_as_things_stand(goals: tuple[Goal, ...], reason: str) -> None:
    """A box on a brick: what holds without anybody, and what does not."""
    scene = on_brick()
    bowl = next(name for name in scene.shapes.T_prop_bodies if name.startswith("bowl/"))
    named = tuple(Inside(goal.object, bowl, goal.T_body_room, goal.half_size_m) if isinstance(goal, Inside) else goal
                  for goal in goals)  # fmt: skip
    assert why_done_already(named, scene).startswith(reason)
    assert bool(why_done_already(named, scene)) == bool(reason)
