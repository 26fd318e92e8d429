"""Tasks: what a robot is asked to do in one episode, as data, with every place and bound in numbers."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from blueprint.pipeline.scene.poses import Pose

from .goals import Goal, InRegion, Region

__all__ = ["Done", "Region", "Reward", "Step", "Task"]


@dataclass(frozen=True, slots=True)
class Step:
    """One skill with what it is applied to.

    `roles` maps the skill's arguments to prop ids, joint names or region names; `values` are numbers with their unit in
    the name; `pose` is where the skill brings the object (T_world_object), where it brings it anywhere.
    """

    skill: str
    roles: dict[str, str] = field(default_factory=dict[str, str])
    values: dict[str, float] = field(default_factory=dict[str, float])
    pose: Pose | None = None


@dataclass(frozen=True, slots=True)
class Reward:
    """One term of the reward per frame: `term` names the measure, `weight` its share, `values` its numbers.

    `goal` is the position of the goal in `Task.goals` that the term is about, or None. `roles` says what else it is
    about, named as in `Step.roles`: a reward for reaching names the `object`, or the `prop` and `link`, to be reached.
    """

    term: str
    weight: float
    goal: int | None = None
    values: dict[str, float] = field(default_factory=dict[str, float])
    roles: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Done:
    """One condition that ends an episode of learning; `values` are its numbers, `roles` what it is about."""

    term: str
    values: dict[str, float] = field(default_factory=dict[str, float])
    roles: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked in one episode, ready to be carried out and judged.

    `template` is the name in config/tasks, `family` groups templates that are scored alike, `roles` says which prop or
    joint stands for what, `object` is the prop that is handled first. `safety` are goals that must hold besides.
    `phrasings` are all sentences that say the same; `instruction` is the one that this episode uses. `start_joints`
    (by their names in `Sim.joint_names`, rad or m) and `start_poses` (T_world_prop) are brought about before the scene
    settles; `difficulty` is 0 to 1.
    """

    id: str
    template: str
    family: str
    object: str
    roles: dict[str, str]
    steps: tuple[Step, ...]
    goals: tuple[Goal, ...]
    safety: tuple[Goal, ...]
    instruction: str
    phrasings: tuple[str, ...]
    rewards: tuple[Reward, ...] = ()
    dones: tuple[Done, ...] = ()
    time_limit_s: float = 60.0
    hold_s: float = 0.5
    start_joints: dict[str, float] = field(default_factory=dict[str, float])
    start_poses: dict[str, Pose] = field(default_factory=dict[str, Pose])
    difficulty: float = 0.0
    format: str = "blueprint.task_instance"
    version: int = 1

    def regions(self) -> Iterator[Region]:
        """Yield the regions that its goals name."""
        yield from (goal.region for goal in self.goals if isinstance(goal, InRegion))

    @property
    def handled(self) -> tuple[str, ...]:
        """Return the props that the robot is meant to touch, in the order of its steps."""
        named = [prop for step in self.steps for role, prop in step.roles.items() if role in ("object", "prop")]
        return tuple(dict.fromkeys([self.object, *named]))
