"""Rounds of settling; physics is a double here, tests/assemble/test_stage.py has the real one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.assemble.kitchenette_records import drain
from tests.usd.kitchenette import kitchenette, kitchenette_scan
from tests.usd.kitchenette_scene import kitchenette_parts

from blueprint.pipeline.assemble import rest
from blueprint.pipeline.assemble.cameras import CameraSettings
from blueprint.pipeline.assemble.composition import Studio
from blueprint.pipeline.assemble.lights import LightSettings
from blueprint.pipeline.assemble.rest import Settled, measure_relations, put_down_all, settle_all, settle_checks
from blueprint.pipeline.assemble.settle import Rest, SettleSettings
from blueprint.pipeline.errors import NothingUsable
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.relations import ROOM, Relation, supported_by
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.sims.newton_mujoco.sim import SimulationDiverged
from blueprint.pipeline.sims.protocols import SceneFiles

Moves = dict[str, Pose]
Settle = Callable[[str, SceneFiles, float], tuple[dict[str, Rest], dict[str, float]]]


def physics(*script: Moves | Exception, rounds: list[list[str]] | None = None) -> Settle:
    """Return a stand-in for the simulator; per round the script says which props go where, or what is raised."""
    answers = iter(script)

    def settle(_: str, files: SceneFiles, __: float) -> tuple[dict[str, Rest], dict[str, float]]:
        props = {entry.prop.id: entry.prop.T_world_prop for entry in files.manifest.props if entry.movable}
        if rounds is not None:
            rounds.append(list(props))
        moves = next(answers)
        if isinstance(moves, Exception):
            raise moves
        return {name: Rest(pose, moves.get(name, Pose()) @ pose, 0.0) for name, pose in props.items()}, {}

    return settle


def settled_with(settle: Settle, folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: object) -> Settled:
    """Settle the kitchenette with a stand-in."""
    monkeypatch.setattr(rest, "settle", settle)
    monkeypatch.setattr(rest, "compile_scene", lambda *_: None)
    parts = kitchenette_parts(folder / "payloads")
    scan = kitchenette_scan(kitchenette(folder / "payloads"))
    studio = Studio(scan, folder / "payloads", load_robot("franka_panda"), CameraSettings(), LightSettings())
    wanted = SettleSettings.model_validate(settings)
    return drain(settle_all(folder, studio, put_down_all(parts, scan.relations, 0.03), (), wanted))[0]


FELL = Pose((0.0, 0.0, -0.7))
THROWN = Pose((3.0, 0.0, 1.0))
DIVERGED = SimulationDiverged("scene", 0.1, "ell/body", float("inf"))


def test_props_are_left_out_until_the_rest_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[list[str]] = []
    script = physics({"can": THROWN, "ell": FELL}, {"ell": FELL}, {}, rounds=rounds)
    settled = settled_with(script, tmp_path, monkeypatch)
    assert rounds == [
        ["cracker_box", "tea_box", "can", "ell"],
        ["cracker_box", "tea_box", "ell"],
        ["cracker_box", "tea_box"],
    ]
    assert [entry.id for entry in settled.left_out] == ["can", "ell"]
    assert "can was thrown while the scene settled" in settled.left_out[0].reason
    assert {move.prop for move in settled.placement} == {"table", "cabinet", "cracker_box", "tea_box"}
    assert all(check.passed for check in settle_checks(settled, SettleSettings()))


def test_a_prop_that_makes_physics_diverge_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settled = settled_with(physics(DIVERGED, {}), tmp_path, monkeypatch)
    assert [entry.id for entry in settled.left_out] == ["ell"]
    assert "ell/body moves at inf" in settled.left_out[0].reason


@pytest.mark.parametrize("settings", [{"on_failure": "fail"}, {"rounds": 1}])
def test_divergence_that_may_not_be_left_out_is_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, object]
) -> None:
    with pytest.raises(SimulationDiverged):
        settled_with(physics(DIVERGED), tmp_path, monkeypatch, **settings)


@pytest.mark.parametrize("settings", [{"on_failure": "fail"}, {"rounds": 1}])
def test_failures_that_stay_fail_a_blocking_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, object]
) -> None:
    settled = settled_with(physics({"can": FELL}), tmp_path, monkeypatch, **settings)
    check = next(check for check in settle_checks(settled, SettleSettings()) if not check.passed)
    assert check.blocking
    assert check.value == 1
    assert "can fell through its support" in check.why


def test_a_scene_in_which_nothing_stands_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("cracker_box", "tea_box", "can", "ell")
    with pytest.raises(NothingUsable, match="no usable movable object is left") as caught:
        settled_with(physics(dict.fromkeys(names, FELL)), tmp_path, monkeypatch)
    assert [reason.split(":")[0] for reason in caught.value.reasons] == list(names)


def test_a_stack_is_put_down_from_below_and_each_follows_what_carries_it(tmp_path: Path) -> None:
    """The table's top is at 0.74 m; the cracker box floats 5 mm above it, is 0.2 m high, and carries the tea box."""
    parts = dict(kitchenette_parts(tmp_path))
    x, y, _ = parts["cracker_box"].T_world_prop.position_m
    parts["cracker_box"] = parts["cracker_box"].at(Pose.from_yaw((x, y, 0.745), 0.6))
    parts["tea_box"] = parts["tea_box"].at(Pose.from_yaw((x, y, 0.947), 0.1))
    relations = measure_relations(parts, ())
    held = supported_by(relations, "tea_box")
    assert held is not None
    assert (held.object, held.gap_m) == ("cracker_box", pytest.approx(0.002, abs=1e-6))
    placed = put_down_all(parts, relations, 0.03)
    assert placed.parts["cracker_box"].T_world_prop.position_m[2] == pytest.approx(0.74)
    assert placed.parts["tea_box"].T_world_prop.position_m[2] == pytest.approx(0.94, abs=1e-6)
    assert [placed.standings[name].carrier for name in ("cracker_box", "tea_box")] == ["table/top", "cracker_box"]
    assert placed.standings["tea_box"].foot.prop == "table"
    assert [move.prop for move in placed.moves] == list(parts)
    assert not placed.floating


