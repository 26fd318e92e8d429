"""Whole tasks in physics, closed loop: a drawer is opened, a missed grasp is tried again, time runs out."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.chest_scene import SLIDE, make_chest_scene

from blueprint.pipeline.episode.grasps import GraspTable, TriedGrasp
from blueprint.pipeline.episode.outcomes import FailureCode, Verdict
from blueprint.pipeline.episode.tasks import Step, Task
from blueprint.pipeline.planning.grasps import cost, find_grasps
from blueprint.pipeline.planning.handles import propose_handles
from blueprint.pipeline.planning.planners import planner_named
from blueprint.pipeline.planning.timing import Pace
from blueprint.pipeline.planning.workspace import Workspace
from blueprint.pipeline.rollout import perform
from blueprint.pipeline.rollout.driver import Driver
from blueprint.pipeline.rollout.perform import Chosen, Paces, Performance
from blueprint.pipeline.rollout.progress import Progress, shortfall
from blueprint.pipeline.rollout.recording import Layout, Recording
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.sims.engines import open_sim
from blueprint.pipeline.sims.protocols import SceneFiles
from blueprint.pipeline.skills.means import Distances, Means
from blueprint.pipeline.skills.search import Bounds, Plan, Refusal, Search
from blueprint.pipeline.skills.situation import Situation

Made = tuple[Path, Path, SceneManifest]
FPS = 30


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The scene with the chest, compiled."""
    return make_chest_scene(tmp_path_factory.mktemp("chest"))


@pytest.fixture(scope="module")
def tables(made: Made, robot: Robot) -> dict[str, GraspTable]:
    """Grasps by geometry of the box and of the drawer's bar."""
    world, rng = Workspace.of_model(made[1], robot).world, np.random.default_rng(3)
    link, handles = propose_handles(world, SLIDE, robot, rng)
    bar = [(each.candidate, each.cost) for each in handles[:12]]
    box = [(each, cost(each)) for each in find_grasps(world, "box", world.prop_pose("box"), robot, rng)[:16]]
    bodies = {"chest": (link, bar), "box": (world.links_of("box")[0], box)}
    return {
        prop: GraspTable(
            prop,
            robot.name,
            "mujoco",
            len(found),
            tuple(
                TriedGrasp(body, each.T_prop_tcp, each.width_m, each.tilt_rad, price, 0, 0, 0.0, 0.0)
                for each, price in found
            ),
        )
        for prop, (body, found) in bodies.items()
    }


def open_stage(made: Made, robot: Robot, tables: dict[str, GraspTable]) -> Performance:
    """Return what acts in a freshly opened scene."""
    usd_path, model_folder, manifest = made
    sim = open_sim("mujoco", SceneFiles(usd_path, model_folder, manifest))
    home = np.array(robot.home_command)
    sim.set_command(home)
    sim.step(60)
    workspace = Workspace.of_model(model_folder, robot)
    layout = Layout.of_scene(sim, workspace.world.compiled, robot, ())
    driver = Driver(sim, Recording(layout, FPS, round(1 / sim.dt_s / FPS), sim.dt_s), home)
    means = Means(workspace, tables, Distances(0.08, 0.1, 0.08, 0.002, 0.005, 0.002))
    slow, fast = Pace(0.6, 0.4, 0.1, 0.2), Pace(0.8, 0.4, 0.1, 1.0)
    search = Search(means, planner_named("ompl", workspace), Bounds(), 1)
    return Performance(driver, search, Paces(fast, slow, slow, slow))


def asked(*steps: Step, time_limit_s: float = 60.0) -> Task:
    """A task of these steps, without goals."""
    return Task("test", "test", "test", "box", {}, steps, (), (), "do it", ("do it",), time_limit_s=time_limit_s)


PULL = (
    Step("reach"),
    Step("grasp", {"prop": "chest", "link": "drawer"}),
    Step("follow_joint", {"prop": "chest", "joint": SLIDE}, {"target": 0.18}),
    Step("release", {"prop": "chest"}),
    Step("retreat"),
)
PICK = (Step("reach"), Step("grasp", {"object": "box"}), Step("lift", {"object": "box"}, {"height_m": 0.1}))


