"""Cameras of a scene at another size, for pictures that are looked at rather than recorded."""

from collections.abc import Mapping
from dataclasses import replace

from blueprint.pipeline.scene.edits import Edit, SetLens
from blueprint.pipeline.scene.manifests import Camera


def resized(camera: Camera, width_px: int) -> Camera:
    """Return a camera that shows the same in a picture of another width."""
    scale = width_px / camera.width_px
    return replace(
        camera, width_px=width_px, height_px=round(camera.height_px * scale), focal_px=camera.focal_px * scale
    )


def resized_edit(edit: Edit, cameras: Mapping[str, Camera], width_px: int) -> Edit:
    """Return an edit as cameras of that width need it: focal lengths are in their pixels."""
    if isinstance(edit, SetLens):
        return replace(edit, focal_px=edit.focal_px * width_px / cameras[edit.camera].width_px)
    return edit
