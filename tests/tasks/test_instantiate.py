"""Concrete tasks: every template yields some in a scene with the parts, and what they say is true of the scene."""

import json
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tasks.workshop import REACH_M, TOP_M, situation

from blueprint.pipeline.episode.goals import InRegion, Inside, JointWithin, NoCollision, Undisturbed
from blueprint.pipeline.episode.tasks import Task
from blueprint.pipeline.scene.codec import from_plain, to_plain
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.randomness import stream
from blueprint.pipeline.tasks.candidates import Candidate, list_candidates
from blueprint.pipeline.tasks.instantiate import Start, draw_start, instantiate
from blueprint.pipeline.tasks.library import find_tasks, load_template
from blueprint.pipeline.tasks.refusals import why_no_place
from blueprint.pipeline.tasks.situation import Situation, joint_motion, position_at
from blueprint.pipeline.tasks.templates import Template

NAMES = sorted(find_tasks())


def tasks_of(template: Template, candidate: Candidate, seed: int = 0) -> tuple[list[Task], Situation]:
    """Return all tasks of a candidate, and how things stand at their start."""
    scene, rng = situation(), stream(seed, 0, "test")
    start = draw_start(template, candidate.roles, scene, rng)
    scene = scene.moved(poses=start.T_world_props, joints=start.joint_position)
    tasks = instantiate(template, candidate.roles, scene, rng, id="episode", start=start)
    return list(islice(tasks, 12)), scene


def first_tasks(name: str, seed: int = 0) -> tuple[list[Task], Situation]:
    """Return the tasks of the first candidate that has any."""
    template = load_template(find_tasks()[name])
    for candidate in list_candidates(template, situation().manifest):
        tasks, scene = tasks_of(template, candidate, seed)
        if tasks:
            return tasks, scene
    raise AssertionError(f"no candidate of {name} has a task")


@pytest.mark.parametrize("name", NAMES)
def test_every_template_yields_tasks_that_are_true_of_the_scene(name: str) -> None:
    """Everything that steps, goals, rewards and ends name exists, and every number is finite."""
    tasks, scene = first_tasks(name)
    bodies, props = set(scene.shapes.T_prop_bodies), {entry.prop.id for entry in scene.manifest.props}
    joints = {f"{entry.prop.id}/{joint.name}" for entry in scene.manifest.props for joint in entry.prop.joints}
    for task in tasks:
        for thing in (*task.steps, *task.rewards, *task.dones):
            for role, value in thing.roles.items():
                known = {"joint": joints, "link": {body.split("/")[1] for body in bodies}}.get(role, props)
                assert value in known
        for goal in (*task.goals, *task.safety):
            if isinstance(goal, Inside):
                assert goal.body in bodies
            if isinstance(goal, JointWithin):
                assert goal.joint in joints
                assert goal.lower < goal.upper
        assert {reward.goal for reward in task.rewards} - {None} <= set(range(len(task.goals)))
        assert all(np.isfinite(reward.weight) for reward in task.rewards)
        assert task.instruction in task.phrasings
        assert not any("{" in phrase for phrase in task.phrasings)
        assert from_plain(json.loads(json.dumps(to_plain(task, Task), allow_nan=False)), Task) == task


@pytest.mark.parametrize("name", NAMES)
def test_the_same_stream_gives_the_same_tasks(name: str) -> None:
    assert first_tasks(name, 3)[0] == first_tasks(name, 3)[0]


def test_each_phrasing_is_used_by_some_episode() -> None:
    used = {first_tasks("stack", seed)[0][0].instruction for seed in range(24)}
    assert used == set(first_tasks("stack")[0][0].phrasings)


def test_alike_things_are_told_apart() -> None:
    """The box and the brick are both called block; seen from the robot, the brick lies to the left."""
    tasks, _ = first_tasks("stack")
    assert "Stack the right block on the left block." in tasks[0].phrasings


def test_what_is_not_named_is_to_stay_where_it_is() -> None:
    tasks, _ = first_tasks("stack")
    undisturbed = {goal.object for goal in tasks[0].safety if isinstance(goal, Undisturbed)}
    assert undisturbed == {"bottle", "peg", "bowl", "socket"}
    handled = next(goal.handled for goal in tasks[0].safety if isinstance(goal, NoCollision))
    assert set(handled) == {"box", "brick"}


