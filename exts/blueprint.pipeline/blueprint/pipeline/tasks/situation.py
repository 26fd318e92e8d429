"""Where everything stands at one moment, and the shapes that places are drawn among."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.scene.edits import PlacementRegion, SupportSurface
from blueprint.pipeline.scene.manifests import SceneManifest, SceneProp
from blueprint.pipeline.scene.poses import Pose, vec3
from blueprint.pipeline.scene.props import Joint
from blueprint.pipeline.sims.model import ROBOT
from blueprint.pipeline.sims.planning_world import MujocoPlanningWorld

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Solid:
    """One collider of a link that is no movable prop: its corners (K, 3) in the frame of its prop (or the world)."""

    prop: str
    link: str
    corners_m: Array


@dataclass(frozen=True, eq=False)
class Shapes:
    """What does not change from episode to episode: colliders of movable props and of everything else."""

    movable: Mapping[str, tuple[Array, ...]]
    fixed: tuple[Solid, ...]
    T_prop_bodies: Mapping[str, Pose]

    @classmethod
    def of_world(cls, world: MujocoPlanningWorld) -> "Shapes":
        """Read the colliders of a compiled scene."""
        compiled = world.compiled
        movable = {joint.prop for joint in compiled.free_joints}
        base = f"{ROBOT}/{world.robot.base_link}"
        fixed: list[Solid] = []
        for body in compiled.bodies:
            prop = body.name.split("/", 1)[0]
            if prop in movable or (prop == ROBOT and body.name != base):
                continue
            T = body.T_world_body if prop == ROBOT else body.T_prop_body
            fixed += [Solid(prop, body.name, T.apply(corners)) for corners in world.link_corners_m(body.name)]
        return cls(
            {prop: tuple(solid.corners_m for solid in world.solids(prop)) for prop in sorted(movable)},
            tuple(fixed),
            {body.name: body.T_prop_body for body in compiled.bodies},
        )


@dataclass(frozen=True, eq=False)
class Situation:
    """One moment of a scene.

    `T_world_props` is of the movable props, `joint_position` (rad or m) of furniture by its names in `Sim.joint_names`;
    what a mapping leaves out stands as in the manifest. `reach_m` is how far from its base the robot reaches.
    """

    manifest: SceneManifest
    shapes: Shapes
    reach_m: float
    T_world_props: Mapping[str, Pose] = field(default_factory=dict[str, Pose])
    joint_position: Mapping[str, float] = field(default_factory=dict[str, float])

    def moved(
        self, *, poses: Mapping[str, Pose] | None = None, joints: Mapping[str, float] | None = None
    ) -> "Situation":
        """Return the situation with some props and joints elsewhere."""
        return replace(
            self,
            T_world_props={**self.T_world_props, **(poses or {})},
            joint_position={**self.joint_position, **(joints or {})},
        )

    # --- lookups

    def prop(self, prop: str) -> SceneProp:
        """Return a prop of the scene."""
        return self.manifest.prop(prop)

    def pose(self, prop: str) -> Pose:
        """Return where a prop stands, T_world_prop."""
        return self.T_world_props.get(prop) or self.manifest.prop(prop).prop.T_world_prop

    @property
    def T_world_base(self) -> Pose:
        """Where the robot stands."""
        return self.manifest.robot.T_world_base

    def surface(self, name: str) -> tuple[SceneProp, SupportSurface]:
        """Return a support surface by `<prop>/<surface>`."""
        owner, entry = _owned(self.manifest, name)
        return owner, _named(entry, "surface", {surface.name: surface for surface in owner.supports})

    def room(self, name: str) -> tuple[SceneProp, PlacementRegion]:
        """Return a room by `<prop>/<region>`."""
        owner, entry = _owned(self.manifest, name)
        return owner, _named(entry, "room", {region.name: region for region in owner.regions})

    def joint(self, name: str) -> tuple[SceneProp, Joint]:
        """Return a joint by `<prop>/<joint>`."""
        return joint_of(self.manifest, name)

    # --- where links are

    def link_pose(self, prop: str, body: str) -> Pose:
        """Return how a link stands off where it was scanned, so that prop coordinates map to the world."""
        return self.pose(prop) @ self._moved_link(prop, body)

    def _moved_link(self, prop: str, body: str) -> Pose:
        if prop not in self._jointed:
            return Pose()
        T = Pose()
        joints = {joint.child: joint for joint in self._jointed[prop]}
        seen: set[str] = set()
        while body in joints and body not in seen:
            seen.add(body)
            joint = joints[body]
            T = joint_motion(joint, self.joint_position.get(f"{prop}/{joint.name}", 0.0)) @ T
            body = joint.parent
        return T

    @cached_property
    def _jointed(self) -> dict[str, tuple[Joint, ...]]:
        return {entry.prop.id: entry.prop.joints for entry in self.manifest.props if entry.prop.joints}

    # --- shapes in the world

    @cached_property
    def standing(self) -> tuple[str, ...]:
        """Movable props that the manifest knows; a spare that no variant has set up was compiled all the same."""
        known = {entry.prop.id for entry in self.manifest.props}
        return tuple(prop for prop in self.shapes.movable if prop in known)

    def corners_m(self, prop: str) -> Array:
        """Return the corners (K, 3) of a movable prop's colliders in its own frame."""
        return self._corners[prop]

    @cached_property
    def _corners(self) -> dict[str, Array]:
        return {prop: np.concatenate(pieces) for prop, pieces in self.shapes.movable.items()}

    @cached_property
    def obstacles_m(self) -> dict[str, Array]:
        """What stands fixed as boxes in the world: link to lower and upper corners (K, 2, 3) of its colliders."""
        boxes: dict[str, list[Array]] = {}
        known = {entry.prop.id for entry in self.manifest.props}
        for solid in self.shapes.fixed:
            body = solid.link.split("/", 1)[-1]
            T = self.link_pose(solid.prop, body) if solid.prop in known else Pose()
            points = T.apply(solid.corners_m)
            boxes.setdefault(solid.link, []).append(np.stack([points.min(axis=0), points.max(axis=0)]))
        return {link: np.stack(found) for link, found in boxes.items()}

    def box_m(self, prop: str, T_world_prop: Pose | None = None) -> Array:
        """Return the lower and upper corner (2, 3) of the upright box around a movable prop."""
        points = (T_world_prop or self.pose(prop)).apply(self._corners[prop])
        return np.stack([points.min(axis=0), points.max(axis=0)])

    def middle_m(self, prop: str) -> Array:
        """Return the middle of a movable prop's colliders in its own frame, as goals measure it."""
        corners = self._corners[prop]
        return (corners.min(axis=0) + corners.max(axis=0)) / 2


