"""`blueprint preview RECIPE_OR_RUN`: variants of a scene as a contact sheet, in seconds."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import tyro

if TYPE_CHECKING:
    from blueprint.pipeline.app.runs import RunFolder
    from blueprint.pipeline.randomize.stage import RandomizeSettings
    from blueprint.pipeline.scene.policies import Policy


@dataclass(frozen=True)
class PreviewCommand:
    """Draw variants of an assembled scene on a contact sheet; nothing else is computed or changed."""

    source: tyro.conf.Positional[Path]
    """A recipe, or the folder of a run."""
    variants: int = 16
    """Number of variants."""
    out: Path = Path("sheet.png")
    """File of the contact sheet."""
    run: Path | None = None
    """Folder of the recipe's run; runs/RECIPE where left out."""
    policy: Path | None = None
    """Another policy: off, mild, strong, or a file that ends in .yaml."""
    seed: int | None = None
    """Another seed."""
    isaaclab: Path | None = None
    """Write the policy as Isaac Lab event terms (YAML) to this file, too."""
    camera: str = ""
    """Camera of the scene; the first of the room where left out."""


def main(argv: Sequence[str]) -> int:
    """Draw the sheet and say where it is."""
    command = tyro.cli(PreviewCommand, args=list(argv), prog="blueprint preview")
    from blueprint.pipeline.app.preview import PreviewScene, assembled_of, begin_loading, png
    from blueprint.pipeline.app.runs import RunFolder
    from blueprint.pipeline.engine.store import replace_file
    from blueprint.pipeline.randomize.policy import load_policy

    is_run = command.source.is_dir()
    folder = RunFolder(command.source if is_run else command.run or Path("runs") / command.source.stem)
    settings, policy = _settings(command, folder, is_run=is_run)
    assembled = assembled_of(folder, None if is_run else command.source)
    begin_loading(policy or load_policy(settings.policy))
    scene = PreviewScene(assembled, command.camera)
    try:
        sheet = scene.sheet(settings, policy)
    finally:
        scene.close()
    replace_file(command.out, png(sheet.picture))
    if command.isaaclab is not None:
        replace_file(command.isaaclab, scene.isaaclab_events(settings, policy).encode())
    words = f"{len(sheet.variants)} variants by the policy {_name(settings, policy)!r}"
    if is_run and policy is None and command.policy is None:
        words += f" (the run has drawn none yet; `blueprint preview RECIPE --run {command.source}` takes its recipe's)"
    sys.stdout.write(f"{words}: {command.out}\n")
    return 0


def _settings(
    command: PreviewCommand, folder: "RunFolder", *, is_run: bool
) -> "tuple[RandomizeSettings, Policy | None]":
    from blueprint.pipeline.app.preview import drawn_policy
    from blueprint.pipeline.randomize.stage import RandomizeSettings
    from blueprint.pipeline.recipe import load_recipe

    if is_run:
        # What an older program wrote beside these is no setting any more.
        written = folder.load()["recipe"].get("randomize", {})
        kept = {name: written[name] for name in ("seed", "original_first") if name in written}
        settings = RandomizeSettings.model_validate(kept)
    else:
        settings = load_recipe(command.source).randomize
    changes: dict[str, object] = {"count": command.variants}
    if command.seed is not None:
        changes["seed"] = command.seed
    if command.policy is not None:
        changes["policy"] = command.policy
    settings = RandomizeSettings.model_validate({**settings.model_dump(), **changes})
    return settings, drawn_policy(folder) if is_run and command.policy is None else None


def _name(settings: "RandomizeSettings", policy: "Policy | None") -> str:
    return policy.name if policy is not None else settings.policy.stem
