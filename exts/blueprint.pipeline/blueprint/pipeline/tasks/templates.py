"""Task templates: the YAML files of config/tasks and of people's own, as data that is checked as a whole.

A template names roles that things of a scene fill, places that are drawn, steps in the vocabulary of skills, goals and
safety conditions with their bounds, terms of reward and end, and sentences. It carries no code.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Discriminator, Field, model_validator

from .grammar import faults_of

FORMAT = "blueprint.task"
FORMAT_VERSION = 1

Way = Literal["openable", "slidable", "turnable", "pressable"]
RoomKind = Literal["vessel", "drawer", "cupboard"]
When = Literal["end", "ever", "always"]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(description="Factor of the term in the sum of rewards.")]


class _Entry(BaseModel, frozen=True, extra="forbid", allow_inf_nan=False):
    """A block of a template."""


# --- roles


class PropRole(_Entry, frozen=True):
    """One prop."""

    kind: Literal["prop"] = Field(description="A prop of the scene.")
    movable: bool = Field(default=True, description="Whether physics moves it; furniture does not move.")
    affordances: tuple[str, ...] = Field(default=(), description="Affordances that it has, all of them.")
    any_affordance: tuple[str, ...] = Field(default=(), description="Affordances of which it has at least one.")
    categories: tuple[str, ...] = Field(default=(), description="Entries of config/categories.yaml; any if left out.")
    hollow: bool | None = Field(default=None, description="Whether it has room inside; either if left out.")
    on: str | None = Field(default=None, description="Role of the prop on which it stands already.")


class PropsRole(PropRole, frozen=True):
    """Several props."""

    kind: Literal["props"] = Field(description="Several props of the scene.")  # pyright: ignore[reportIncompatibleVariableOverride]
    count: int = Field(ge=2, le=8, description="How many.")


class SurfaceRole(_Entry, frozen=True):
    """A level surface on which props stand."""

    kind: Literal["surface"] = Field(description="A support surface.")
    under: str = Field(description="Role of a prop that stands on it.")


class RoomRole(_Entry, frozen=True):
    """A hollow in which things can be put."""

    kind: Literal["room"] = Field(description="Room inside a prop.")
    of: tuple[RoomKind, ...] = Field(
        min_length=1,
        description="`vessel` is open above, `drawer` moves with a sliding part, `cupboard` is open at its front.",
    )
    moved_by: str | None = Field(default=None, description="Role of the joint that moves it.")
    fits: str | None = Field(
        default=None, description="Role of a prop that it is hardly wider than, as a hole is for a peg."
    )


class JointRole(_Entry, frozen=True):
    """A moving part of a prop."""

    kind: Literal["joint"] = Field(description="A joint of a prop.")
    can: Way = Field(description="What is done with it.")
    motion: Literal["revolute", "prismatic"] | None = Field(default=None, description="How it moves; either way else.")
    holds: bool | None = Field(default=None, description="Whether its part has room inside, as a drawer has.")


Role = Annotated[PropRole | PropsRole | SurfaceRole | RoomRole | JointRole, Discriminator("kind")]

# --- places


class FreeRegion(_Entry, frozen=True):
    """A free rectangle on a surface, as large as the object's shadow and a margin."""

    draw: Literal["free_region"] = Field(description="A free rectangle on a surface.")
    object: str = Field(description="Role of the prop that is to lie in it.")
    surface: str = Field(description="Role of the surface.")
    margin_m: float = Field(default=0.03, ge=0, description="Room on each side of the object in metres.")
    gap_m: float = Field(default=0.04, ge=0, description="Distance to other things in metres.")
    least_move_m: float = Field(default=0.12, ge=0, description="Smallest distance from the start in metres.")


class Zone(_Entry, frozen=True):
    """A free rectangle on a surface that takes several props beside each other."""

    draw: Literal["zone"] = Field(description="A free rectangle for several props.")
    objects: str = Field(description="Role of the props.")
    surface: str = Field(description="Role of the surface.")
    margin_m: float = Field(default=0.03, ge=0, description="Room around each prop in metres.")
    gap_m: float = Field(default=0.03, ge=0, description="Distance to other things in metres.")
    least_move_m: float = Field(default=0.10, ge=0, description="Smallest distance of each from its start in metres.")


class Stacked(_Entry, frozen=True):
    """On top of another prop, middle over middle."""

    draw: Literal["stacked"] = Field(description="On top of another prop.")
    object: str = Field(description="Role of the prop that is put on top.")
    base: str = Field(description="Role of the prop below.")


