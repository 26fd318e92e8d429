"""What holds furniture in its place: opinions of the scene, so that the asset itself can be used anywhere."""

from pxr import Usd

from blueprint.pipeline.scene.manifests import SceneProp

from .joints import fix_to_root, main_body
from .names import body_path, prop_path


def anchor(stage: Usd.Stage, entry: SceneProp) -> None:
    """Keep a prop where it stands unless physics is to move it.

    A thing of one link is no rigid body in the scene, so its colliders are static and cost an engine nothing; the main
    link of one with joints is fixed to the prop's frame, and the others still move.
    """
    if entry.movable:
        return
    root, main = prop_path(entry.prop.id), main_body(entry.prop)
    if len(entry.prop.bodies) > 1:
        fix_to_root(stage, root, main)
        return
    # Not `physics:rigidBodyEnabled = false`: Newton 1.8 lets such a body fall, or puts its colliders at the origin.
    stage.OverridePrim(body_path(root, main)).RemoveAppliedSchema("PhysicsRigidBodyAPI")