def joint_motion(joint: Joint, position: float) -> Pose:
    """Return how a joint has moved its child, in the prop's frame: coordinates at 0 to coordinates now."""
    axis = np.asarray(joint.axis)
    if joint.kind == "prismatic":
        return Pose(vec3(axis * position))
    half = position / 2
    x, y, z = (axis * np.sin(half)).tolist()
    turned = Pose((0.0, 0.0, 0.0), (float(np.cos(half)), x, y, z))
    origin = np.asarray(joint.origin_m)
    return Pose(vec3(origin - turned.apply(origin)), turned.quat_wxyz)


def joint_of(manifest: SceneManifest, name: str) -> tuple[SceneProp, Joint]:
    """Return a joint by `<prop>/<joint>`; raises UnknownName."""
    owner, entry = _owned(manifest, name)
    return owner, _named(entry, "joint", {joint.name: joint for joint in owner.prop.joints})


def position_at(joint: Joint, share: float) -> float:
    """Return where a joint stands that is open to a share of its range, rad or m.

    Closed is the limit that is nearer to how it was scanned.
    """
    closed, opened = (joint.lower, joint.upper) if abs(joint.lower) <= abs(joint.upper) else (joint.upper, joint.lower)
    return closed + share * (opened - closed)


def _owned(manifest: SceneManifest, name: str) -> tuple[SceneProp, str]:
    prop, _, entry = name.partition("/")
    known = {each.prop.id: each for each in manifest.props}
    if prop not in known:
        raise UnknownName("prop", prop, known)
    return known[prop], entry


def _named[T](name: str, kind: str, known: Mapping[str, T]) -> T:
    if name not in known:
        raise UnknownName(kind, name, known)
    return known[name]
