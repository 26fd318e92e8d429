"""The layer that adds a pool of spares to a scene."""

from pathlib import Path

from pxr import Sdf, UsdGeom

from blueprint.pipeline.scene.manifests import SceneManifest

from .layers import new_stage, save_layer
from .names import WORLD, prop_path
from .transforms import set_pose

STOCK_LAYER = "layers/stock.usda"


def write_stock(scene: Path, manifest: SceneManifest) -> None:
    """Reference every spare's asset where it is parked, in a layer of its own over all others of a scene's root."""
    stage, references = new_stage(WORLD[1:]), {}
    stage.OverridePrim(WORLD)
    for entry in manifest.props:
        if entry.prop.id in manifest.spares:
            path = prop_path(entry.prop.id)
            set_pose(UsdGeom.Xform.Define(stage, path).GetPrim(), entry.prop.T_world_prop)
            references[path] = f"../{entry.asset_path}"
    save_layer(stage, scene.parent / STOCK_LAYER, references=references)
    root = Sdf.Layer.CreateAnonymous(scene.suffix)
    root.TransferContent(Sdf.Layer.FindOrOpen(str(scene)))
    root.subLayerPaths.insert(0, f"./{STOCK_LAYER}")
    # The root is linked from another record: it is replaced, never written into.
    scene.unlink()
    root.Export(str(scene))
