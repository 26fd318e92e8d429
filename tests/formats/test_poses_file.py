"""Poses files: the examples of the documentation agree, and anything else is read or refused by name."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.formats.poses_file import read_poses


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


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
poses = st.fixed_dictionaries(
    {},
    optional={
        "position": json_values | st.lists(st.floats(), min_size=3, max_size=3),
        "quat_wxyz": json_values | st.lists(st.floats(), min_size=4, max_size=4),
        "scale": json_values | st.floats(),
        "transform": json_values | st.lists(st.lists(st.floats(), min_size=4, max_size=4), min_size=4, max_size=4),
        "label": json_values,
    },
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(up=json_values | st.just("Z"), unit=json_values | st.just(1), objects=st.dictionaries(st.text(), poses))
def test_any_poses_are_read_or_refused_by_name(tmp_path: Path, up: Any, unit: Any, objects: dict[str, Any]) -> None:
    path = tmp_path / "poses.json"
    path.write_text(json.dumps({"up_axis": up, "metres_per_unit": unit, "objects": objects}))
    try:
        read = read_poses(path)
    except ScanError:
        return
    assert set(read.of) | set(read.faults) == set(objects)
    for pose in read.of.values():
        assert np.isfinite(pose.T_scan_mesh).all()
        assert abs(np.linalg.det(pose.T_scan_mesh[:3, :3])) > 0
    assert read.metres_per_unit is None or read.metres_per_unit > 0
