"""The parent of the PhysX child, with a child that speaks the same words and computes nothing."""

import json
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from blueprint.pipeline.errors import MissingTool, UnknownName
from blueprint.pipeline.scene.edits import MoveProp, SetMass
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.sims import physx
from blueprint.pipeline.sims.physx import NotInTrials, PhysxFailed, PhysxSim, physx_version
from blueprint.pipeline.sims.protocols import SceneFiles

STAND_IN = """
import json, sys, time
faults, journal, maps = json.loads(FACTS)
for line in sys.stdin:
    request = json.loads(line)
    open(journal, "a").write(line)
    what = request["do"]
    if what in faults:
        fault = faults[what]
        if fault == "die":
            sys.stderr.write("a library broke\\n")
            sys.exit(3)
        if fault == "sleep":
            time.sleep(60)
        if fault == "refuse":
            print(json.dumps({"error": "RuntimeError: not so"}), flush=True)
            continue
    result = None
    if what == "open":
        result = {"version": "0.7.0", **{k: maps[k] for k in ("bodies", "links", "joints")}}
        if faults.get("open") == "forget":
            result["joints"] = []
    if what == "observe":
        number = float("nan") if faults.get("observe") == "nan" else 2.0
        rest = [0.0, 0.0, 0.0, 1.0, 2.0, 0.0, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
        result = {
            "bodies": {path: [number, *rest[1:]] for path in [*maps["bodies"], *maps["links"]]},
            "joints": {path: [90.0, 180.0] for path in maps["joints"]},
        }
    print(json.dumps({"result": result}), flush=True)
"""


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """An interpreter in an environment that says it has ovphysx."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "lib" / "python3.12" / "site-packages" / "ovphysx-0.7.0.7.dist-info").mkdir(parents=True)
    return tmp_path / "bin" / "python"


@pytest.fixture
def child(tmp_path: Path, scene_files: SceneFiles, monkeypatch: pytest.MonkeyPatch):
    """Return a function that puts a stand-in with given faults in the child's place."""
    journal = tmp_path / "journal"

    def place(**faults: str) -> Path:
        maps = json.loads((scene_files.model_folder / "model.json").read_text())
        free = {joint["body"] for joint in maps["free_joints"]}
        moving = [body for body in maps["bodies"] if not body["fixed"]]
        known = {
            "bodies": [body["prim_path"] for body in moving if body["name"] in free],
            "links": [body["prim_path"] for body in moving if body["name"] not in free],
            "joints": [joint["prim_path"] for joint in maps["joints"]],
        }
        script = tmp_path / "child.py"
        script.write_text(f"FACTS = {json.dumps([faults, str(journal), known])!r}\n{STAND_IN}")
        monkeypatch.setattr(physx, "CHILD", script)
        return journal

    return place


def test_motion_comes_back_in_si_units_and_our_order(scene_files: SceneFiles, python: Path, child) -> None:
    child()
    with closing(PhysxSim(scene_files, python)) as sim:
        sim.reset()
        sim.step(24)
        seen = sim.observe()
    assert seen.time_s == pytest.approx(0.1)
    assert sim.version == "0.7.0"
    kinds = [joint.kind for joint in sim.maps.joints]
    wanted = [np.pi / 2 if kind == "revolute" else 90.0 for kind in kinds]
    assert seen.joint_position == pytest.approx(wanted)
    moving, still = sim.body_names.index("box/body"), sim.body_names.index("table/top")
    assert seen.body_position_m[moving].tolist() == [2.0, 0.0, 0.0]
    assert seen.body_quat_wxyz[moving].tolist() == pytest.approx([5**-0.5, 2 * 5**-0.5, 0.0, 0.0])
    assert seen.body_velocity_m_s[moving].tolist() == [0.1, 0.2, 0.3]
    assert seen.body_position_m[still].tolist() == list(sim.maps.body("table/top").T_world_body.position_m)
    assert seen.body_spin_rad_s[still].tolist() == [0.0, 0.0, 0.0]


def test_loads_and_poses_reach_the_child_by_prim_path(scene_files: SceneFiles, python: Path, child) -> None:
    journal = child()
    with closing(PhysxSim(scene_files, python)) as sim:
        sim.reset([MoveProp("box", Pose((1.0, 2.0, 3.0)), "for a test")])
        sim.set_force("box/body", (1.0, 0.0, 2.0))
        sim.set_effort("cabinet/slide", 20.0)
        sim.step(3)
    told = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [request["do"] for request in told] == ["open", "reset", "load_body", "load_joint", "step"]
    assert told[1]["bodies"] == {"/World/props/box/body": [1.0, 2.0, 3.0, 1.0, 0.0, 0.0, 0.0]}
    assert told[2] == {"do": "load_body", "path": "/World/props/box/body", "force": [1.0, 0.0, 2.0]}
    assert told[3] == {"do": "load_joint", "path": "/World/props/cabinet/slide", "effort": 20.0}


def test_what_cannot_be_done_is_refused_by_name(scene_files: SceneFiles, python: Path, child) -> None:
    child()
    with closing(PhysxSim(scene_files, python)) as sim:
        with pytest.raises(UnknownName, match="unknown moving link 'table/top'"):
            sim.set_force("table/top", (1.0, 0.0, 0.0))
        with pytest.raises(UnknownName, match="unknown joint 'cabinet/lid'"):
            sim.set_effort("cabinet/lid", 1.0)
        with pytest.raises(NotInTrials, match="'cabinet' does not move freely"):
            sim.reset([MoveProp("cabinet", Pose(), "for a test")])
        heavy = SetMass("box", "body", 1.0, (0, 0, 0), (1, 1, 1), (1, 0, 0, 0), "for a test")
        with pytest.raises(NotInTrials, match="edit 'set_mass' cannot be applied in PhysX"):
            sim.reset([heavy])


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ({"open": "die"}, r"open: its process ended with code 3: a library broke"),
        ({"open": "forget"}, r"it does not know /World/robot/"),
        ({"step": "die"}, r"step: its process ended with code 3: a library broke"),
        ({"step": "refuse"}, r"step: RuntimeError: not so"),
        ({"observe": "nan"}, r"a pose is not finite 0\.004 s after the start"),
    ],
)
def test_a_child_that_fails_is_a_typed_error(
    scene_files: SceneFiles, python: Path, child, faults: dict[str, str], said: str
) -> None:
    child(**faults)
    with pytest.raises(PhysxFailed, match=said):
        _run(scene_files, python)


def test_a_child_that_hangs_is_given_up(
    scene_files: SceneFiles, python: Path, child, monkeypatch: pytest.MonkeyPatch
) -> None:
    child(step="sleep")
    monkeypatch.setattr(physx, "REPLY_DEADLINE_S", 0.5)
    with pytest.raises(PhysxFailed, match="step: no answer in time"):
        _run(scene_files, python)


def test_without_ovphysx_it_is_not_installed(scene_files: SceneFiles, python: Path) -> None:
    assert physx_version(python) == "0.7.0.7"
    assert physx_version(None) == ""
    assert physx_version(Path(sys.executable)) == ""
    with pytest.raises(MissingTool, match=r"the PhysX engine needs ovphysx, which is not installed.*NVIDIA's terms"):
        PhysxSim(scene_files, Path(sys.executable))


def _run(files: SceneFiles, python: Path) -> None:
    with closing(PhysxSim(files, python)) as sim:
        sim.step()
        sim.observe()