class InRoom(_Entry, frozen=True):
    """Inside a hollow, reached through its opening."""

    draw: Literal["in_room"] = Field(description="Inside a hollow.")
    object: str = Field(description="Role of the prop.")
    room: str = Field(description="Role of the room.")
    joint: str | None = Field(default=None, description="Role of the joint that has opened it by then.")
    share: Share = Field(default=0.75, description="How far that joint stands open by then, 0 closed, 1 open.")
    margin_m: float = Field(default=0.005, ge=0, description="Distance to the walls in metres.")


class Pushed(_Entry, frozen=True):
    """Further along its surface, at the end of a straight free corridor."""

    draw: Literal["pushed"] = Field(description="Straight along the surface.")
    object: str = Field(description="Role of the prop that is pushed.")
    surface: str = Field(description="Role of the surface.")
    distance_m: tuple[float, float] = Field(default=(0.10, 0.20), description="Shortest and longest way in metres.")
    margin_m: float = Field(default=0.03, ge=0, description="Room in the target on each side of the object in metres.")
    gap_m: float = Field(default=0.02, ge=0, description="Distance of the corridor to other things in metres.")


class Tilted(_Entry, frozen=True):
    """Leaning above a target, its lower rim over the target's middle."""

    draw: Literal["tilted"] = Field(description="Leaning above a target.")
    object: str = Field(description="Role of the prop that is tilted.")
    target: str = Field(description="Role of the prop below.")
    tilt_rad: float = Field(gt=0, le=2.6, description="Angle from upright in radians.")
    gap_m: float = Field(default=0.04, ge=0, description="Height of the rim above the target's top in metres.")


class InHole(_Entry, frozen=True):
    """Standing in a hole that fits."""

    draw: Literal["in_hole"] = Field(description="In a hole that fits.")
    object: str = Field(description="Role of the prop that is inserted.")
    room: str = Field(description="Role of the hole.")
    tolerance_m: float = Field(default=0.004, gt=0, description="How far off its seat it still counts, in metres.")


class Back(_Entry, frozen=True):
    """Where the prop stood at the start."""

    draw: Literal["back"] = Field(description="Where it stood at the start.")
    object: str = Field(description="Role of the prop.")


Place = Annotated[
    FreeRegion | Zone | Stacked | InRoom | Pushed | Tilted | InHole | Back,
    Discriminator("draw"),
]

# --- start


class JointStart(_Entry, frozen=True):
    """A joint that stands open at the start."""

    joint: str = Field(description="Role of the joint.")
    share: tuple[Share, Share] = Field(description="From which to which share of its range it is opened, drawn.")


class PropStart(_Entry, frozen=True):
    """A prop that stands elsewhere at the start."""

    object: str = Field(description="Role of the prop.")
    at: str = Field(description="Name of the place.")


# --- steps


class Plain(_Entry, frozen=True):
    """A motion of the arm alone."""

    skill: Literal["reach", "home"] = Field(description="Go to what comes next; or to where the robot starts.")


class Grasp(_Entry, frozen=True):
    """Take hold of an object, or of a part that a joint moves."""

    skill: Literal["grasp"] = Field(description="Take hold.")
    object: str | None = Field(default=None, description="Role of the prop.")
    joint: str | None = Field(default=None, description="Role of the joint whose part is held.")


class Lift(_Entry, frozen=True):
    """Raise what is held."""

    skill: Literal["lift"] = Field(description="Raise what is held.")
    object: str = Field(description="Role of the prop.")
    height_m: float = Field(default=0.10, gt=0, le=0.5, description="Height in metres.")


class Carry(_Entry, frozen=True):
    """Bring what is held near to where it is set down."""

    skill: Literal["carry"] = Field(description="Bring what is held to the next place.")
    object: str = Field(description="Role of the prop.")


class PutDown(_Entry, frozen=True):
    """Set down what is held."""

    skill: Literal["place"] = Field(description="Set down what is held.")
    object: str = Field(description="Role of the prop.")
    at: str = Field(description="Name of the place.")


class Insert(_Entry, frozen=True):
    """Push what is held into a hole."""

    skill: Literal["insert"] = Field(description="Push what is held into a hole.")
    object: str = Field(description="Role of the prop.")
    at: str = Field(description="Name of the place.")


class Release(_Entry, frozen=True):
    """Let go."""

    skill: Literal["release"] = Field(description="Let go.")
    object: str | None = Field(default=None, description="Role of the prop.")
    joint: str | None = Field(default=None, description="Role of the joint whose part is held.")


class Retreat(_Entry, frozen=True):
    """Draw the hand back."""

    skill: Literal["retreat"] = Field(description="Draw the hand back.")
    distance_m: float = Field(default=0.08, gt=0, le=0.3, description="Distance in metres.")


