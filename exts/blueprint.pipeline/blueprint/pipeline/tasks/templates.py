"""Task templates: the YAML files of config/tasks and of people's own, as data that is checked as a whole.

A template names roles that things of a scene fill, places that are drawn, steps in the vocabulary of skills, goals and
safety conditions with their bounds, terms of reward and end, and sentences. It carries no code.
"""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from .entries import Entry, Share
from .goal_entries import Goal
from .grammar import faults_of
from .place_entries import JointStart, Place, PropStart
from .reward_entries import Done, Reward
from .role_entries import Role
from .step_entries import ForEach, Skill

FORMAT_VERSION = 1


class Template(Entry, frozen=True):
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
    otherwise: tuple[tuple[Skill | ForEach, ...], ...] = Field(
        default=(), description="Other steps that lead to the same goals, tried in turn where those before find no way."
    )
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

    @property
    def ways(self) -> tuple[tuple[Skill | ForEach, ...], ...]:
        """Every list of steps that leads to the goals, in the order in which they are tried."""
        return self.steps, *self.otherwise

    def schema_dict(self) -> dict[str, Any]:
        """Return the template as plain data, from which `Template.model_validate` makes it again."""
        return self.model_dump(mode="json", exclude_none=True)


def task_schema() -> dict[str, Any]:
    """Return the JSON schema of a task file."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Template.model_json_schema(by_alias=True)}
