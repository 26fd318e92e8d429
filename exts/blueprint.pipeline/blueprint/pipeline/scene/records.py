"""The records of the scene's stages, with typed readers."""

from functools import cached_property
from pathlib import Path

from blueprint.pipeline.engine.digests import digest_value
from blueprint.pipeline.engine.store import MappedRecord, Record
from blueprint.pipeline.scene.codec import load
from blueprint.pipeline.scene.edits import Edit
from blueprint.pipeline.scene.manifests import SceneManifest, SettleReport
from blueprint.pipeline.scene.policies import Policy
from blueprint.pipeline.scene.proofs import Proof
from blueprint.pipeline.scene.scans import Scan
from blueprint.pipeline.scene.variants import Variant

EDITS_FILE = "edits.json"
THUMBNAIL_FILE = "thumbnail.png"


class Reconstructed(Record):
    """`reconstruction.json`, and in `run/` the scan that was made from a photo; without a photo there is no `run/`."""

    REPORT_FILE = "reconstruction.json"

    @property
    def run_folder(self) -> Path | None:
        """The folder of the scan, in the reconstructor's own format."""
        folder = self.folder / "run"
        return folder if folder.is_dir() else None


class Ingested(Record):
    """`scan.json`, `meshes/`, `textures/`, and `photo.png` where the scan has one."""

    SCAN_FILE = "scan.json"

    @cached_property
    def scan(self) -> Scan:
        """The scan, metric and upright."""
        return load(self.folder / self.SCAN_FILE, Scan)


class EditsRecord(Record):
    """`edits.json` and the meshes its edits name."""

    @cached_property
    def edits(self) -> tuple[Edit, ...]:
        """The proposed edits, in order."""
        return load(self.folder / EDITS_FILE, tuple[Edit, ...])


class ArticulatedProp(EditsRecord):
    """Parts and joints of one prop: SplitBody and AddJoint edits with the parts' meshes."""


class Articulated(MappedRecord):
    """Parts and joints of every prop."""

    def props(self) -> dict[str, ArticulatedProp]:
        """Prop id to its record."""
        return {name: ArticulatedProp(folder) for name, folder in self.item_folders().items()}


class RepairedProp(EditsRecord):
    """What was mended of one prop: ReplaceMesh edits with the new meshes."""


class Repaired(MappedRecord):
    """What was mended of every prop."""

    def props(self) -> dict[str, RepairedProp]:
        """Prop id to its record."""
        return {name: RepairedProp(folder) for name, folder in self.item_folders().items()}


class SimReadyProp(EditsRecord):
    """The physics of one prop: material, mass, colliders, joint dynamics, semantics, supports, regions and grasps.

    Hulls' meshes and `thumbnail.png` are beside the edits.
    """


class SimReady(MappedRecord):
    """The physics of every usable prop."""

    def props(self) -> dict[str, SimReadyProp]:
        """Prop id to its record."""
        return {name: SimReadyProp(folder) for name, folder in self.item_folders().items()}


class Assembled(Record):
    """`scene/` (USD and manifest), `model/` (the compiled model) and `settle.json`."""

    MANIFEST = "scene/scene.json"
    SETTLE_FILE = "settle.json"

    @property
    def scene_folder(self) -> Path:
        """The self-contained USD scene."""
        return self.folder / "scene"

    @property
    def usd_path(self) -> Path:
        """The root layer."""
        return self.scene_folder / "scene.usda"

    @property
    def model_folder(self) -> Path:
        """The compiled model of the default engine."""
        return self.folder / "model"

    @cached_property
    def manifest(self) -> SceneManifest:
        """The scene as data."""
        return load(self.folder / self.MANIFEST, SceneManifest)

    @cached_property
    def settle(self) -> SettleReport:
        """How the scene came to rest."""
        return load(self.folder / self.SETTLE_FILE, SettleReport)


class Proven(Record):
    """`proof.json`: what validators and trials in the engines measured about a scene."""

    PROOF_FILE = "proof.json"

    @cached_property
    def proof(self) -> Proof:
        """The evidence for the scene."""
        return load(self.folder / self.PROOF_FILE, Proof)


class Variants(Record):
    """`variants.json`, `policy.json`, `coverage.json`, and one USD root per variant, `variants/NNNN.usda`.

    `stocked/` is the scene with the spares that distractors are taken from, where the policy has any.
    """

    VARIANTS_FILE = "variants.json"
    POLICY_FILE = "policy.json"
    COVERAGE_FILE = "coverage.json"
    ROOTS = "variants"
    STOCKED = "stocked"

    @cached_property
    def variants(self) -> tuple[Variant, ...]:
        """The randomized variants, in order."""
        return load(self.folder / self.VARIANTS_FILE, tuple[Variant, ...])

    @property
    def roots_folder(self) -> Path:
        """The USD roots, one per variant."""
        return self.folder / self.ROOTS

    def scene_for(self, assembled: Assembled) -> Assembled:
        """Return the scene that engines load for these variants: the assembled one, or the same with spares."""
        stocked = Assembled(self.folder / self.STOCKED)
        return stocked if stocked.folder.is_dir() else assembled

    def scene_digest(self, assembled: Assembled) -> str:
        """Return the digest of all that `scene_for` holds."""
        if self.scene_for(assembled) is assembled:
            return assembled.digest
        return digest_value({name: digest for name, digest in self.header["files"].items() if self.STOCKED in name})

    def added_assets(self, assembled: Assembled) -> dict[str, Path]:
        """Return the assets that a stocked scene has beyond the assembled one, by their place below the scene."""
        places = {entry.asset_path for entry in assembled.manifest.props}
        added = {entry.asset_path for entry in self.scene_for(assembled).manifest.props} - places
        folder = self.scene_for(assembled).scene_folder
        return {Path(place).parent.as_posix(): (folder / place).parent for place in sorted(added)}

    @cached_property
    def policy(self) -> Policy:
        """The policy by which they were drawn."""
        return load(self.folder / self.POLICY_FILE, Policy)