def test_a_drawer_is_pulled_open_and_let_go(made: Made, robot: Robot, tables: dict[str, GraspTable]) -> None:
    """Friction between fingers and bar does it; the joint stands where it was asked to."""
    stage = open_stage(made, robot, tables)
    chosen = stage.choose([asked(*PULL)])
    assert isinstance(chosen, Chosen)
    assert stage.perform(chosen) is None
    after = stage.situation(None)
    assert after.joints[SLIDE] == pytest.approx(0.18, abs=0.015)
    assert after.width_m > 0.07
    tool = stage.driver.layout.tool_pose(stage.driver.observation)
    assert tool.position_m[1] < 0.495 - 0.18


def test_a_drawer_is_pushed_shut_by_its_front(made: Made, robot: Robot, tables: dict[str, GraspTable]) -> None:
    """It was pulled open before; nothing is held, and it may run on a little by itself."""
    stage = open_stage(made, robot, tables)
    shove = Step("shove", {"prop": "chest", "joint": SLIDE}, {"target": 0.02})
    pulled = stage.choose([asked(*PULL)])
    assert isinstance(pulled, Chosen)
    assert stage.perform(pulled) is None
    assert stage.situation(None).joints[SLIDE] > 0.15
    chosen = stage.choose([asked(Step("reach"), shove, Step("retreat"))])
    assert isinstance(chosen, Chosen)
    assert stage.perform(chosen) is None
    after = stage.situation(None)
    assert -0.005 < after.joints[SLIDE] < 0.032
    assert after.width_m < 0.01


def test_a_push_that_falls_short_is_done_again(made: Made, robot: Robot, tables: dict[str, GraspTable]) -> None:
    """Nothing is lost by it, so the part is pushed on from where it stands; within a twentieth it is there."""
    stage = open_stage(made, robot, tables)
    before, step = stage.situation(None), Step("shove", {"prop": "chest", "joint": SLIDE}, {"target": 0.0})
    opened, short, there, past = (replace(before, joints={SLIDE: at}) for at in (0.2, 0.05, 0.008, -0.02))
    lack = shortfall(Progress(step, opened, short, stage.driver))
    assert lack is not None
    assert (lack.failure, lack.repeat, lack.lost) == (FailureCode.STUCK_JOINT, True, False)
    assert lack.message == "chest/slide stands at 0.050, asked for 0.000"
    assert shortfall(Progress(step, opened, there, stage.driver)) is None
    assert shortfall(Progress(step, opened, past, stage.driver)) is None


def test_a_grasp_on_air_is_noticed_and_another_tried(made: Made, robot: Robot, tables: dict[str, GraspTable]) -> None:
    """The first of the table closes 9 cm above the box; the box is up all the same, after one more grasp."""
    best = min(tables["box"].grasps, key=lambda grasp: grasp.cost)
    wrong = replace(best, T_prop_tcp=Pose((0.0, 0.0, 0.17), best.T_prop_tcp.quat_wxyz), cost=-9.0)
    table = replace(tables["box"], grasps=(wrong, *tables["box"].grasps))
    stage = open_stage(made, robot, {**tables, "box": table})
    height_m = stage.situation(None).T_world_props["box"].position_m[2]
    chosen = stage.choose([asked(*PICK)])
    assert isinstance(chosen, Chosen)
    assert stage.perform(chosen) is None
    assert stage.search.means.notes.regrasps == 1
    assert stage.search.means.spoiled == {("box", 0)}
    assert stage.situation(None).T_world_props["box"].position_m[2] > height_m + 0.08


def test_time_runs_out(made: Made, robot: Robot, tables: dict[str, GraspTable]) -> None:
    """Simulated time, so that a slow machine fails no more than a fast one."""
    stage = open_stage(made, robot, tables)
    chosen = stage.choose([asked(*PICK, time_limit_s=0.5)])
    assert isinstance(chosen, Chosen)
    verdict = stage.perform(chosen)
    assert isinstance(verdict, Verdict)
    assert verdict.failure is FailureCode.TIMEOUT


