"""A template's roles with what fills them, and how steps and goals name it."""

from collections.abc import Mapping
from dataclasses import dataclass

from .candidates import handled_first
from .role_entries import PropsRole
from .situation import Situation
from .templates import Template


@dataclass(frozen=True, slots=True)
class Roles:
    """A filled template; `one` says which single prop the name of a role of several stands for at present."""

    template: Template
    filled: Mapping[str, str]
    one: tuple[str, str] = ("", "")

    def of(self, role: str) -> str:
        """Return what fills a role; within steps for each of several, the one that it is about."""
        if role == self.one[0]:
            return self.filled[self.one[1]]
        return self.filled[role]

    def about(self, role: str, member: str) -> "Roles":
        """Return the same roles while a role of several stands for one of them."""
        return Roles(self.template, self.filled, (role, member))

    def each(self, role: str | None) -> list["Roles"]:
        """Return the roles once for each prop of a role: once for most, once per member for one of several."""
        if role is None or role == self.one[0] or not isinstance(self.template.roles[role], PropsRole):
            return [self]
        return [self.about(role, member) for member in members(self.template, role)]

    @property
    def first(self) -> str:
        """The prop that is handled first."""
        return handled_first(self.template, dict(self.filled))

    def props(self) -> tuple[str, ...]:
        """Return every prop that takes part, in order, each once."""
        return tuple(dict.fromkeys(value.split("/", 1)[0] for value in self.filled.values()))

    def part(self, situation: Situation, joint: str) -> tuple[str, str, str]:
        """Return prop, link (its own name) and joint (`<prop>/<joint>`) of a joint's role."""
        name = self.of(joint)
        owner, found = situation.joint(name)
        return owner.prop.id, found.child, name


def members(template: Template, role: str) -> list[str]:
    """Return the names under which the props of a role of several are filled in."""
    entry = template.roles[role]
    return [f"{role}_{k}" for k in range(1, entry.count + 1)] if isinstance(entry, PropsRole) else [role]