def shadow(scene: Situation, prop: str, pose: Pose) -> tuple[np.ndarray, np.ndarray]:
    """Return lower and upper corner of a prop's shadow."""
    points = pose.apply(scene.corners_m(prop))[:, :2]
    return points.min(axis=0), points.max(axis=0)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**20), name=st.sampled_from(["pick_place", "push_to_region", "unstack", "clear_table"]))
def test_drawn_regions_are_on_the_table_within_reach_and_free(seed: int, name: str) -> None:
    """Whatever the stream, no region overlaps anything that stands, nor does the prop in it reach out of it."""
    template = load_template(find_tasks()[name])
    candidates = list_candidates(template, situation().manifest)
    tasks, scene = tasks_of(template, candidates[seed % len(candidates)], seed)
    for task in tasks:
        for region in task.regions():
            assert region.support == "table"
            center, half = np.array(region.center_m), np.array(region.half_size_m)
            assert center[2] == pytest.approx(TOP_M)
            assert (np.abs(center[:2] - [0.6, 0.0]) + half <= [0.35, 0.5]).all()
            handled = {step.roles["object"]: step.pose for step in task.steps if step.pose is not None}
            goals = {goal.object for goal in task.goals if isinstance(goal, InRegion)}
            for other in set(scene.shapes.movable) - set(handled):
                low, high = shadow(scene, other, scene.pose(other))
                standing_on = scene.pose(other).position_m[2] < TOP_M + 0.01
                apart = (center[:2] - half >= high) | (center[:2] + half <= low)
                assert apart.any() or not standing_on
            for prop in goals:
                pose = handled[prop]
                assert pose is not None
                low, high = shadow(scene, prop, pose)
                assert (low >= center[:2] - half - 1e-9).all()
                assert (high <= center[:2] + half + 1e-9).all()
                assert np.linalg.norm(pose.position_m[:2]) <= REACH_M + 0.1


@pytest.mark.parametrize(("side", "axis", "sign"), [("left", 1, 1), ("right", 1, -1), ("front", 0, -1), ("back", 0, 1)])
def test_a_side_is_a_half_of_the_surface_as_the_robot_sees_it(side: str, axis: int, sign: int) -> None:
    """Free rectangles and zones alike, by the robot's own axes; what does not fit there is refused with the side."""
    for name in ("pick_place", "clear_table"):
        plain = load_template(find_tasks()[name]).schema_dict()
        places = {key: {**value, "side": side} for key, value in plain["places"].items()}
        template = Template.model_validate({**plain, "places": places})
        scene = situation()
        table = scene.surface("table/top")
        middle = (table[0].prop.T_world_prop @ table[1].T_prop_surface).position_m
        found = 0
        for candidate in list_candidates(template, scene.manifest):
            for task in tasks_of(template, candidate)[0]:
                for goal in task.goals:
                    if isinstance(goal, InRegion):
                        apart = np.subtract(goal.region.center_m, middle)
                        assert sign * (scene.T_world_base.rotation().T @ apart)[axis] > 0, name
                        found += 1
        assert found


def test_a_push_goes_straight_on_the_table() -> None:
    tasks, scene = first_tasks("push_to_region")
    for task in tasks:
        step = next(step for step in task.steps if step.skill == "push")
        assert step.pose is not None
        before = scene.pose(task.object)
        moved = np.subtract(step.pose.position_m, before.position_m)
        assert 0.09 <= np.linalg.norm(moved[:2]) <= 0.19
        assert moved[2] == pytest.approx(0.0, abs=1e-9)
        assert step.pose.quat_wxyz == before.quat_wxyz


def test_what_is_stacked_stands_on_the_top() -> None:
    tasks, scene = first_tasks("stack")
    for task in tasks:
        step = next(step for step in task.steps if step.skill == "place")
        assert step.pose is not None
        points = step.pose.apply(scene.corners_m("box"))
        assert points[:, 2].min() == pytest.approx(scene.box_m("brick")[1, 2])
        assert points.mean(axis=0)[:2] == pytest.approx(scene.box_m("brick").mean(axis=0)[:2])


