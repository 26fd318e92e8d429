"""Why the arm cannot do a step, in words with numbers: how far, how wide, what is in the way."""

from dataclasses import dataclass

import numpy as np

from blueprint.pipeline.episode.tasks import Step
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.sims.model import ROBOT
from blueprint.pipeline.skills.courses import course_of, met_on
from blueprint.pipeline.skills.means import Means
from blueprint.pipeline.skills.search import Refusal
from blueprint.pipeline.skills.situation import Array, Situation

GRASPS = 24
"""Number of grasps of which a reason tells."""


@dataclass(frozen=True, eq=False)
class Explainer:
    """Finds out what stands against a step that a search has refused."""

    means: Means
    manifest: SceneManifest

    def explain(self, refusal: Refusal, start: Situation) -> str:
        """Return the reason against the refused step, as far as the start shows it."""
        step = refusal.step
        if step.skill == "grasp":
            return self._against_grasp(step, start, refusal.message)
        if step.pose is not None:
            far = self._too_far([np.asarray(step.pose.position_m)], f"the place of {step.roles['object']}")
            return far or f"{refusal.message}: {_place_words(step.pose)}"
        return self._against_part(step, start) or refusal.message

    @property
    def shoulder_m(self) -> Array:
        """Where the arm begins: the second joint, about which it stretches out; the first of a shorter one."""
        world = self.means.workspace.world
        joints = world.robot.arm.joints
        name = f"{ROBOT}/{joints[min(1, len(joints) - 1)]}"
        return np.asarray(world.link_pose(world.compiled.joint(name).body).position_m)

    # --- grasps

    def _against_grasp(self, step: Step, start: Situation, message: str) -> str:
        prop = step.roles.get("object") or step.roles["prop"]
        body = f"{prop}/{step.roles['link']}" if "link" in step.roles else ""
        named = f"the handle of {body}" if body else prop
        table = self.means.tables.get(prop)
        listed = [grasp for grasp in (table.grasps if table else ()) if not body or grasp.body == body]
        if not listed:
            return self._no_grasp(prop, body, named)
        grasps = [grasp for grasp in listed if grasp.usable]
        if not grasps:
            trials = sum(grasp.trials for grasp in listed)
            return f"none of {len(listed)} grasps of {named} held in any of {trials} trials"
        frame = self._frame(prop, body, start)
        poses = [frame @ grasp.T_prop_tcp for grasp in grasps[:GRASPS]]
        far = self._too_far([np.asarray(pose.position_m) for pose in poses], named)
        failed = f" ({len(listed) - len(grasps)} more did not hold when tried)" if len(listed) > len(grasps) else ""
        return far or message + failed

    def _no_grasp(self, prop: str, body: str, named: str) -> str:
        gripper = self.means.workspace.robot.gripper
        opens = f"the gripper opens {1e3 * gripper.max_width_m:.0f} mm"
        if body:
            return f"nothing of {body} can be taken hold of; {opens}"
        width = self.manifest.prop(prop).semantics.parameters.get("graspable.narrowest_m")
        if width is None:
            size = min(self.manifest.prop(prop).prop.size_m)
            return f"no two opposite faces of {named} fit the gripper: it is {1e3 * size:.0f} mm thin, {opens}"
        return f"no grasp of {named} is free as it stands: opposite faces {1e3 * width:.0f} mm apart at least, {opens}"

    def _frame(self, prop: str, body: str, start: Situation) -> Pose:
        if not body:
            return start.T_world_props[prop]
        self.means.arrange(start)
        world = self.means.workspace.world
        return world.link_pose(body) @ world.compiled.body(body).T_prop_body.inverse()

    # --- parts and distances

    def _against_part(self, step: Step, start: Situation) -> str:
        joint = step.roles.get("joint")
        if joint is None:
            return ""
        self.means.arrange(start)
        world = self.means.workspace.world
        link = world.compiled.joint(joint).body
        points = np.concatenate(world.link_corners_m(link))
        middle = world.link_pose(link).apply((points.min(axis=0) + points.max(axis=0)) / 2)
        far = self._too_far([middle], f"the middle of {link}")
        way = "depth" if step.skill == "press" else "target"
        if way == "target":
            met = met_on(self.means, course_of(self.means, joint, start.joints[joint], step.values[way]))
            if met is not None:
                return f"{link} meets {met[0]} when {joint} is at {met[1]:.2f}, whatever hand moves it"
        return far or (
            f"the hand cannot stay with {link} until {joint} is at {step.values[way]:.2f}: the arm's limits or "
            "something in the way end it"
        )

    def _too_far(self, points_m: list[Array], named: str) -> str:
        reach_m = self.means.workspace.robot.reach_m
        least = min(float(np.linalg.norm(point - self.shoulder_m)) for point in points_m)
        if least <= reach_m:
            return ""
        return f"{named} is {least:.2f} m from the shoulder, the arm reaches {reach_m:.2f} m"


def _place_words(pose: Pose) -> str:
    x, y, z = pose.position_m
    return f"at ({x:.2f}, {y:.2f}, {z:.2f})"
