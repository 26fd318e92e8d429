"""The stocked scene: the assembled one with a pool of spares that stand by, compiled once for all variants of a run."""

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from blueprint.pipeline.engine.store import link_tree
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.manifests import SceneManifest, SceneProp
from blueprint.pipeline.scene.meshes import MESH_FOLDER
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.scene.sample_assets import SampleAsset, sample_assets
from blueprint.pipeline.sims import compile_scene
from blueprint.pipeline.usd.names import prop_path
from blueprint.pipeline.usd.stock_layer import write_stock

from .distractors import Spare

PARKED_M = 2.0
"""Depth below the floor at which spares stand by: no camera of a room looks there."""
SPACING_M = 1.0


def write_stocked(folder: Path, assembled: Assembled, pool: Sequence[Spare]) -> Assembled:
    """Write the stocked scene below a folder, in the layout of the assembled one; its unchanged files are linked."""
    manifest = stocked_manifest(assembled.manifest, pool)
    for name in ("scene", MESH_FOLDER):
        if (assembled.folder / name).is_dir():
            link_tree(assembled.folder / name, folder / name)
    taken = {spare.like for spare in pool}
    _bring_in(folder, (asset for asset in sample_assets() if asset.id in taken))
    stocked = Assembled(folder)
    write_stock(stocked.usd_path, manifest)
    manifest_file = folder / Assembled.MANIFEST
    # A linked file belongs to another record: it is replaced, never written into.
    manifest_file.unlink()
    save(manifest_file, manifest)
    compile_scene(stocked.usd_path, stocked.model_folder, manifest)
    return stocked


def _bring_in(folder: Path, assets: Iterable[SampleAsset]) -> None:
    """Copy sample assets into a stocked scene: linked, a record would make the installation's files read-only."""
    for asset in assets:
        usd = Path(asset.entry.asset_path).parent
        shutil.copytree(asset.folder / usd.name, folder / "scene" / usd)
        shutil.copytree(asset.folder / MESH_FOLDER, folder / MESH_FOLDER, dirs_exist_ok=True)


def stocked_manifest(manifest: SceneManifest, pool: Sequence[Spare]) -> SceneManifest:
    """Return a scene's manifest with its spares, parked in a row below the floor."""
    known = {asset.id: asset.entry for asset in sample_assets()}
    known |= {entry.prop.id: entry for entry in manifest.props}
    spares = [_spare(known[spare.like], spare.prop, at) for at, spare in enumerate(pool)]
    names = tuple(spare.prop for spare in pool)
    return replace(manifest, props=(*manifest.props, *spares), spares=names)


def _spare(entry: SceneProp, name: str, at: int) -> SceneProp:
    parked = Pose((at * SPACING_M, 0.0, -PARKED_M), entry.prop.T_world_prop.quat_wxyz)
    physics = tuple(
        replace(
            link,
            material=replace(link.material, prop=name),
            mass=replace(link.mass, prop=name),
            colliders=replace(link.colliders, prop=name),
        )
        for link in entry.physics
    )
    return replace(
        entry,
        prop=replace(entry.prop, id=name, T_world_prop=parked),
        physics=physics,
        semantics=replace(entry.semantics, prop=name),
        prim_path=prop_path(name),
        joint_dynamics=tuple(replace(edit, prop=name) for edit in entry.joint_dynamics),
    )
