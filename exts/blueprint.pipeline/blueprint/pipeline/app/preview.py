"""A preview of variants: a contact sheet of small pictures, drawn from an assembled scene without any run."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from blueprint.pipeline.app.runs import RUN_FILE, RunFolder
from blueprint.pipeline.app.views import resized, resized_edit
from blueprint.pipeline.errors import RunError, UnknownName
from blueprint.pipeline.formats.isaaclab_events import event_terms, write_events
from blueprint.pipeline.randomize.distractors import Spare
from blueprint.pipeline.randomize.record import chances_of, draw_variants
from blueprint.pipeline.randomize.stage import RandomizeSettings
from blueprint.pipeline.randomize.stock import write_stocked
from blueprint.pipeline.randomize.variants import Chances, targets_by_factor
from blueprint.pipeline.scene.manifests import WORLD, SceneManifest
from blueprint.pipeline.scene.policies import DistractorFactor, Policy
from blueprint.pipeline.scene.records import Assembled, Variants
from blueprint.pipeline.scene.variants import Variant
from blueprint.pipeline.sims.newton_mujoco.compile import warm_up
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.protocols import SceneFiles

Image = NDArray[np.uint8]

WIDTH_PX = 256
COLUMNS = 4
CAPTION_PX = 22
GAP_PX = 6
_PAPER, _INK = (255, 255, 255), (40, 44, 52)


class NoScene(RunError):
    """A run has no assembled scene to draw."""

    def __init__(self, folder: str, recipe: str = "RECIPE") -> None:
        command = f"blueprint run {recipe} --out {folder} --until assemble"
        super().__init__(f"{folder} holds no assembled scene yet; make one with `{command}`")


@dataclass(frozen=True, eq=False)
class Sheet:
    """A contact sheet as RGB, and the variants on it."""

    picture: Image
    variants: tuple[Variant, ...]


class PreviewScene:
    """An assembled scene that stays open, so that each further sheet takes a moment; close it to free its files."""

    def __init__(self, assembled: Assembled, camera: str = "") -> None:
        self.assembled = assembled
        self._camera = _shown(assembled.manifest, camera)
        self._pool: tuple[Spare, ...] = ()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._open(assembled)

    def sheet(self, settings: RandomizeSettings, policy: Policy | None = None) -> Sheet:
        """Draw the variants of settings, by another policy where one is given, and their pictures."""
        chances = chances_of(self.assembled, settings, policy)
        if chances.pool != self._pool:
            self._stock(chances.pool)
        variants = tuple(draw_variants(chances, self._scene, settings))
        views = [self._view(variant) for variant in variants]
        captions = [_caption(chances, variant) for variant in variants]
        return Sheet(contact_sheet(views, captions), variants)

    def isaaclab_events(self, settings: RandomizeSettings, policy: Policy | None = None) -> str:
        """Return the policy as Isaac Lab event terms for this scene, as YAML."""
        chances = chances_of(self.assembled, settings, policy)
        return write_events(event_terms(chances.policy, self.assembled.manifest, targets_by_factor(chances)))

    def close(self) -> None:
        """Free what is held."""
        self._sim.close()
        if self._folder is not None:
            self._folder.cleanup()

    def _open(self, scene: Assembled) -> None:
        self._scene = scene
        manifest = replace(
            scene.manifest, cameras=tuple(resized(camera, WIDTH_PX) for camera in scene.manifest.cameras)
        )
        self._sim = MujocoSim(SceneFiles(scene.usd_path, scene.model_folder, manifest))

    def _stock(self, pool: tuple[Spare, ...]) -> None:
        self.close()
        self._folder, self._pool = None, pool
        if not pool:
            self._open(self.assembled)
            return
        self._folder = tempfile.TemporaryDirectory(prefix="blueprint-preview-")
        self._open(write_stocked(Path(self._folder.name), self.assembled, pool))

    def _view(self, variant: Variant) -> Image:
        cameras = {camera.name: camera for camera in self.assembled.manifest.cameras}
        self._sim.reset([resized_edit(edit, cameras, WIDTH_PX) for edit in variant.edits])
        return self._sim.render([self._camera])[self._camera].rgb


def begin_loading(policy: Policy) -> None:
    """Load the renderer, and where a policy needs the compiler let that load meanwhile, in a process of its own."""
    if policy.the_one(DistractorFactor) is not None:
        warm_up()
    import_module("blueprint.pipeline.sims.camera")


def assembled_of(folder: RunFolder, recipe: Path | None = None) -> Assembled:
    """Return the assembled scene of a run; raises NoScene, and ScanError for a folder that holds no run.

    That of a recipe need not be there yet.
    """
    if recipe is not None and not (folder.root / RUN_FILE).is_file():
        raise NoScene(str(folder.root), str(recipe))
    record = folder.record("assemble")
    if record is None:
        raise NoScene(folder.root.name)
    return Assembled(record)


def drawn_policy(folder: RunFolder) -> Policy | None:
    """Return the policy by which the variants of a run were drawn; None where it has none."""
    record = folder.record("randomize")
    if record is None or not (record / Variants.POLICY_FILE).is_file():
        return None
    return Variants(record).policy


def contact_sheet(views: Sequence[Image], captions: Sequence[str]) -> Image:
    """Lay pictures of one size out in rows of COLUMNS, each over its caption."""
    height, width = views[0].shape[:2]
    rows = -(-len(views) // COLUMNS)
    step_y, step_x = height + CAPTION_PX + GAP_PX, width + GAP_PX
    sheet = np.full((rows * step_y + GAP_PX, min(len(views), COLUMNS) * step_x + GAP_PX, 3), _PAPER, dtype=np.uint8)
    for at, (view, caption) in enumerate(zip(views, captions, strict=True)):
        y, x = at // COLUMNS * step_y + GAP_PX, at % COLUMNS * step_x + GAP_PX
        sheet[y : y + height, x : x + width] = view
        place = (x, y + height + CAPTION_PX - 7)
        cv2.putText(sheet, caption, place, cv2.FONT_HERSHEY_SIMPLEX, 0.4, _INK, 1, cv2.LINE_AA)
    return sheet


def png(picture: Image) -> bytes:
    """Return a picture as PNG."""
    done, content = cv2.imencode(".png", np.ascontiguousarray(picture[..., ::-1]))
    assert done, "an RGB array can always be encoded"
    return content.tobytes()


def _shown(manifest: SceneManifest, name: str) -> str:
    if name:
        return manifest.camera(name).name
    fixed = [camera.name for camera in manifest.cameras if camera.mount == WORLD]
    if not fixed:
        raise UnknownName("camera of the room", "", [camera.name for camera in manifest.cameras])
    return fixed[0]


def _caption(chances: Chances, variant: Variant) -> str:
    """Say what is most unusual about a variant: the number furthest from the middle of its distribution."""
    if not variant.edits:
        return f"{variant.name}  as it is"
    single = [factor for factor in chances.numbers if factor.u.shape[2] == 1]
    if not single:
        return variant.name
    extremes = [np.abs(factor.u[variant.index, :, 0] - 0.5) for factor in single]
    at = int(np.argmax([extreme.max() for extreme in extremes]))
    column = int(np.argmax(extremes[at]))
    value = single[at].values[variant.index, column, 0]
    # One draw for all targets is of none of them.
    each = single[at].factor.each and len(single[at].targets) > 1
    of = f" {single[at].targets[column].id}" if each else ""
    return f"{variant.name}  {single[at].name} {value:.3g}{of}"
