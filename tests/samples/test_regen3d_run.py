import json
import re
from pathlib import Path

import cv2
import numpy as np
import pytest
import trimesh
from scipy.spatial import cKDTree

from blueprint.pipeline.engine.digests import digest_files
from blueprint.pipeline.resources import resource_path
from blueprint.pipeline.samples import write_sample_scan
from blueprint.pipeline.samples.environment import Environment
from blueprint.pipeline.samples.regen3d_run import object_key

KEY = re.compile(r"^(?P<label>.+)__\((?P<cx>\d+), (?P<cy>\d+)\)$")


def stems(folder: Path, suffix: str) -> set[str]:
    return {path.stem for path in folder.glob(f"*{suffix}")}


def test_the_layout_is_that_of_a_run(run_folder: Path, kitchen: Environment) -> None:
    output = run_folder / "output"
    posed = stems(output / "glb", ".glb")
    fitted = sum(item.fitted for item in kitchen.items)
    assert len(posed) == fitted
    assert all(KEY.match(key) for key in posed)
    assert all((output / "3D" / key / f"{key}.glb").is_file() for key in posed)
    assert all((output / "pointclouds" / f"{key}.ply").is_file() for key in posed)
    seen = stems(output / "findings" / "fullSize", ".png")
    assert seen == stems(output / "masks", ".png") == stems(output / "findings" / "cropped", ".png")
    lost = {KEY.match(key)["label"] for key in seen - posed}
    assert lost == {"plant", "floor", "wall"}
    assert len([key for key in posed if key.startswith("cabinet__")]) == 2
    (predicted,) = (run_folder / "particulate").iterdir()
    assert predicted.name in posed


def test_a_key_is_the_label_and_the_middle_of_the_box() -> None:
    mask = np.zeros((50, 90), dtype=bool)
    mask[10:21, 30:61] = True
    assert object_key("cutting board", mask) == "cutting_board__(45, 15)"


def test_masks_and_cut_outs_agree(run_folder: Path) -> None:
    photo = cv2.imread(str(run_folder / "tmp" / "converted_from_webp.png"))
    for path in (run_folder / "output" / "findings" / "fullSize").iterdir():
        cut_out = cv2.imread(str(path))
        shown = (cut_out != 255).any(axis=2)
        mask = cv2.imread(str(run_folder / "output" / "masks" / path.name), cv2.IMREAD_UNCHANGED)
        assert set(np.unique(mask)) == {0, 255}
        assert shown[mask > 0].all()
        assert 0 < (mask > 0).sum() < shown.sum()
        np.testing.assert_array_equal(cut_out[shown], photo[shown])
        columns, rows = np.flatnonzero(shown.any(axis=0)), np.flatnonzero(shown.any(axis=1))
        found = KEY.match(path.stem)
        assert found is not None
        assert abs((columns[0] + columns[-1]) / 2 - int(found["cx"])) <= 1
        assert abs((rows[0] + rows[-1]) / 2 - int(found["cy"])) <= 1


def test_the_plane_is_flat_regular_and_upright_within_a_fifth_of_a_degree(run_folder: Path) -> None:
    plane = np.asarray(trimesh.load(run_folder / "output" / "pointclouds" / "PLANE_SAMPLED.ply").vertices)
    assert plane.shape == (10_000, 3)
    _, spread, axes = np.linalg.svd(plane - plane.mean(axis=0), full_matrices=False)
    assert spread[2] / spread[0] < 1e-6
    gravity = json.loads((run_folder / "truth.json").read_text(encoding="utf-8"))["gravity_camera"]
    off_deg = np.degrees(np.arccos(min(1.0, abs(float(axes[2] @ gravity)))))
    assert off_deg < 0.2
    assert plane[:, 1].max() < 0.5


def test_clouds_lie_on_their_meshes(run_folder: Path) -> None:
    output = run_folder / "output"
    for key in stems(output / "glb", ".glb"):
        (mesh,) = trimesh.load_scene(output / "glb" / f"{key}.glb", process=False).geometry.values()
        cloud = np.asarray(trimesh.load(output / "pointclouds" / f"{key}.ply").vertices)
        assert len(cloud) > 500
        away = trimesh.proximity.closest_point(mesh, cloud[:60])[1]
        assert np.median(away) < 0.01
        assert away.max() < 0.04


def test_the_camera_file_agrees_with_the_truth(run_folder: Path) -> None:
    with np.load(run_folder / "output" / "pre_3D" / "camera.npz", allow_pickle=False) as camera:
        assert camera["image_size"].tolist() == [1024, 768]
        assert camera["extrinsic"].shape == (4, 4)
        width_px = 2.0 * camera["focal"] * np.tan(camera["camera_angle_x"] / 2.0)
    assert float(width_px) == pytest.approx(1024.0, rel=1e-5)


