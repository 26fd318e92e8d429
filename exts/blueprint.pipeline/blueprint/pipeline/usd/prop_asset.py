"""A prop as a self-contained asset folder: one root file over one layer per stage, later stages stronger."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pxr import Gf

from blueprint.pipeline.scene.articulation import edited_prop
from blueprint.pipeline.scene.edits import Edit, SetMass, SetSemantics
from blueprint.pipeline.scene.props import Prop

from .apply import apply_articulation, apply_physics, apply_repairs, moving_bodies
from .author import author_prop
from .layers import new_stage, save_layer
from .names import prim_name
from .payloads import Payloads

STRONGEST_FIRST = ("corrections.usda", "simready.usda", "repair.usdc", "articulate.usdc", "ingest.usdc")
ASSET_DIRECTORY = "simready_usd"


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
    return f"assets/{name}/{ASSET_DIRECTORY}/{name}.usda"


def write_prop_asset(scene_folder: Path, decisions: PropDecisions, payloads: Payloads) -> str:
    """Write a prop's asset below a scene's folder; returns the root file's relative path.

    Raises RecordDamaged where a mesh or texture is missing, EditNotApplicable for an edit in the wrong list.
    """
    prop, relative = decisions.prop, asset_path(decisions.prop.id)
    folder = (scene_folder / relative).parent
    name = prim_name(prop.id)
    stages = {layer: new_stage(name) for layer in STRONGEST_FIRST}
    author_prop(stages["ingest.usdc"], prop, payloads, folder)
    apply_articulation(stages["articulate.usdc"], prop, decisions.articulation, payloads, folder)
    apply_repairs(stages["repair.usdc"], prop, decisions.articulation, decisions.repairs, payloads)
    apply_physics(stages["simready.usda"], decisions.edited(), decisions.physics, payloads)
    stages[
        "corrections.usda"
    ].GetRootLayer().documentation = "The strongest layer of this asset, for what a person changes by hand."
    for layer, stage in stages.items():
        save_layer(stage, folder / "layers" / layer)
    root = new_stage(name)
    root.GetRootLayer().customLayerData = asset_metadata(decisions)
    save_layer(root, scene_folder / relative, strongest_first=[f"./layers/{layer}" for layer in STRONGEST_FIRST])
    return relative


def asset_metadata(decisions: PropDecisions) -> dict[str, Any]:
    """Return the SimReady metadata that is known; a date would differ from run to run and is left out."""
    prop = decisions.prop
    masses = [edit.mass_kg for edit in decisions.physics if isinstance(edit, SetMass)]
    data: dict[str, Any] = {
        "asset_name": prop.id,
        "asset_type": "Prop",
        "asset_license": prop.provenance.licence,
        "category": prop.category,
        "source_file": prop.provenance.file,
        "asset_extents": Gf.Vec3f(*prop.size_m),
        "rigid_body_count": len(moving_bodies(decisions.edited(), decisions.physics)),
        "mass": sum(masses),
    }
    qcode = _label(decisions.physics, "wikidata_qcode")
    return {**data, "qcode": qcode} if qcode else data


def _label(edits: Sequence[Edit], taxonomy: str) -> str:
    labels = [edit.labels.get(taxonomy, "") for edit in edits if isinstance(edit, SetSemantics)]
    return labels[-1] if labels else ""
