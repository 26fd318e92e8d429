"""Distractors: doubles of the scene's props and sample assets, from a pool that is compiled once beside the scene.

Recompiling each variant would take a second of compiling and several of loading its pictures; a pool of spares costs
that once per run, and a spare that is not used costs the engine next to nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from blueprint.pipeline.scene.edits import AddDistractor
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.scene.policies import DistractorFactor
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.sample_assets import SampleAsset
from blueprint.pipeline.scene.shapes import Array, shape_of_prop
from blueprint.pipeline.scene.supports import FLOOR, WorldSurface

from .poses import Candidate, Mover, Outline, Ring, first_free, on_surface, places_on, turned, turned_outline


@dataclass(frozen=True, slots=True)
class Spare:
    """A double of a prop or of a sample asset, by ids."""

    prop: str
    like: str


def choose_pool(likes: Sequence[str], size: int, rng: np.random.Generator) -> tuple[Spare, ...]:
    """Return the spares of a run: doubles of things in random order, from the front again when all had a turn."""
    places: list[int] = rng.permutation(len(likes)).tolist()
    order = [likes[at] for at in places]
    return tuple(Spare(f"distractor_{number + 1:02d}", order[number % len(order)]) for number in range(size) if order)


@dataclass(frozen=True, eq=False)
class Model:
    """What a distractor is a double of: how it rests, its outline there, the height below it, and its licence."""

    T_world_prop: Pose
    outline_m: Array
    height_m: float
    licence: str


def models_of(movers: Iterable[Mover], manifest: SceneManifest, samples: Iterable[SampleAsset]) -> dict[str, Model]:
    """Return everything that can have doubles in a scene, by id."""
    own = {
        mover.prop: Model(
            mover.T_world_prop,
            mover.rest.points_m,
            mover.surface.height_m,
            manifest.prop(mover.prop).prop.provenance.licence,
        )
        for mover in movers
    }
    return own | {asset.id: _model(asset) for asset in samples}


def _model(asset: SampleAsset) -> Model:
    pose = asset.entry.prop.T_world_prop
    outline = Outline.of_shape(shape_of_prop(asset.entry, (asset.folder,)), pose)
    return Model(pose, outline.points_m, 0.0, asset.licence)


def draw_distractors(
    pool: Sequence[Spare],
    count: int,
    models: Mapping[str, Model],
    surfaces: Sequence[WorldSurface],
    taken: Sequence[Outline],
    ring: Ring,
    rng: np.random.Generator,
    factor: DistractorFactor,
) -> tuple[AddDistractor, ...]:
    """Set up `count` spares on the surfaces; one that finds no room is left away.

    `taken` are the outlines of everything else as the variant has it.
    """
    outlines, edits = list(taken), list[AddDistractor]()
    for at in np.sort(rng.permutation(len(pool))[:count]).tolist():
        spare = pool[at]
        model = models[spare.like]
        found = _place(model, surfaces, outlines, ring, rng, factor) if surfaces else None
        if found is not None:
            outlines.append(found.outline)
            why = f"drawn: a double of {spare.like} ({model.licence}), draw {found.number + 1} of {factor.attempts}"
            edits.append(AddDistractor(spare.prop, spare.like, found.pose, why))
    return tuple(edits)


def surfaces_below(movers: Iterable[Mover]) -> list[WorldSurface]:
    """Return the supports that a scene's props stand on, each once; nothing is set up on the floor."""
    by_name = {(each.surface.prop, each.surface.name): each.surface for each in movers}
    return [surface for surface in by_name.values() if surface.prop != FLOOR]


def _place(
    model: Model,
    surfaces: Sequence[WorldSurface],
    taken: Sequence[Outline],
    ring: Ring,
    rng: np.random.Generator,
    factor: DistractorFactor,
) -> Candidate | None:
    surface = surfaces[int(rng.integers(len(surfaces)))]
    numbers = rng.random((factor.attempts, 3))
    start, outline = np.asarray(model.T_world_prop.position_m), model.outline_m
    shifts = places_on(surface, numbers[:, :2]) - start[:2]
    lift = surface.height_m - model.height_m
    near = ring.outside_m(start[:2] + shifts) <= 0
    drawn = (
        _candidate(
            model.T_world_prop, outline, number, np.array([*shifts[number], lift]), 2 * np.pi * numbers[number, 2]
        )
        for number in np.flatnonzero(near).tolist()
    )
    standing = (each for each in drawn if on_surface(each.outline.points_m, surface, factor.edge_m))
    return first_free(standing, taken, factor.gap_m)


def _candidate(rest: Pose, outline: Array, number: int, shift_m: Array, turn_rad: float) -> Candidate:
    points = turned_outline(outline, np.asarray(rest.position_m)[:2], shift_m[:2], turn_rad)
    pose = turned(rest, shift_m, turn_rad)
    return Candidate(number, pose, Outline.of(points), float(np.linalg.norm(shift_m)), turn_rad)