def test_what_is_put_inside_lies_inside() -> None:
    """The middle of the thing at its place, settled, is in the room that the goal names."""
    tasks, scene = first_tasks("place_in")
    for task in tasks:
        goal = next(goal for goal in task.goals if isinstance(goal, Inside))
        pose = next(step.pose for step in task.steps if step.skill == "place")
        assert pose is not None
        T_world_room = scene.pose("bowl") @ goal.T_body_room
        local = T_world_room.inverse().apply(pose.apply(scene.middle_m(task.object)))
        assert (np.abs(local[:2]) <= np.array(goal.half_size_m[:2])).all()
        low, high = shadow(scene, task.object, pose)
        assert (low >= np.array(T_world_room.position_m[:2]) - goal.half_size_m[:2]).all()
        assert (high <= np.array(T_world_room.position_m[:2]) + goal.half_size_m[:2]).all()


def test_a_drawer_is_filled_where_it_will_have_come_out() -> None:
    """The place moves along with the drawer, and nothing of the cabinet covers it."""
    tasks, scene = first_tasks("open_drawer_place_in")
    owner, joint = scene.joint("cabinet/drawer_1_joint")
    opened = owner.prop.T_world_prop @ joint_motion(joint, 0.75 * 0.35)
    for task in tasks:
        goal = next(goal for goal in task.goals if isinstance(goal, Inside))
        pose = next(step.pose for step in task.steps if step.skill == "place")
        assert pose is not None
        local = (opened @ goal.T_body_room).inverse().apply(pose.apply(scene.middle_m(task.roles["object"])))
        assert (np.abs(local[:2]) <= np.array(goal.half_size_m[:2])).all()
        covered = owner.prop.T_world_prop.apply([[0.1, 0.0, 0.6]])[0]
        assert pose.position_m[1] < covered[1]


def test_a_peg_ends_upright_in_its_hole() -> None:
    tasks, scene = first_tasks("insert")
    for task in tasks:
        step = next(step for step in task.steps if step.skill == "insert")
        assert step.pose is not None
        assert step.values["depth_m"] == pytest.approx(0.034)
        points = step.pose.apply(scene.corners_m("peg"))
        assert points.mean(axis=0)[:2] == pytest.approx(scene.pose("socket").position_m[:2])
        assert points[:, 2].min() == pytest.approx(TOP_M + 0.016)
        assert np.ptp(points[:, 2]) == pytest.approx(0.12)


def test_a_leaning_bottle_has_its_rim_over_the_target() -> None:
    """Turned about its middle towards the heading, its lowest rim point is over the bowl, above its top."""
    tasks, scene = first_tasks("pour")
    for task in tasks:
        step = next(step for step in task.steps if step.skill == "tilt")
        assert step.pose is not None
        heading, angle = step.values["heading_rad"], step.values["tilt_rad"]
        axis = np.array([-np.sin(heading), np.cos(heading), 0.0]) * np.sin(angle / 2)
        lean = Pose((0.0, 0.0, 0.0), (float(np.cos(angle / 2)), *map(float, axis)))
        upright = step.pose.apply(scene.corners_m("bottle"))
        middle = (upright.min(axis=0) + upright.max(axis=0)) / 2
        leaning = lean.apply(upright - middle) + middle
        rim = leaning[upright[:, 2] > upright[:, 2].max() - 0.001]
        lip = rim[np.argmin(rim[:, 2])]
        box = scene.box_m(task.roles["target"])
        assert lip[2] > box[1, 2]
        assert (lip[:2] >= box[0, :2]).all()
        assert (lip[:2] <= box[1, :2]).all()
        assert upright[:, 2].min() > TOP_M


def test_a_closing_task_starts_open_and_ends_closed() -> None:
    tasks, scene = first_tasks("close_door")
    task = tasks[0]
    start = task.start_joints["cabinet/door_1_joint"]
    goal = next(goal for goal in task.goals if isinstance(goal, JointWithin))
    assert -0.55 * 1.5 - 1e-9 <= start <= -0.35 * 1.5 + 1e-9
    assert goal.lower <= 0.0 <= goal.upper
    assert not goal.lower <= start <= goal.upper
    assert scene.joint_position["cabinet/door_1_joint"] == start
    assert next(step.values["target"] for step in task.steps if step.skill == "shove") == 0.0


def test_unstacking_starts_stacked() -> None:
    tasks, scene = first_tasks("unstack")
    assert scene.box_m("box")[0, 2] == pytest.approx(scene.box_m("brick")[1, 2])
    assert tasks[0].start_poses == {"box": scene.pose("box")}


