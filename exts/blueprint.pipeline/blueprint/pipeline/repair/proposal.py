"""What is mended of one prop."""

from collections.abc import Sequence
from pathlib import Path

from blueprint.pipeline.scene.edits import Edit
from blueprint.pipeline.scene.props import Prop

from .stage import RepairSettings


def propose_repairs(
    prop: Prop, mesh_folders: Sequence[Path], work_folder: Path, settings: RepairSettings
) -> tuple[Edit, ...]:
    """Return one ReplaceMesh for each visual that needs mending; new meshes go into the work folder."""
    return ()
