"""Which grasps to try first."""

from collections.abc import Sequence

import numpy as np

from blueprint.pipeline.episode.grasps import GraspTable, TriedGrasp
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.robots import Robot
from blueprint.pipeline.sims.antipodal import GraspCandidate, GraspSearch, propose_grasps
from blueprint.pipeline.sims.planning_world import MujocoPlanningWorld

_ENOUGH = 80
_ROUNDS = 4
_STEEPEST_RAD = 1.75
"""Approaches from further below than level are not looked at."""


def find_grasps(
    world: MujocoPlanningWorld, prop: str, T_world_prop: Pose, robot: Robot, rng: np.random.Generator
) -> list[GraspCandidate]:
    """Propose grasps of a prop as it stands, best first, alike ones once; what is hard to hold gets more draws."""
    up_prop = T_world_prop.rotation().T @ np.array([0.0, 0.0, 1.0])
    solids, center_m = world.solids(prop), world.mass_center_m(prop)
    found: list[GraspCandidate] = []
    grasps: list[GraspCandidate] = []
    for _ in range(_ROUNDS):
        found += propose_grasps(solids, center_m, up_prop, robot, rng, GraspSearch())
        grasps = distinct(ranked(found))
        if len(grasps) >= _ENOUGH:
            break
    return grasps


def cost(grasp: GraspCandidate) -> float:
    """Weigh what loosens a grasp: a long lever of the weight, slanted surfaces, little contact, tilt, a tight opening.

    Each term is about 1 where it alone makes a grasp doubtful: 3 cm, 0.3 rad, half of the pads, 1.7 rad, 8 cm.
    """
    return (
        grasp.lever_m / 0.03
        + grasp.slant_rad / 0.3
        + 2 * (1.0 - grasp.contact_share)
        + (grasp.tilt_rad / 1.7) ** 2
        + max(0.0, grasp.width_m - 0.06) / 0.02
    )


def ranked(grasps: Sequence[GraspCandidate]) -> list[GraspCandidate]:
    """Sort by cost; equal ones keep their order."""
    return sorted(grasps, key=cost)


def ranked_now(
    table: GraspTable | None, body: str, T_world_frame: Pose, *, untried: float = 2.0
) -> list[tuple[int, TriedGrasp]]:
    """List the grasps of a link with their places in the table, best first as the thing stands now.

    A grasp that held in every trial costs what its geometry says, one that never did is left out, and `untried` is what
    not knowing costs.
    """
    found: list[tuple[float, int, TriedGrasp]] = []
    frame = T_world_frame.rotation()
    for place, grasp in enumerate(table.grasps if table else ()):
        approach = frame @ grasp.T_prop_tcp.rotation()[:, 2]
        tilt_rad = float(np.arccos(np.clip(-approach[2], -1.0, 1.0)))
        if grasp.body != body or tilt_rad > _STEEPEST_RAD or (grasp.trials and not grasp.held):
            continue
        doubt = 4.0 * (1.0 - grasp.success_share) if grasp.trials else untried
        found.append((grasp.cost - (grasp.tilt_rad / 1.7) ** 2 + (tilt_rad / 1.7) ** 2 + doubt, place, grasp))
    return [(place, grasp) for _, place, grasp in sorted(found, key=lambda entry: entry[:2])]


def varied(grasps: Sequence[GraspCandidate], count: int) -> list[GraspCandidate]:
    """Choose the best half of so many, and for the other half those that differ most from all chosen before.

    What is best by geometry comes from one side more often than not, and the arm may stand on another.
    """
    chosen, rest = list(grasps[: (count + 1) // 2]), list(grasps[(count + 1) // 2 :])
    apart = np.full(len(rest), np.inf)
    places = np.array([grasp.T_prop_tcp.position_m for grasp in rest]).reshape(-1, 3)
    axes = np.array([grasp.T_prop_tcp.rotation()[:, 2] for grasp in rest]).reshape(-1, 3)
    for grasp in chosen:
        apart = np.minimum(apart, _difference(grasp, places, axes))
    while len(chosen) < min(count, len(grasps)):
        at = int(np.argmax(apart))
        chosen.append(rest[at])
        apart = np.minimum(apart, _difference(rest[at], places, axes))
    return chosen


def _difference(grasp: GraspCandidate, places_m: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """Measure how unlike a grasp others (N, 3) are: 6 cm of place count as much as 0.6 rad of approach."""
    away = np.linalg.norm(places_m - np.asarray(grasp.T_prop_tcp.position_m), axis=1) / 0.06
    turn = np.arccos(np.clip(axes @ grasp.T_prop_tcp.rotation()[:, 2], -1.0, 1.0)) / 0.6
    return away + turn


def distinct(
    grasps: Sequence[GraspCandidate], *, apart_m: float = 0.015, apart_rad: float = 0.4
) -> list[GraspCandidate]:
    """Drop every grasp that is close to a better one in place and attitude."""
    kept: list[GraspCandidate] = []
    rotations: list[np.ndarray] = []
    for grasp in grasps:
        rotation = grasp.T_prop_tcp.rotation()
        place = np.asarray(grasp.T_prop_tcp.position_m)
        alike = any(
            np.linalg.norm(place - np.asarray(other.T_prop_tcp.position_m)) < apart_m
            and np.trace(turned.T @ rotation) > 1 + 2 * np.cos(apart_rad)
            for other, turned in zip(kept, rotations, strict=True)
        )
        if not alike:
            kept.append(grasp)
            rotations.append(rotation)
    return kept
