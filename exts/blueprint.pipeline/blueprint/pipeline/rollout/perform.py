"""Carry out a task closed loop: plan to the next change of contact, do it, measure what came of it, plan on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.episode.outcomes import FailureCode, Verdict
from blueprint.pipeline.episode.phases import Phase
from blueprint.pipeline.episode.tasks import Step, Task
from blueprint.pipeline.planning.timing import NoTiming, Pace, timed
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.sims.model import ROBOT
from blueprint.pipeline.sims.newton_mujoco.sim import SimulationDiverged
from blueprint.pipeline.sims.protocols import Observation
from blueprint.pipeline.skills.legs import Close, Follow, Leg, Manner, Spread, Wait
from blueprint.pipeline.skills.search import Plan, Refusal, Search
from blueprint.pipeline.skills.situation import Held, Situation

from .driver import Driver
from .grazing import Graze, grazed
from .progress import Progress, Shortfall, has_shifted, shortfall

Array = NDArray[np.float64]


_STROKES = ("push", "shove")
"""Skills whose next stroke begins with the hand drawn back from the last one."""
_JOINT_RAD = 1e-6
"""Legs begin where the last one ended; the arm is never told to jump."""


@dataclass(frozen=True, slots=True)
class Paces:
    """How fast each manner of motion is."""

    free: Pace
    carrying: Pace
    straight: Pace
    contact: Pace

    def of(self, manner: Manner) -> Pace:
        """Return the pace of a manner."""
        return getattr(self, manner.value)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often one attempt may start over: another grasp, stroke or way; and how much is tried at first sight."""

    candidates: int = 12
    first_look: int = 30
    regrasps: int = 3
    strokes: int = 5
    grazes: int = 3


@dataclass(frozen=True, eq=False, slots=True)
class Chosen:
    """The task of those offered that has a plan, and the plan of its first steps."""

    task: Task
    situation: Situation
    plan: Plan