def test_the_same_seed_gives_the_same_bytes(run_folder: Path, tmp_path: Path) -> None:
    write_sample_scan("kitchen", tmp_path / "again", seed=0)
    assert digest_files(tmp_path / "again") == digest_files(run_folder)


def test_another_seed_gives_another_scan(run_folder: Path, tmp_path: Path) -> None:
    write_sample_scan("kitchen", tmp_path / "other", seed=1)
    one, other = (
        json.loads((folder / "truth.json").read_text(encoding="utf-8")) for folder in (run_folder, tmp_path / "other")
    )
    assert one["objects"].keys() != other["objects"].keys()
    assert one["camera"] == other["camera"]


def test_the_sample_is_small(run_folder: Path) -> None:
    assert sum(path.stat().st_size for path in run_folder.rglob("*") if path.is_file()) < 5_000_000


# The shipped copy may come from another processor, where pixels on an edge round to the other side.
def shipped() -> Path:
    return resource_path("data", "scans/kitchen")


def test_the_shipped_files_are_those_that_are_written(run_folder: Path) -> None:
    assert digest_files(shipped()).keys() == digest_files(run_folder).keys()
    for name in ("README.md",):
        assert (shipped() / name).read_bytes() == (run_folder / name).read_bytes()


def test_the_shipped_truth_is_what_is_written(run_folder: Path) -> None:
    ours, written = (
        json.loads((folder / "truth.json").read_text(encoding="utf-8")) for folder in (shipped(), run_folder)
    )

    def compare(a: object, b: object) -> None:
        if isinstance(a, dict) and isinstance(b, dict):
            assert a.keys() == b.keys()
            for name in a:
                compare(a[name], b[name])
        elif isinstance(a, list) and isinstance(b, list):
            assert len(a) == len(b)
            for left, right in zip(a, b, strict=True):
                compare(left, right)
        else:
            assert a == (pytest.approx(b, abs=1e-8) if isinstance(b, float) else b)

    compare(ours, written)


def test_the_shipped_meshes_are_those_that_are_written(run_folder: Path) -> None:
    for path in sorted(shipped().rglob("*.glb")):
        ours, written = (
            next(iter(trimesh.load_scene(file, process=False).geometry.values()))
            for file in (path, run_folder / path.relative_to(shipped()))
        )
        np.testing.assert_array_equal(ours.faces, written.faces)
        np.testing.assert_allclose(ours.vertices, written.vertices, atol=1e-6)
        np.testing.assert_allclose(ours.visual.uv, written.visual.uv, atol=1e-6)
        ours_rgb, written_rgb = (np.asarray(m.visual.material.baseColorTexture, int) for m in (ours, written))
        assert np.abs(ours_rgb - written_rgb).max() <= 4


def test_the_shipped_pictures_are_those_that_are_written(run_folder: Path) -> None:
    for path in sorted(shipped().rglob("*.png")):
        ours, written = (
            cv2.imread(str(file), cv2.IMREAD_UNCHANGED).astype(int)
            for file in (path, run_folder / path.relative_to(shipped()))
        )
        assert ours.shape == written.shape
        assert (np.abs(ours - written) > 2).mean() < 0.002, path.name


def test_the_shipped_clouds_are_those_that_are_written(run_folder: Path) -> None:
    for path in sorted(shipped().rglob("*.ply")):
        ours, written = (
            np.asarray(trimesh.load(file).vertices) for file in (path, run_folder / path.relative_to(shipped()))
        )
        assert abs(len(ours) - len(written)) <= 5
        assert (cKDTree(written).query(ours)[0] < 2e-3).mean() > 0.98, path.name


def test_the_shipped_arrays_are_those_that_are_written(run_folder: Path) -> None:
    for path in sorted(shipped().rglob("*.npz")):
        with np.load(path, allow_pickle=False) as ours, np.load(run_folder / path.relative_to(shipped())) as written:
            assert set(ours) == set(written)
            for name in ours:
                np.testing.assert_allclose(ours[name], written[name], atol=1e-6)


def test_the_shipped_prediction_is_what_is_written(run_folder: Path) -> None:
    for path in sorted(shipped().rglob("*.obj")):
        ours, written = (
            trimesh.load_mesh(file, process=False, maintain_order=True)
            for file in (path, run_folder / path.relative_to(shipped()))
        )
        np.testing.assert_allclose(ours.vertices[ours.faces], written.vertices[written.faces], atol=1e-6)
