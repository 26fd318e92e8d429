"""Sample assets as distractors: they stand still, collide, are seen, and overlap nothing."""

from itertools import combinations, product
from pathlib import Path

import numpy as np
import pytest

from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.randomize.poses import Outline
from blueprint.pipeline.randomize.record import draw_variants
from blueprint.pipeline.randomize.stage import RandomizeSettings
from blueprint.pipeline.randomize.stock import write_stocked
from blueprint.pipeline.randomize.variants import Chances, weigh_chances
from blueprint.pipeline.scene.edits import AddDistractor
from blueprint.pipeline.scene.manifests import SceneProp
from blueprint.pipeline.scene.policies import Policy
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.scene.sample_assets import assets_folder, sample_assets
from blueprint.pipeline.scene.shapes import shape_of_prop
from blueprint.pipeline.scene.variants import Variant
from blueprint.pipeline.sims.newton_mujoco.sim import MujocoSim
from blueprint.pipeline.sims.protocols import SceneFiles

COUNT = 4
GAP_M = 0.02


def policy(sources: list[str], most: int = 3) -> Policy:
    """Always so many distractors from these sources."""
    clutter = {"vary": "distractors", "count": {"constant": most}, "gap_m": GAP_M, "sources": sources}
    entry = {"format": "blueprint.randomization", "version": 1, "name": "clutter", "factors": {"clutter": clutter}}
    return Policy.model_validate(entry)


def chances(assembled: Assembled, drawn_by: Policy) -> Chances:
    """Weigh a policy in the kitchenette."""
    manifest = assembled.manifest
    robot = load_robot(manifest.robot.name)
    return weigh_chances(drawn_by, manifest, robot, (assembled.folder,), seed=4, count=COUNT, source="clutter")


@pytest.fixture(scope="module")
def drawn(assembled: Assembled) -> Chances:
    """As many distractors as there are sample assets, each a double of another."""
    return chances(assembled, policy(["samples"], most=len(sample_assets())))


@pytest.fixture(scope="module")
def variants(assembled: Assembled, drawn: Chances) -> list[Variant]:
    """Variants with them; the first is the scene as it is."""
    return list(draw_variants(drawn, assembled, RandomizeSettings(count=COUNT)))


@pytest.fixture(scope="module")
def stocked(assembled: Assembled, drawn: Chances, tmp_path_factory: pytest.TempPathFactory) -> Assembled:
    """The kitchenette with their spares."""
    return write_stocked(tmp_path_factory.mktemp("stocked"), assembled, drawn.pool)


@pytest.fixture(scope="module")
def sim(stocked: Assembled) -> MujocoSim:
    """The engine with them."""
    return MujocoSim(SceneFiles(stocked.usd_path, stocked.model_folder, stocked.manifest))


def set_up(variant: Variant) -> list[AddDistractor]:
    """What a variant sets up."""
    return [edit for edit in variant.edits if isinstance(edit, AddDistractor)]


def test_every_asset_is_small_free_and_its_own() -> None:
    assets = sample_assets()
    assert len(assets) >= 6
    for asset in assets:
        assert asset.licence == "CC0-1.0"
        assert asset.entry.movable
        assert asset.id == asset.folder.name
        assert shape_of_prop(asset.entry, (asset.folder,)).lowest_m(asset.entry.prop.T_world_prop) == pytest.approx(
            0, abs=1e-6
        )
    assert "SPDX-License-Identifier: CC0-1.0" in (assets_folder() / "README.md").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in assets_folder().rglob("*") if path.is_file()) < 1e6


def test_stocking_leaves_the_installation_as_it_was(assembled: Assembled, stocked: Assembled) -> None:
    files = [path for path in assets_folder().rglob("*") if path.is_file()]
    assert all(path.stat().st_mode & 0o200 for path in files)
    for asset in sample_assets():
        copied = stocked.scene_folder / asset.entry.asset_path
        assert digest_files(copied.parent) == digest_files(asset.folder / copied.parent.name)
        assert not (assembled.scene_folder / asset.entry.asset_path).exists()


def test_drawn_assets_stand_still_collide_and_are_seen(variants: list[Variant], sim: MujocoSim) -> None:
    tried: set[str] = set()
    for variant in variants[1:]:
        sim.reset(variant.edits)
        sim.step(240)
        found, contacts = sim.observe(), sim.contacts()
        touching = {name.partition("/")[0] for pair in (contacts.first, contacts.second) for name in pair}
        seen = set(np.unique(sim.render(["side"])["side"].instance).tolist())
        for edit in set_up(variant):
            row = sim.body_names.index(f"{edit.prop}/body")
            drift_m = float(np.linalg.norm(found.body_position_m[row] - edit.T_world_prop.position_m))
            assert drift_m < 2e-3, (variant.index, edit.like, drift_m)
            assert edit.prop in touching
            if sim.instance_names.index(edit.prop) + 1 in seen:
                tried.add(edit.like)
    assert tried == {asset.id for asset in sample_assets()}


def test_drawn_assets_overlap_nothing(assembled: Assembled, drawn: Chances, variants: list[Variant]) -> None:
    doubled = {spare.prop: spare.like for spare in drawn.pool}
    assert set(doubled.values()) == {asset.id for asset in sample_assets()}
    movable = [entry for entry in assembled.manifest.props if entry.movable]
    still = [outline(entry, assembled.folder, entry.prop.T_world_prop) for entry in movable]
    samples = {asset.id: asset for asset in sample_assets()}
    for variant in variants:
        added = [(samples[doubled[edit.prop]], edit.T_world_prop) for edit in set_up(variant)]
        outlines = [outline(asset.entry, asset.folder, pose) for asset, pose in added]
        pairs = [*combinations(outlines, 2), *product(outlines, still)]
        assert all(first.clear_of(second, GAP_M - 1e-5) for first, second in pairs)


def test_the_sources_decide_what_is_doubled(assembled: Assembled) -> None:
    own = {entry.prop.id for entry in assembled.manifest.props}
    samples = {asset.id for asset in sample_assets()}
    assert set(chances(assembled, policy(["scene"])).stock.models) <= own
    assert set(chances(assembled, policy(["samples"])).stock.models) == samples
    both = set(chances(assembled, policy(["scene", "samples"])).stock.models)
    assert both & own
    assert samples < both


def outline(entry: SceneProp, folder: Path, T_world_prop: Pose) -> Outline:
    """What a prop covers, seen from above."""
    return Outline.of_shape(shape_of_prop(entry, (folder,)), T_world_prop)
