"""Rerun's own reader against the recorded states. Arguments: dataset root, the interpreter that has Rerun.

The product writes the recording there, with our packages beside Rerun; what Rerun then reads, without any of ours, is
compared with the states of the episode as HDF5 holds them.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
from verdict import Verdict

DEADLINE_S = 600
WRITE = "import sys; from blueprint.pipeline.cli import main; sys.exit(main(sys.argv[1:]))"
READ = """
import json, sys
import numpy as np
from rerun.chunk import RrdReader

rows, entities = {}, {}
for chunk in RrdReader(sys.argv[1]).stream():
    name = chunk.entity_path.lstrip("/")
    batch = chunk.to_record_batch()
    entities.setdefault(name, []).extend(batch.schema.names)
    for column in ("Transform3D:translation", "Scalars:scalars", "TextLog:text"):
        if column in batch.schema.names and "frame" in batch.schema.names:
            values = [value[0] for value in batch.column(column).to_pylist()]
            frames = batch.column("frame").to_pylist()
            rows.setdefault(f"{name} {column.partition(':')[2]}", []).extend(zip(frames, values))
json.dump({"rows": rows, "entities": {name: sorted(set(names)) for name, names in entities.items()}}, sys.stdout)
"""


def main(root: Path, foreign: str) -> int:
    """Write the first episode, read it abroad and compare."""
    verdict = Verdict()
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "episode.rrd"
        command = [foreign, "-c", WRITE, "show", f"{root}:0", "--rerun", str(target)]
        ours = {**os.environ, "PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
        subprocess.run(command, check=True, timeout=DEADLINE_S, env=ours, stdout=subprocess.DEVNULL)
        read = subprocess.run([foreign, "-c", READ, str(target)], check=True, timeout=DEADLINE_S, capture_output=True)
    found = json.loads(read.stdout)
    with h5py.File(root / "sources/episodes/episode_000000/states.h5") as file:
        _compare(verdict, found, file["blueprint"])
    return verdict.exit_code()


def _compare(verdict: Verdict, found: dict, states: h5py.Group) -> None:
    frames, rows = states["frames"], found["rows"]
    names = json.loads(states.attrs["body_names"])
    position = frames["body_position_m"][()]
    apart = [
        np.abs(_values(rows[f"world/bodies/{name} translation"]) - position[:, row]).max()
        for row, name in enumerate(names[: position.shape[1]])
    ]
    verdict.at_most(f"positions of {len(apart)} links over {len(position)} frames", max(apart), 1e-5, "m")
    for camera in json.loads(states.attrs["camera_names"]):
        entity = f"world/cameras/{camera}"
        placed = _values(rows[f"{entity} translation"])
        gap = np.abs(placed - frames[f"camera/{camera}/position_m"][()]).max()
        verdict.at_most(f"positions of camera {camera}", gap, 1e-5, "m")
        verdict.equal(f"lens of camera {camera}", "Pinhole:image_from_camera" in found["entities"][entity], True)
        video = found["entities"].get(f"{entity}/rgb", [])
        verdict.equal(f"pictures of camera {camera}", "VideoFrameReference:timestamp" in video, True)
    height = _values(rows["plots/tool_and_gripper/height_of_tool_and_object/tool scalars"])
    verdict.at_most("height of the tool as a scalar", np.abs(height - frames["tcp_position_m"][:, 2]).max(), 1e-9, "m")
    texts = [text for _, text in rows["events text"]]
    verdict.equal("the last event says how it ended", texts[-1].startswith("succeeded"), True)


def _values(rows: list) -> np.ndarray:
    """Return the values in the order of their frames."""
    return np.array([value for _, value in sorted(rows, key=lambda row: row[0])])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