class Performance:
    """One episode's acting side."""

    def __init__(self, driver: Driver, search: Search, paces: Paces, patience: Patience | None = None) -> None:
        self.driver, self.search, self.paces = driver, search, paces
        self.patience = patience or Patience()
        self._regrasps, self._strokes, self._grazes = 0, 0, 0
        self._graze: Graze | None = None
        self._grasp: tuple[str, int] | None = None
        self._stood: dict[str, Pose] = {}

    def choose(self, tasks: Iterable[Task]) -> Chosen | tuple[Task | None, Verdict]:
        """Return the first task that can be planned to its end, or why the first of them cannot."""
        situation, first = self.situation(None), None
        looked_at = [task for task, _ in zip(tasks, range(self.patience.candidates), strict=False)]
        # A target that no grasp serves would use up all bounds before the next one is looked at.
        for nodes in (self.patience.first_look, None):
            for task in looked_at:
                found = self.search.plan(situation, task.steps, nodes=nodes)
                if isinstance(found, Plan):
                    return Chosen(task, situation, found)
                first = first or (task, Verdict(found.failure, None, found.message))
        if first is None:
            return None, Verdict(FailureCode.UNREACHABLE, None, "no target of the task was found")
        return first if len(looked_at) == 1 else (first[0], _of_first(first[1], len(looked_at)))

    def perform(self, chosen: Chosen) -> Verdict | None:
        """Act until the steps are done; a verdict is returned where they could not be."""
        try:
            return self._perform(chosen)
        except NoTiming as error:
            return Verdict(FailureCode.NO_PLAN, self._frame(), str(error))
        except SimulationDiverged as error:
            return Verdict(FailureCode.DIVERGED, self._frame(), str(error))

    # --- the loop

    def _perform(self, chosen: Chosen) -> Verdict | None:
        todo, situation, plan = list(chosen.task.steps), chosen.situation, chosen.plan
        done: list[Step] = []
        started_s = self.driver.observation.time_s
        while todo:
            for legs in plan.legs:
                step = todo[0]
                before = situation
                situation = self._do(legs, situation)
                if self._graze is not None:
                    break
                if self.driver.observation.time_s - started_s > chosen.task.time_limit_s:
                    return Verdict(FailureCode.TIMEOUT, self._frame(), f"longer than {chosen.task.time_limit_s:g} s")
                lack = shortfall(Progress(step, before, situation, self.driver))
                if lack is not None:
                    if lack.hung_back_rad:
                        lags = self.search.means.lag_rad
                        lags[step.roles["object"]] = lags.get(step.roles["object"], 0.0) + lack.hung_back_rad
                    again = self._again(lack, done, todo)
                    if isinstance(again, Verdict):
                        return again
                    done, todo = again
                    situation = replace(situation, held=None) if lack.lost else situation
                    break
                done.append(todo.pop(0))
                self._stood |= {prop: pose for prop, pose in before.T_world_props.items() if _takes(step, prop)}
                if has_shifted(before, situation):
                    self.search.means.notes.replans += 1
                    break
            if self._graze is not None:
                stopped = self._stopped(self._graze)
                if stopped is not None:
                    return stopped
                self._graze = None
            if not todo:
                return None
            found = self.search.plan(situation, todo)
            if isinstance(found, Refusal):
                # In the hand it sits otherwise than was planned, and from there no way leads on.
                anew = self._put_back(found, done, todo, situation)
                if anew is None:
                    return Verdict(found.failure, self._frame(), found.message)
                done, todo = anew
                found = self.search.plan(situation, todo)
            if isinstance(found, Refusal):
                return Verdict(found.failure, self._frame(), found.message)
            plan = found
        return None

    def _put_back(
        self, refusal: Refusal, done: list[Step], todo: list[Step], situation: Situation
    ) -> tuple[list[Step], list[Step]] | None:
        """Return the steps with which to set down what is held where it stood and take it otherwise, if there are."""
        held = situation.held
        if held is None or held.prop not in self._stood or not any(_takes(step, held.prop) for step in done):
            return None
        stands_still = _takes(done[-1], held.prop)
        again = self._again(Shortfall(refusal.failure, refusal.message, lost=False, repeat=False), done, todo)
        if isinstance(again, Verdict):
            return None
        back = [] if stands_still else [Step("place", {"object": held.prop}, {}, self._stood[held.prop])]
        return again[0], [*back, *again[1]]

    def _again(self, lack: Shortfall, done: list[Step], todo: list[Step]) -> tuple[list[Step], list[Step]] | Verdict:
        """Return the steps with which to go on after something did not come out, within what patience allows."""
        if lack.repeat:
            self._strokes += 1
            if self._strokes > self.patience.strokes:
                # Whether it is near enough is for the goals to say.
                return [*done, todo[0]], todo[1:]
            return done, [Step("retreat"), Step("reach"), *todo] if todo[0].skill in _STROKES else todo
        self._regrasps += 1
        self.search.means.notes.regrasps += 1
        if self._regrasps > self.patience.regrasps:
            return Verdict(lack.failure, self._frame(), lack.message, lack.bodies)
        if self._grasp is not None:
            self.search.means.spoiled.add(self._grasp)
        steps = [*done, *todo]
        grasp = max((at for at, step in enumerate(steps[: len(done) + 1]) if step.skill == "grasp"), default=len(done))
        return steps[:grasp], [Step("release"), Step("retreat"), Step("reach"), *steps[grasp:]]

    def _stopped(self, graze: Graze) -> Verdict | None:
        """Return the verdict on one graze too many, None where another plan may be made from here."""
        self._grazes += 1
        self.search.means.notes.replans += 1
        if self._grazes <= self.patience.grazes:
            return None
        words = f"{graze.bodies[0]} met {graze.bodies[1]} with {graze.force_n:.1f} N on a free way"
        return Verdict(FailureCode.COLLIDED, self._frame(), words, graze.bodies, graze.force_n)

    # --- doing and measuring

    def _do(self, legs: tuple[Leg, ...], situation: Situation) -> Situation:
        """Drive the legs of one step and measure where that led."""
        expected = situation
        for leg in legs:
            self._drive(leg)
            if self._graze is not None:
                # What is held is as it was; only the arm is not where it was to be.
                expected = replace(leg.after, held=expected.held)
                break
            expected = leg.after
        return self.situation(expected) if legs else situation

    def _drive(self, leg: Leg) -> None:
        driver = self.driver
        if isinstance(leg, Follow):
            workspace = self.search.means.workspace
            assert np.abs(leg.path_rad[0] - driver.command[: leg.path_rad.shape[1]]).max() < _JOINT_RAD
            self.search.means.notes.add_line(leg.line)
            tool_m = workspace.tool_points_m(leg.path_rad)
            pace = self.paces.of(leg.manner)
            frames = timed(leg.path_rad, tool_m, workspace.robot, pace, driver.recording.fps)
            driver.follow(frames, leg.phase, self._watch(leg))
        elif isinstance(leg, Close):
            self._grasp = leg.grasp
            self._note_grasp(leg.grasp)
            driver.close_gripper()
        elif isinstance(leg, Spread):
            driver.spread_gripper(leg.after.width_m)
        elif isinstance(leg, Wait):
            driver.hold(max(1, round(leg.seconds * driver.recording.fps)), leg.phase)

    def _watch(self, leg: Follow) -> Callable[[Observation], bool] | None:
        """Return what stops a free motion of the whole arm when it touches something; None for all others."""
        if leg.manner not in (Manner.FREE, Manner.CARRYING) or leg.phase is Phase.LIFT:
            return None
        load = leg.after.held.prop if leg.after.held is not None else None
        base_link = self.driver.layout.robot.base_link

        def stop(seen: Observation) -> bool:
            self._graze = grazed(seen.contacts, load, base_link)
            return self._graze is not None

        return stop

    def _note_grasp(self, grasp: tuple[str, int]) -> None:
        prop, place = grasp
        tried = self.search.means.tables[prop].grasps[place]
        self.search.means.notes.grasp = {
            "grasp_width_m": tried.width_m,
            "grasp_tilt_rad": tried.tilt_rad,
            "grasp_cost": tried.cost,
            "grasp_success_share": tried.success_share,
        }

    def situation(self, expected: Situation | None) -> Situation:
        """Measure the present situation; what is held and touched is taken from what was expected."""
        layout, seen = self.driver.layout, self.driver.observation
        poses = layout.prop_poses(seen)
        joints = dict(zip(layout.joint_names, seen.joint_position.tolist(), strict=True))
        furniture = {name: joints[name] for name in layout.joint_names if not name.startswith(f"{ROBOT}/")}
        arm_rad = self.driver.command[: len(layout.arm_rows)].copy()
        width_m = self.driver.width_m
        held = expected.held if expected is not None else None
        if held is not None:
            held = replace(held, T_tcp_body=self._T_tcp_body(held), width_m=width_m)
        touched = expected.touched if expected is not None else ()
        return Situation(arm_rad, width_m, poses, furniture, held, touched)

    def _T_tcp_body(self, held: Held) -> Pose:
        layout, seen = self.driver.layout, self.driver.observation
        body = (
            layout.pose(seen, layout.body_names.index(held.body)) if held.joint else layout.prop_poses(seen)[held.prop]
        )
        return layout.tool_pose(seen).inverse() @ body

    def _frame(self) -> int:
        return self.driver.recording.frame_count - 1


def _of_first(verdict: Verdict, targets: int) -> Verdict:
    """Return a verdict on the first of several targets, of which none has a plan."""
    return replace(verdict, message=f"{verdict.message}; none of {targets} targets has a plan, this is the first")


def _takes(step: Step, prop: str) -> bool:
    return step.skill == "grasp" and step.roles.get("object") == prop
