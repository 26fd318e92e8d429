"""The examples on the page about scans are read as the page says."""

import re
from pathlib import Path

import numpy as np

from blueprint.pipeline.formats.poses_file import read_poses
from blueprint.pipeline.formats.table import FORMATS


def examples(repository: Path) -> dict[str, str]:
    """Return the three notations of the poses file."""
    page = (repository / "docs/scans.md").read_text()
    blocks = re.findall(r"```(\w+)\n(.*?)```", page, flags=re.DOTALL)
    found = {kind: text for kind, text in blocks if "metres_per_unit" in text}
    return {"json": found["json"], "yaml": found["yaml"], "csv": found["text"]}


def test_the_three_notations_of_a_pose_agree(tmp_path: Path, repository: Path) -> None:
    for suffix, text in examples(repository).items():
        path = tmp_path / f"poses.{suffix}"
        path.write_text(text)
        poses = read_poses(path)
        assert (poses.up, poses.metres_per_unit, poses.faults) == ((0, 0, 1), 0.001, {})
        mug = poses.of["mug"]
        assert mug.label == "coffee mug"
        np.testing.assert_allclose(mug.T_scan_mesh[:3, 3], (120, -40, 740))
        np.testing.assert_allclose(mug.T_scan_mesh[:3, :3], np.eye(3))


def test_every_format_is_on_the_page(repository: Path) -> None:
    page = (repository / "docs/scans.md").read_text()
    assert [name for name in FORMATS if f"\n## `{name}`" not in page] == []
