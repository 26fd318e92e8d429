"""Change one physical number of a loaded scene, to see whether an episode would have gone otherwise.

Unlike a variant's edits these are no facts about a scene: they last as long as the simulator that they were asked of.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import mujoco
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.errors import InputError, UnknownName
from blueprint.pipeline.sims.model import ROBOT, CompiledModel


@dataclass(frozen=True, slots=True)
class Change:
    """One number: of whom (a prop, a joint, `robot`, or nothing for the world), which, and to or by what.

    With `relative` the present number is multiplied by `value`.
    """

    subject: str
    quantity: str
    value: float
    relative: bool = False

    def of(self, present: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the numbers that present ones become."""
        return present * self.value if self.relative else np.full_like(present, self.value)

    def sentence(self) -> str:
        """Say it, such as `friction of mug is 0.3`."""
        whose = f" of {self.subject}" if self.subject else ""
        how = f"times {self.value:g}" if self.relative else f"is {self.value:g}"
        return f"{self.quantity}{whose} {how}"


class ImplausibleChange(InputError):
    """A number that no scene can have."""

    def __init__(self, change: Change, why: str) -> None:
        super().__init__(f"{change.sentence()}: {why}; give a number that a scene could have, or a factor such as 0.5x")


@dataclass(frozen=True, slots=True)
class Quantity:
    """What may be changed: whose it is, its unit, what it means, and who writes it into the model."""

    subject: str
    unit: str
    meaning: str
    write: Callable[[mujoco.MjModel, CompiledModel, Change], None]


def apply_changes(model: mujoco.MjModel, maps: CompiledModel, changes: Sequence[Change]) -> None:
    """Write changes into a model; raises UnknownName and ImplausibleChange."""
    for change in changes:
        if change.quantity not in QUANTITIES:
            raise UnknownName("quantity", change.quantity, QUANTITIES)
        if not np.isfinite(change.value):
            raise ImplausibleChange(change, "it is not finite")
        if change.value < 0 and change.quantity != "gravity_m_s2":
            raise ImplausibleChange(change, "it is negative")
        QUANTITIES[change.quantity].write(model, maps, change)
    # Inertia and gains enter the solver through numbers that MuJoCo derives once.
    mujoco.mj_setConst(model, mujoco.MjData(model))


def _rub(model: mujoco.MjModel, maps: CompiledModel, change: Change) -> None:
    geoms = [model.geom(geom.name).id for geom in maps.geoms if geom.body in _links(maps, change.subject)]
    model.geom_friction[geoms, 0] = change.of(model.geom_friction[geoms, 0])
    # Of two surfaces the rougher counts; with priority, the changed one does, which is what is being asked.
    model.geom_priority[geoms] = 1


def _weigh(model: mujoco.MjModel, maps: CompiledModel, change: Change) -> None:
    bodies = [model.body(name).id for name in _moving_links(maps, change.subject)]
    present = model.body_mass[bodies].sum()
    factor = change.value if change.relative else change.value / present
    if factor <= 0:
        raise ImplausibleChange(change, "what moves has mass")
    # As if the material were denser: the shape of the inertia stays.
    model.body_mass[bodies] *= factor
    model.body_inertia[bodies] *= factor


def _pull(model: mujoco.MjModel, maps: CompiledModel, change: Change) -> None:
    model.opt.gravity[2] = model.opt.gravity[2] * change.value if change.relative else -change.value


def _damp(model: mujoco.MjModel, maps: CompiledModel, change: Change) -> None:
    for name in _joints(maps, change.subject):
        dof = maps.joint(name).dof_address
        # Furniture's damping is an actuator of its own in some models, the joint's in others; both are its damping.
        own = [at for at in range(model.nu) if int(model.actuator_trnid[at, 0]) == int(model.joint(name).id)]
        for actuator in own:
            damping = change.of(np.array([-model.actuator_biasprm[actuator, 2]]))[0]
            model.actuator_biasprm[actuator, 2] = -damping
        if not own:
            model.dof_damping[dof] = change.of(model.dof_damping[[dof]])[0]


def _stick(model: mujoco.MjModel, maps: CompiledModel, change: Change) -> None:
    dofs = [maps.joint(name).dof_address for name in _joints(maps, change.subject)]
    model.dof_frictionloss[dofs] = change.of(model.dof_frictionloss[dofs])


def _stiffen(model: mujoco.MjModel, maps: CompiledModel, change: Change) -> None:
    servos = [actuator.index for actuator in maps.actuators]
    stiffness = change.of(model.actuator_gainprm[servos, 0])
    model.actuator_gainprm[servos, 0] = stiffness
    model.actuator_biasprm[servos, 1] = -stiffness


def _calm(model: mujoco.MjModel, maps: CompiledModel, change: Change) -> None:
    servos = [actuator.index for actuator in maps.actuators]
    model.actuator_biasprm[servos, 2] = -change.of(-model.actuator_biasprm[servos, 2])


def _strengthen(model: mujoco.MjModel, maps: CompiledModel, change: Change) -> None:
    joints = [model.joint(actuator.joint).id for actuator in maps.actuators]
    limit = change.of(model.jnt_actfrcrange[joints, 1])
    model.jnt_actfrcrange[joints] = np.stack([-limit, limit], axis=1)


QUANTITIES: dict[str, Quantity] = {
    "friction": Quantity("prop", "1", "friction of a prop, in each of its contacts", _rub),
    "mass_kg": Quantity("prop", "kg", "mass of a prop, its inertia along with it", _weigh),
    "joint_damping": Quantity("joint", "N m s/rad or N s/m", "damping of a joint of furniture", _damp),
    "joint_friction": Quantity("joint", "N m or N", "friction of a joint of furniture", _stick),
    "drive_stiffness": Quantity("robot", "N m/rad or N/m", "stiffness of the robot's drives", _stiffen),
    "drive_damping": Quantity("robot", "N m s/rad or N s/m", "damping of the robot's drives", _calm),
    "effort_limit": Quantity("robot", "N m or N", "largest effort of the robot's drives", _strengthen),
    "gravity_m_s2": Quantity("", "m/s2", "gravity, downward", _pull),
}


def _links(maps: CompiledModel, prop: str) -> list[str]:
    found = [body.name for body in maps.bodies if body.name.split("/", 1)[0] == prop]
    if not found or prop == ROBOT:
        props = {body.name.split("/", 1)[0] for body in maps.bodies} - {ROBOT}
        raise UnknownName("prop", prop, props)
    return found


def _moving_links(maps: CompiledModel, prop: str) -> list[str]:
    links = _links(maps, prop)
    moving = [body.name for body in maps.bodies if body.name in links and not body.fixed]
    if not moving:
        raise UnknownName("prop that moves", prop, {body.name.split("/")[0] for body in maps.bodies if not body.fixed})
    return moving


def _joints(maps: CompiledModel, subject: str) -> list[str]:
    """Return the joints of furniture that a name stands for: one joint, all of a prop, or with no name all."""
    furniture = [joint.name for joint in maps.joints if not joint.name.startswith(f"{ROBOT}/")]
    found = [name for name in furniture if subject in ("", name, name.split("/", 1)[0])]
    if not found:
        raise UnknownName("joint of furniture", subject, furniture)
    return found