def test_the_first_target_with_a_plan_is_chosen(made: Made, robot: Robot, tables: dict[str, GraspTable]) -> None:
    """One behind the horizon, then one on the table; with the first alone, the reason is its own."""
    stage = open_stage(made, robot, tables)
    here = stage.situation(None).T_world_props["box"]
    far, near = (Pose(tuple(np.add(here.position_m, by).tolist()), here.quat_wxyz) for by in ((3, 0, 0), (0.1, 0.1, 0)))
    tasks = [asked(*PICK, Step("carry"), Step("place", {"object": "box"}, {}, pose)) for pose in (far, near)]
    chosen = stage.choose(tasks)
    assert isinstance(chosen, Chosen)
    assert chosen.task is tasks[1]
    refused = stage.choose(tasks[:1])
    assert not isinstance(refused, Chosen)
    assert refused[0] is tasks[0]
    assert refused[1].failure is FailureCode.UNREACHABLE
    assert "targets" not in refused[1].message
    several = stage.choose([tasks[0]] * 3)
    assert not isinstance(several, Chosen)
    assert several[1].message.startswith("place of box cannot be done: all ")
    assert several[1].message.endswith(" mm); none of 3 targets has a plan, this is the first")
    assert stage.driver.recording.frame_count == 0


@pytest.mark.parametrize("refused_at", ["lift", "carry"])
def test_what_leads_nowhere_in_the_hand_is_taken_otherwise(
    made: Made, robot: Robot, tables: dict[str, GraspTable], monkeypatch: pytest.MonkeyPatch, refused_at: str
) -> None:
    """Once held it finds no way on: the box is let go where it stands, or set down there first, and taken anew."""
    stage = open_stage(made, robot, tables)
    stood = stage.situation(None).T_world_props["box"].position_m
    goal = Pose(tuple(np.add(stood, (0.1, 0.1, 0)).tolist()), stage.situation(None).T_world_props["box"].quat_wxyz)
    put = (Step("carry", {"object": "box"}), Step("place", {"object": "box"}, {}, goal), Step("release"))
    chosen = stage.choose([asked(*PICK, *put)])
    assert isinstance(chosen, Chosen)
    plan, planned, refusals = stage.search.plan, list[list[str]](), [refused_at]

    def refusing(situation: Situation, steps: Sequence[Step], *, nodes: int | None = None) -> Plan | Refusal:
        planned.append([step.skill for step in steps])
        if refusals and steps[0].skill == refusals[0]:
            refusals.clear()
            return Refusal(steps[0], FailureCode.UNREACHABLE, "it sits askew in the hand")
        return plan(situation, steps, nodes=nodes)

    monkeypatch.setattr(stage.search, "plan", refusing)
    monkeypatch.setattr(perform, "has_shifted", lambda before, after: before.held is not None)
    assert stage.perform(chosen) is None
    first = {"lift": ["release", "retreat", "reach", "grasp"], "carry": ["place", "release", "retreat", "reach"]}
    assert first[refused_at] in [steps[:4] for steps in planned]
    assert stage.search.means.notes.regrasps == 1
    assert len(stage.search.means.spoiled) == 1
    reached = stage.situation(None).T_world_props["box"].position_m
    assert np.linalg.norm(np.subtract(reached, goal.position_m)) < 0.02


def test_what_leads_nowhere_at_last_is_a_refusal(
    made: Made, robot: Robot, tables: dict[str, GraspTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no other grasp leads on either, the verdict is that of the search, in bounded time."""
    stage = open_stage(made, robot, tables)
    chosen = stage.choose([asked(*PICK)])
    assert isinstance(chosen, Chosen)
    refusal = Refusal(PICK[2], FailureCode.UNREACHABLE, "nowhere to go")
    monkeypatch.setattr(stage.search, "plan", lambda situation, steps, nodes=None: refusal)
    verdict = stage.perform(chosen)
    assert isinstance(verdict, Verdict)
    assert (verdict.failure, verdict.message) == (FailureCode.UNREACHABLE, "nowhere to go")
    assert stage.search.means.notes.regrasps == 1