class FollowJoint(_Entry, frozen=True):
    """Move a part along its joint."""

    skill: Literal["follow_joint"] = Field(description="Move a part along its joint.")
    joint: str = Field(description="Role of the joint.")
    share: Share = Field(description="Where it ends, 0 closed, 1 open.")


class Push(_Entry, frozen=True):
    """Push a prop along its surface."""

    skill: Literal["push"] = Field(description="Push a prop along its surface.")
    object: str = Field(description="Role of the prop.")
    at: str = Field(description="Name of the place.")


class Tilt(_Entry, frozen=True):
    """Lean what is held over a target, and bring it upright again."""

    skill: Literal["tilt"] = Field(description="Lean what is held over a target.")
    object: str = Field(description="Role of the prop.")
    target: str = Field(description="Role of the prop below.")
    at: str = Field(description="Name of the place.")
    duration_s: float = Field(default=1.0, gt=0, le=20, description="Time for which it leans in seconds.")


class Press(_Entry, frozen=True):
    """Press a part down along its joint."""

    skill: Literal["press"] = Field(description="Press a part down.")
    joint: str = Field(description="Role of the joint.")
    share: Share = Field(default=0.9, description="How far, as a share of its travel.")


Skill = Annotated[
    Plain | Grasp | Lift | Carry | PutDown | Insert | Release | Retreat | FollowJoint | Push | Tilt | Press,
    Discriminator("skill"),
]


class ForEach(_Entry, frozen=True):
    """Steps that are done with each prop of a role in turn."""

    each: str = Field(description="Role of the props; its name stands for one of them in the steps below.")
    steps: tuple[Skill, ...] = Field(min_length=1, description="What is done with each.")


# --- goals


class _Goal(_Entry, frozen=True):
    name: str = Field(default="", description="By which rewards name it; its kind if left out.")
    when: When | None = Field(default=None, description="At the end, ever, or always; what its kind does if left out.")


class InRegionGoal(_Goal, frozen=True):
    """Its shadow lies in a region."""

    goal: Literal["in_region"]
    object: str = Field(description="Role of the prop.")
    at: str = Field(description="Name of the place.")


class OnTopGoal(_Goal, frozen=True):
    """It rests on another prop."""

    goal: Literal["on_top"]
    object: str = Field(description="Role of the prop.")
    base: str = Field(description="Role of the prop below.")


class InsideGoal(_Goal, frozen=True):
    """Its middle lies in a room."""

    goal: Literal["inside"]
    object: str = Field(description="Role of the prop.")
    room: str | None = Field(default=None, description="Role of the room.")
    at: str | None = Field(default=None, description="Name of the place, for a hole.")


class JointGoal(_Goal, frozen=True):
    """A joint stands between two shares of its range."""

    goal: Literal["joint_within"]
    joint: str = Field(description="Role of the joint.")
    share: tuple[Share, Share] = Field(description="From which to which share of its range, 0 closed, 1 open.")


class HeightGoal(_Goal, frozen=True):
    """It rises by a height, or never does."""

    goal: Literal["raised", "not_raised"]
    object: str = Field(description="Role of the prop.")
    height_m: float = Field(gt=0, description="Height above the start in metres.")


class TiltGoal(_Goal, frozen=True):
    """It leans over a target for a while."""

    goal: Literal["tilted_over"]
    object: str = Field(description="Role of the prop.")
    target: str = Field(description="Role of the prop below.")
    tilt_rad: float = Field(gt=0, description="Least angle in radians.")
    duration_s: float = Field(gt=0, description="Time in seconds.")


class UprightGoal(_Goal, frozen=True):
    """It stands as at the start."""

    goal: Literal["upright"]
    object: str = Field(description="Role of the prop.")
    tilt_rad: float = Field(default=0.2, gt=0, description="Largest angle in radians.")


class ApartGoal(_Goal, frozen=True):
    """Two props are apart."""

    goal: Literal["apart"]
    object: str = Field(description="Role of the prop.")
    other: str = Field(description="Role of the other prop.")
    gap_m: float = Field(default=0.01, ge=0, description="Level distance of their outlines in metres.")


class ReleasedGoal(_Goal, frozen=True):
    """The robot does not touch it any more."""

    goal: Literal["released"]
    object: str | None = Field(default=None, description="Role of the prop.")
    joint: str | None = Field(default=None, description="Role of the joint whose prop is meant.")


class AtRestGoal(_Goal, frozen=True):
    """It does not move."""

    goal: Literal["at_rest"]
    object: str = Field(description="Role of the prop.")