def test_what_hangs_stays_where_it_was_seen(tmp_path: Path) -> None:
    parts = dict(kitchenette_parts(tmp_path))
    cupboard = parts["cabinet"].at(Pose((1.3, 1.5, 1.4)))
    parts["cabinet"] = cupboard
    relations = (Relation("against", "cabinet", ROOM, 0.003, 1.0, "wall_1", "its back is 3 mm from wall_1"),)
    placed = put_down_all(parts, relations, 0.03)
    assert placed.parts["cabinet"].T_world_prop == cupboard.T_world_prop
    move = next(move for move in placed.moves if move.prop == "cabinet")
    assert "hangs on wall_1" in move.why


def test_a_stack_of_three_stands_in_physics(tmp_path: Path) -> None:
    """The boxes float a few millimetres above one another, as scans have them."""
    parts = dict(kitchenette_parts(tmp_path / "payloads"))
    x, y, _ = parts["cracker_box"].T_world_prop.position_m
    heights = {"cracker_box": 0.743, "tea_box": 0.948, "can": 1.016}
    for name, height in heights.items():
        parts[name] = parts[name].at(Pose.from_yaw((x, y, height), 0.6))
    studio = Studio(
        kitchenette_scan(kitchenette(tmp_path / "payloads")), tmp_path / "payloads", load_robot("franka_panda"),
        CameraSettings(), LightSettings(),
    )  # fmt: skip
    placed = put_down_all(parts, measure_relations(parts, ()), 0.03)
    settled = drain(settle_all(tmp_path / "work", studio, placed, (), SettleSettings(duration_s=1.0)))[0]
    assert {verdict.outcome for verdict in settled.report.props} == {"at rest"}
    assert max(verdict.drift_m for verdict in settled.report.props) < 0.005
    found = {prop: supported_by(measure_relations(settled.parts, ()), prop) for prop in heights}
    carriers = {prop: held.object for prop, held in found.items() if held is not None}
    assert carriers == {"cracker_box": "table", "tea_box": "cracker_box", "can": "tea_box"}
    assert all(held is not None and abs(held.gap_m) < 0.001 for held in found.values())
