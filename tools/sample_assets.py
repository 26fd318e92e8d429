"""Make the sample assets of data/assets: small things of our own that stand about in anybody's scene as distractors.

Shapes and pictures are drawn by the generator of the samples, and the stages of the pipeline make them simulation-ready
and see them come to rest. Same versions of the tools give the same files.

python tools/sample_assets.py data/assets
"""

import argparse
import logging
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from blueprint.pipeline.app.workbench import run
from blueprint.pipeline.recipe import load_recipe
from blueprint.pipeline.samples import bench_things, textures
from blueprint.pipeline.samples.boxes import rounded_box
from blueprint.pipeline.samples.environment import Environment, Image, Item, Look, standing_pose
from blueprint.pipeline.samples.lathe import lathe
from blueprint.pipeline.samples.shape import Shape
from blueprint.pipeline.samples.simple_layout import write_simple_layout
from blueprint.pipeline.samples.viewpoint import Viewpoint
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.manifests import SceneProp
from blueprint.pipeline.scene.meshes import MESH_FOLDER
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.scene.sample_assets import ENTRY_FILE, PREFIX, meshes_of
from blueprint.pipeline.scene.shapes import shape_of_prop

RECIPE = "format: blueprint.recipe\nversion: 1\npipeline: tabletop\ningest:\n  source: scan\n"
README = """# Sample assets

Small household things that the randomization factor `distractors` sets up beside the scene's own. Each folder has the
layout of a prop in an assembled scene: `simready_usd/` with the asset, `prop.json` with every decision about it and
the pose in which it came to rest on a level surface at height 0, `meshes/` with what its shape is read from.
`python tools/sample_assets.py data/assets` writes them again.

| asset | is | mass |
| --- | --- | ---: |
{rows}

## Origin and licence

Shapes and pictures were made by that program with the generator in `blueprint.pipeline.samples`. No scanned,
photographed or downloaded material went into them, and they show no product of anybody's.

SPDX-License-Identifier: CC0-1.0. To the extent possible under law, the authors of Blueprint have waived all
copyright and related or neighbouring rights to the files in this folder (https://creativecommons.org/publicdomain/zero/1.0/).
"""


@dataclass(frozen=True)
class Thing:
    """One asset to be made, and where it stands while it is."""

    label: str
    shape: Callable[[], Shape]
    texture: Image
    look: Look
    x_m: float
    mass_kg: float


def jar() -> Shape:
    """Return a jam jar with its lid, 64 x 98 mm."""
    glass = [(0.0, 0.001), (0.026, 0.001), (0.028, 0.0), (0.031, 0.003), (0.032, 0.010), (0.032, 0.068)]
    neck = [(0.030, 0.076), (0.027, 0.080), (0.027, 0.083)]
    return lathe([*glass, *neck, (0.029, 0.084), (0.029, 0.097), (0.028, 0.098), (0.0, 0.098)], segments=32)


def orange() -> Shape:
    """Return an orange, 76 mm wide, flattened a little where it stands."""
    angle = np.linspace(np.radians(-66.0), np.radians(86.0), 15)
    flank = [(float(0.038 * np.cos(a)), float(0.0347 + 0.038 * np.sin(a))) for a in angle]
    return lathe([(0.0, 0.0), *flank, (0.0, 0.0724)], segments=32)


def vase() -> Shape:
    """Return a small vase for one flower, 84 x 165 mm, open above."""
    outer = [(0.030, 0.004), (0.040, 0.030), (0.042, 0.052), (0.036, 0.085), (0.024, 0.115), (0.020, 0.140)]
    inner = [(0.016, 0.140), (0.020, 0.113), (0.031, 0.083), (0.037, 0.052), (0.035, 0.031), (0.026, 0.009)]
    return lathe(
        [(0.0, 0.001), (0.026, 0.0), *outer, (0.024, 0.163), (0.022, 0.165), (0.020, 0.163), *inner, (0.0, 0.008)],
        segments=32,
    )


def tumbler() -> Shape:
    """Return a plain cup without a handle, 76 x 92 mm, open above."""
    outer = [(0.028, 0.002), (0.030, 0.006), (0.034, 0.050), (0.0375, 0.0905)]
    return lathe(
        [
            (0.0, 0.001),
            (0.026, 0.0),
            *outer,
            (0.0363, 0.092),
            (0.035, 0.0905),
            (0.030, 0.050),
            (0.026, 0.007),
            (0.0, 0.006),
        ],
        segments=32,
    )


def tea_box() -> Shape:
    """Return a carton of tea, 74 x 118 x 46 mm."""
    return rounded_box((0.074, 0.118, 0.046), 0.0015, textures.CARTON_ATLAS)


