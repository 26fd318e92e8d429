"""A prop as a self-contained asset folder: one root file over one layer per stage, later stages stronger."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pxr import Gf, Sdf, Usd

from blueprint.pipeline.scene.articulation import edited_prop
from blueprint.pipeline.scene.edits import Edit, SetMass, SetMaterial, SetSemantics
from blueprint.pipeline.scene.props import Prop

from .apply import apply_articulation, apply_physics, apply_repairs
from .asset_files import ASSET_DIRECTORY, ASSETS, thumbnail_of
from .author import author_prop
from .layers import new_stage, save_layer
from .looks import describe_looks
from .names import prim_name
from .payloads import Payloads

STRONGEST_FIRST = ("corrections.usda", "simready.usda", "repair.usdc", "articulate.usdc", "ingest.usdc")
METADATA = "SimReady_Metadata"
AUTHOR = "Blueprint"


@dataclass(frozen=True, slots=True)
class PropDecisions:
    """A prop as the scan has it, and what the stages decided about it, weakest first."""

    prop: Prop
    articulation: tuple[Edit, ...]
    repairs: tuple[Edit, ...]
    physics: tuple[Edit, ...]

    def edited(self) -> Prop:
        """Return the prop with its links, joints and mended meshes."""
        return edited_prop(self.prop, (*self.articulation, *self.repairs))


def asset_path(prop_id: str) -> str:
    """Return where a prop's root file lies below a scene's folder."""
    name = prim_name(prop_id).lower()
    return f"{ASSETS}/{name}/{ASSET_DIRECTORY}/{name}.usda"


def write_prop_asset(scene_folder: Path, decisions: PropDecisions, payloads: Payloads) -> str:
    """Write a prop's asset below a scene's folder; returns the root file's relative path.

    Raises RecordDamaged where a mesh or texture is missing, EditNotApplicable for an edit in the wrong list.
    """
    relative = asset_path(decisions.prop.id)
    folder, name = (scene_folder / relative).parent, prim_name(decisions.prop.id)
    for layer, stage in _layers(decisions, payloads, folder).items():
        save_layer(stage, folder / "layers" / layer)
    root = new_stage(name)
    root.GetRootLayer().customLayerData = {METADATA: asset_metadata(decisions)}
    save_layer(root, scene_folder / relative, strongest_first=[f"./layers/{layer}" for layer in STRONGEST_FIRST])
    picture, target = payloads.thumbnail(), thumbnail_of(scene_folder / relative)
    if picture is not None:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(picture, target)
    return relative


def _layers(decisions: PropDecisions, payloads: Payloads, folder: Path) -> dict[str, Usd.Stage]:
    """Return the asset's layers in memory, strongest first; textures are copied below `folder`."""
    prop, root = decisions.prop, f"/{prim_name(decisions.prop.id)}"
    stages = {layer: new_stage(root[1:]) for layer in STRONGEST_FIRST}
    author_prop(stages["ingest.usdc"], prop, payloads, folder)
    apply_articulation(stages["articulate.usdc"], prop, decisions.articulation, payloads, folder)
    apply_repairs(stages["repair.usdc"], prop, decisions.articulation, decisions.repairs, payloads)
    apply_physics(stages["simready.usda"], decisions.edited(), decisions.physics, payloads)
    materials = {edit.body: edit for edit in decisions.physics if isinstance(edit, SetMaterial)}
    # Who wears which look is known only once the layers are together.
    together = Sdf.Layer.CreateAnonymous()
    together.subLayerPaths[:] = [stage.GetRootLayer().identifier for stage in stages.values()]
    composed = Usd.Stage.Open(together)
    with Usd.EditContext(composed, stages["simready.usda"].GetRootLayer()):
        describe_looks(composed, root, materials)
    stages[
        "corrections.usda"
    ].GetRootLayer().documentation = "The strongest layer of this asset, for what a person changes by hand."
    return stages


def asset_metadata(decisions: PropDecisions) -> dict[str, Any]:
    """Return SimReady's metadata but for the date, which differs from run to run and is written beside the asset."""
    prop = decisions.prop
    masses = [edit.mass_kg for edit in decisions.physics if isinstance(edit, SetMass)]
    return {
        "author": AUTHOR,
        "asset_name": prop.id,
        "asset_type": "Prop",
        "asset_license": prop.provenance.licence,
        "category": prop.category,
        "source_file": prop.provenance.file,
        "qcode": _label(decisions.physics, "wikidata_qcode"),
        "asset_extents": Gf.Vec3f(*prop.size_m),
        "rigid_body_count": len(masses),
        "mass": sum(masses),
    }


def _label(edits: Sequence[Edit], taxonomy: str) -> str:
    labels = [edit.labels.get(taxonomy, "") for edit in edits if isinstance(edit, SetSemantics)]
    return labels[-1] if labels else ""
