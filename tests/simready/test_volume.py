"""Masses of scanned products, from label and geometry alone, against what the products weigh."""

import json
from pathlib import Path

import numpy as np
import pytest
import trimesh
from tests.simready import shapes

from blueprint.pipeline.scene.categories import load_categories
from blueprint.pipeline.scene.corrections import Correction
from blueprint.pipeline.scene.meshes import TriangleMesh
from blueprint.pipeline.simready.hulls import hull_of
from blueprint.pipeline.simready.mass import masses_of
from blueprint.pipeline.simready.materials import choose_material, load_materials
from blueprint.pipeline.simready.solids import solid_of
from blueprint.pipeline.simready.volume import enclosed_volume


def estimate_kg(folder: Path, glb: Path, label: str, metres_per_unit: float) -> float:
    scanned = trimesh.load(glb, process=False, force="mesh")
    mesh = TriangleMesh(np.asarray(scanned.vertices) * metres_per_unit, np.asarray(scanned.faces, dtype=np.int32))
    category = load_categories().named_by(label)
    assert category is not None
    prop, entry = shapes.prop_of(folder, mesh, category), load_categories().of(category)
    nothing = Correction(object=prop.id)
    solid = solid_of([mesh])
    volume = enclosed_volume(solid, [] if solid.closed else [hull_of(solid.vertices_m)])
    choice = choose_material(prop, entry, nothing, load_materials(), ())
    return masses_of(prop, {"body": volume}, {"body": choice}, entry, nothing)["body"].mass_kg


@pytest.mark.shared
@pytest.mark.parametrize("scan", ["ycb_table", "kitchen_cabinet"])
def test_four_in_five_products_weigh_within_a_factor_two(shared_scans: Path, tmp_path: Path, scan: str) -> None:
    objects = json.loads((shared_scans / scan / "truth.json").read_text())["objects"]
    ratios = {
        name: estimate_kg(
            tmp_path,
            shared_scans / scan / "output" / "3D" / name / f"{name}.glb",
            truth["label"],
            truth["metres_per_canonical_unit"],
        )
        / truth["mass_kg"]
        for name, truth in objects.items()
        if "mass_kg" in truth
    }
    within = [name for name, ratio in ratios.items() if 0.5 <= ratio <= 2.0]
    assert len(ratios) >= 3
    assert len(within) / len(ratios) >= 0.8, ratios