def book() -> Shape:
    """Return a paperback lying flat, 175 x 108 x 22 mm."""
    return rounded_box((0.175, 0.108, 0.022), 0.0015, textures.SLAB_ATLAS).laid_down()


def _things() -> tuple[Thing, ...]:
    grain, glazed, paper = np.random.default_rng(7), Look("ceramic", roughness=0.35), Look("paper")
    jam = textures.can_label((120, 22, 40), (244, 236, 216), (150, 36, 52))
    return (
        Thing("jar", jar, jam, Look("glass", roughness=0.25), -0.50, 0.3),
        Thing("orange", orange, textures.plain((232, 132, 28)), Look("fruit", roughness=0.6), -0.30, 0.17),
        Thing("vase", vase, textures.ceramic((52, 92, 88), (210, 190, 140), (232, 226, 210)), glazed, -0.10, 0.4),
        Thing("cup", tumbler, textures.ceramic((236, 196, 92), (250, 244, 228), (250, 246, 234)), glazed, 0.10, 0.2),
        Thing("box", tea_box, textures.carton_print((40, 92, 84), (226, 206, 142), (24, 48, 44)), paper, 0.30, 0.09),
        Thing("book", book, textures.wood_grain(grain, (72, 88, 136), (60, 74, 118), bands=3), paper, 0.49, 0.24),
    )


def shelf() -> Environment:
    """Return a bench on which the things stand in a row."""
    bench = bench_things.bench()
    finishes = textures.cabinet_finishes(np.random.default_rng(5), (150, 150, 150))
    carrier = Item("workbench", bench.centred(), finishes, standing_pose(bench, 0, 0, 0, on_m=0), 38.0)
    items = [_standing(thing) for thing in _things()]
    seen_from = Viewpoint((0.0, -1.45, 1.55), float(np.radians(32.0)), 880.0, (1024, 768))
    tiles = textures.floor_tiles((176, 178, 180), (160, 162, 165), (128, 130, 132))
    return Environment("shelf", (carrier, *items), seen_from, 0.6, (206, 212, 216), tiles, 0.66)


def _standing(thing: Thing) -> Item:
    shape = thing.shape()
    pose = standing_pose(shape, thing.x_m, -0.05, 0.0, on_m=bench_things.BENCH_TOP_M)
    return Item(thing.label, shape.centred(), thing.texture, pose, thing.mass_kg, (0,), thing.look)


def write_scan(folder: Path) -> None:
    """Write the shelf as a scan whose objects have the names that the assets shall have."""
    folder.mkdir()
    write_simple_layout(shelf(), folder, seed=0)
    for path in sorted((folder / "objects").iterdir()):
        label = path.name.removesuffix("_0")
        if label != "workbench":
            path.rename(path.with_name(PREFIX + label))


def write_asset(target: Path, scene: Assembled, entry: SceneProp) -> None:
    """Write one asset's folder anew from the scene in which it has come to rest."""
    shutil.rmtree(target, ignore_errors=True)
    source = (scene.scene_folder / entry.asset_path).parent
    shutil.copytree(source, target / source.name)
    (target / MESH_FOLDER).mkdir()
    for ref in meshes_of(entry):
        shutil.copyfile(scene.folder / MESH_FOLDER / f"{ref.digest}.npz", target / MESH_FOLDER / f"{ref.digest}.npz")
    pose = entry.prop.T_world_prop
    height_m = pose.position_m[2] - shape_of_prop(entry, [scene.folder]).lowest_m(pose)
    rest = Pose((0.0, 0.0, height_m), pose.quat_wxyz)
    save(target / ENTRY_FILE, replace(entry, prop=replace(entry.prop, T_world_prop=rest)))
    for path in (path for path in target.rglob("*") if path.is_file()):
        path.chmod(0o644)


def main() -> int:
    """Make every asset; 1 where the pipeline has left one out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    out: Path = parser.parse_args().out
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_scan(folder / "scan")
        (folder / "shelf.yaml").write_text(RECIPE)
        result = run(load_recipe(folder / "shelf.yaml"), folder / "run", until="assemble")
        record = result.folder.record("assemble") if result.succeeded else None
        if record is None:
            logging.getLogger(__name__).error("%s", result.message)
            return 1
        scene = Assembled(record)
        entries = [entry for entry in scene.manifest.props if entry.prop.id.startswith(PREFIX)]
        for entry in entries:
            write_asset(out / entry.prop.id, scene, entry)
    rows = [f"| `{entry.prop.id}` | {entry.prop.label} | {1e3 * entry.mass_kg():.0f} g |" for entry in entries]
    (out / "README.md").write_text(README.format(rows="\n".join(rows)))
    return 0 if len(entries) == len(_things()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