class UndisturbedGoal(_Goal, frozen=True):
    """Everything that fills no role is where it was."""

    goal: Literal["undisturbed"]
    limit_m: float = Field(default=0.03, gt=0, description="Largest distance in metres.")


class ForceGoal(_Goal, frozen=True):
    """Nothing is pressed hard."""

    goal: Literal["force_below"]
    limit_n: float = Field(default=150.0, gt=0, description="Largest force in newtons.")


class CollisionGoal(_Goal, frozen=True):
    """The robot presses on nothing that fills no role."""

    goal: Literal["no_collision"]
    limit_n: float = Field(default=5.0, gt=0, description="Largest force in newtons.")


Goal = Annotated[
    InRegionGoal
    | OnTopGoal
    | InsideGoal
    | JointGoal
    | HeightGoal
    | TiltGoal
    | UprightGoal
    | ApartGoal
    | ReleasedGoal
    | AtRestGoal
    | UndisturbedGoal
    | ForceGoal
    | CollisionGoal,
    Discriminator("goal"),
]

# --- rewards and ends


class ReachReward(_Entry, frozen=True):
    """1 at the thing, less with the tool's distance from it: 1 - tanh(distance / scale)."""

    term: Literal["reach"]
    object: str | None = Field(default=None, description="Role of the prop.")
    joint: str | None = Field(default=None, description="Role of the joint whose part is reached for.")
    weight: Weight = 0.5
    scale_m: float = Field(default=0.1, gt=0, description="Distance in metres at which it has dropped to a quarter.")


class GoalReward(_Entry, frozen=True):
    """How far a goal has come since the start, 0 to 1; or 1 where it holds."""

    term: Literal["progress", "satisfied"]
    goal: str = Field(description="Name of the goal.")
    weight: Weight = 1.0


class EffortReward(_Entry, frozen=True):
    """The square of the change of the commands from frame to frame."""

    term: Literal["action_rate"]
    weight: Weight = -0.01


Reward = Annotated[ReachReward | GoalReward | EffortReward, Discriminator("term")]


class PlainDone(_Entry, frozen=True):
    """All goals hold; or a safety condition does not; or the time is over."""

    term: Literal["success", "unsafe", "time_limit"]


class FallenDone(_Entry, frozen=True):
    """A prop has fallen off."""

    term: Literal["fallen"]
    object: str = Field(description="Role of the prop.")
    drop_m: float = Field(default=0.15, gt=0, description="Depth below its start in metres.")


Done = Annotated[PlainDone | FallenDone, Discriminator("term")]


class Template(_Entry, frozen=True):
    """A task that any scene with the right things can be asked for."""

    format: Literal["blueprint.task"] = Field(description="Name of the file format.")
    version: Literal[1] = Field(description="Version of the file format.")
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Name of the task; the file is called alike.")
    family: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Name shared by tasks that are scored alike.")
    summary: str = Field(min_length=3, description="What is done, in one sentence.")
    difficulty: Share = Field(description="How hard it is, 0 to 1.")
    time_limit_s: float = Field(default=60.0, gt=0, le=600, description="Longest duration in seconds.")
    hold_s: float = Field(default=0.5, gt=0, le=10, description="Time in seconds for which the goals hold at the end.")
    roles: dict[str, Role] = Field(min_length=1, description="What of a scene takes part.")
    places: dict[str, Place] = Field(default_factory=dict, description="Where things go; drawn in each episode.")
    start: tuple[JointStart | PropStart, ...] = Field(default=(), description="What is different at the start.")
    steps: tuple[Skill | ForEach, ...] = Field(min_length=1, description="Skills in the order in which they are used.")
    goals: tuple[Goal, ...] = Field(min_length=1, description="What must be true for the task to count as done.")
    safety: tuple[Goal, ...] = Field(default=(), description="What must be true besides.")
    rewards: tuple[Reward, ...] = Field(default=(), description="Terms of the reward per frame.")
    dones: tuple[Done, ...] = Field(default=(), description="What ends an episode of learning.")
    phrasings: tuple[str, ...] = Field(
        min_length=1,
        description="Sentences that ask for it; {role} stands for what fills a role, {side} for a direction.",
    )

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        faults = faults_of(self)
        if faults:
            raise ValueError("\n".join(faults))
        return self

    def schema_dict(self) -> dict[str, Any]:
        """Return the template as plain data, from which `Template.model_validate` makes it again."""
        return self.model_dump(mode="json", exclude_none=True)


def task_schema() -> dict[str, Any]:
    """Return the JSON schema of a task file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Template.model_json_schema(by_alias=True)}
