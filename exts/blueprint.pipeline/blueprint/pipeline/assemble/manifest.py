"""The manifest `scene.json`, and its JSON schema."""

from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter

from blueprint.pipeline.scene.edits import (
    AddGrasp,
    AddRegion,
    AddSupport,
    Edit,
    SetColliders,
    SetJointDynamics,
    SetMass,
    SetMaterial,
    SetSemantics,
)
from blueprint.pipeline.scene.manifests import BodyPhysics, SceneManifest, SceneProp
from blueprint.pipeline.scene.props import Prop

SCHEMA_FILE = "docs/schemas/scene.schema.json"


def scene_prop(prop: Prop, physics: Sequence[Edit], *, prim_path: str, asset_path: str) -> SceneProp:
    """Return an articulated prop with the last decision about each of its links.

    Raises ValueError naming the link where a decision is missing.
    """
    semantics = [edit for edit in physics if isinstance(edit, SetSemantics)]
    if not semantics:
        raise ValueError(f"{prop.id}: nobody has decided its role and labels (SetSemantics)")
    supports = tuple(edit.surface for edit in physics if isinstance(edit, AddSupport))
    links = tuple(_body_physics(prop.id, body.name, physics) for body in prop.bodies)
    return SceneProp(
        prop,
        links,
        semantics[-1],
        supports,
        prim_path,
        asset_path,
        regions=tuple(edit.region for edit in physics if isinstance(edit, AddRegion)),
        grasps=tuple(edit.grasp for edit in physics if isinstance(edit, AddGrasp)),
        joint_dynamics=tuple(edit for edit in physics if isinstance(edit, SetJointDynamics)),
    )


def _body_physics(prop: str, body: str, physics: Sequence[Edit]) -> BodyPhysics:
    found: dict[type, Any] = {
        type(edit): edit
        for edit in physics
        if isinstance(edit, SetMaterial | SetMass | SetColliders) and edit.body == body
    }
    missing = [kind.__name__ for kind in (SetMaterial, SetMass, SetColliders) if kind not in found]
    if missing:
        raise ValueError(f"{prop}/{body}: no {', '.join(missing)} among its edits")
    return BodyPhysics(body, found[SetMaterial], found[SetMass], found[SetColliders])


def scene_schema() -> dict[str, Any]:
    """Return the JSON schema of `scene.json`."""
    schema = TypeAdapter(SceneManifest).json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "blueprint.scene, version 1",
    }