def test_a_button_is_pressed_along_its_travel() -> None:
    task = first_tasks("press")[0][0]
    press = next(step for step in task.steps if step.skill == "press")
    assert press.roles == {"prop": "panel", "joint": "panel/button_1_joint"}
    assert press.values["depth"] == pytest.approx(0.9 * 0.006)


def test_several_props_are_handled_one_after_the_other() -> None:
    task = first_tasks("clear_table")[0][0]
    grasped = [step.roles["object"] for step in task.steps if step.skill == "grasp"]
    assert grasped == [task.roles["things_1"], task.roles["things_2"]]
    regions = {goal.region for goal in task.goals if isinstance(goal, InRegion)}
    assert len(regions) == 1
    reach = [reward for reward in task.rewards if reward.term == "reach"]
    assert sum(reward.weight for reward in reach) == pytest.approx(0.3)


def test_what_is_done_already_is_no_task() -> None:
    """A button that is down at the start cannot be pressed: its goal would hold without anybody."""
    template = load_template(find_tasks()["press"])
    scene = situation().moved(joints={"panel/button_1_joint": 0.005})
    roles = list_candidates(template, scene.manifest)[0].roles
    assert list(instantiate(template, roles, scene, stream(0, 0, "test"), id="episode")) == []
    reason = why_no_place(template, roles, scene, stream(0, 0, "test"))
    assert reason == "panel/button_1_joint stands already where it is to be moved"


def test_a_start_changes_nothing_by_itself() -> None:
    assert Start() == Start({}, {})
    for name in ("pick_place", "stack", "press"):
        assert first_tasks(name)[0][0].start_joints == {}


def test_each_way_to_do_it_is_a_task_of_its_own_in_order() -> None:
    """Goals, sentences and start are the same; only the steps differ."""
    template = load_template(find_tasks()["close_door"])
    tasks, _ = first_tasks("close_door")
    skills = [[step.skill for step in task.steps] for task in tasks]
    assert skills == [[entry.model_dump()["skill"] for entry in way] for way in template.ways]
    assert [way.count("shove") for way in skills] == [1, 2, 0]
    assert {to_plain(replace(task, steps=())) == to_plain(replace(tasks[0], steps=())) for task in tasks} == {True}


def test_joints_open_away_from_how_they_were_scanned() -> None:
    scene = situation()
    door, knob = scene.joint("cabinet/door_1_joint")[1], scene.joint("panel/knob_1_joint")[1]
    assert position_at(door, 0.0) == 0.0
    assert position_at(door, 1.0) == -1.5
    assert position_at(knob, 0.5) == pytest.approx(0.0)


@settings(deadline=None, max_examples=30)
@given(position=st.floats(-2.0, 2.0))
def test_a_turning_link_keeps_its_axis(position: float) -> None:
    door = situation().joint("cabinet/door_1_joint")[1]
    moved = joint_motion(door, position)
    origin = np.array(door.origin_m)
    assert moved.apply(origin) == pytest.approx(origin, abs=1e-12)
    assert moved.apply(origin + door.axis) == pytest.approx(origin + door.axis, abs=1e-12)
    handle = origin + np.array([0.1, 0.3, 0.0])
    assert np.linalg.norm(moved.apply(handle) - origin) == pytest.approx(np.linalg.norm(handle - origin))


def test_a_spare_that_no_variant_has_set_up_is_in_nobodys_way() -> None:
    template, scene = load_template(find_tasks()["pick_place"]), situation()
    candidate = list_candidates(template, scene.manifest)[0]
    spare = {"distractor_01": (np.full((8, 3), 0.5),), **scene.shapes.movable}
    stocked = replace(scene, shapes=replace(scene.shapes, movable=spare))
    here, there = (
        list(islice(instantiate(template, candidate.roles, each, stream(0, 0, "test"), id="episode"), 12))
        for each in (scene, stocked)
    )
    assert here
    assert there == here


def test_a_lift_knows_how_high_the_goal_wants_it() -> None:
    """Where a task has things raised, its lifts may not end below that, with room for sag; else nothing bounds them."""
    for name, least_m in (("pick_place", 0.055), ("clear_table", 0.055), ("stack", 0.015), ("pour", None)):
        for task in first_tasks(name)[0]:
            lifts = [step for step in task.steps if step.skill == "lift"]
            assert lifts
            assert [step.values.get("least_m") for step in lifts] == [
                pytest.approx(least_m) if least_m else None
            ] * len(lifts)
