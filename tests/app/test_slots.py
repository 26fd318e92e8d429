"""How many workers a machine carries, and which devices each sees."""

import os
from pathlib import Path

import pytest

from blueprint.pipeline.app import slots
from blueprint.pipeline.app.slots import NoDevices, device_slots, usable_bytes, usable_cores, worker_count
from blueprint.pipeline.errors import RecipeError
from blueprint.pipeline.recipe import RunSettings, parse_recipe


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of eight cores and plenty of memory; its control group's files are in the folder."""
    monkeypatch.setattr(slots, "CGROUP", tmp_path)
    monkeypatch.setattr(slots, "NVIDIA", tmp_path / "gpus")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    monkeypatch.setattr(os, "sysconf", lambda name: {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 1 << 25}[name])
    return tmp_path


def test_what_is_asked_for_is_started(machine: Path) -> None:
    assert worker_count(RunSettings(workers=3)) == 3


@pytest.mark.parametrize(("each", "expected"), [(1, 8), (2, 4), (3, 2), (16, 1)])
def test_one_worker_for_its_share_of_the_cores(machine: Path, each: int, expected: int) -> None:
    assert worker_count(RunSettings(cpus_per_worker=each)) == expected


@pytest.mark.parametrize(("text", "cores"), [("200000 100000", 2), ("50000 100000", 1), ("max 100000", 8), ("", 8)])
def test_a_containers_quota_counts(machine: Path, text: str, cores: int) -> None:
    (machine / "cpu.max").write_text(text)
    assert usable_cores() == cores


def test_memory_bounds_the_number_of_workers(machine: Path) -> None:
    (machine / "memory.max").write_text("4000000000\n")
    assert usable_bytes() == 4_000_000_000
    assert worker_count(RunSettings()) == 2
    (machine / "memory.max").write_text("max")
    assert worker_count(RunSettings()) == 8


@pytest.mark.parametrize(
    ("share", "devices", "expected"),
    [
        (0, "0,1", ()),
        (1, "0,1", ("0", "1")),
        (0.5, "0,1", ("0", "0", "1", "1")),
        (2, "4,5,6,7", ("4,5", "6,7")),
        (2, "GPU-a,GPU-b,GPU-c", ("GPU-a,GPU-b",)),
        (4, "0,1", ("0,1",)),
    ],
)
def test_devices_are_given_in_turn(machine: Path, share: float, devices: str, expected: tuple[str, ...]) -> None:
    assert device_slots(RunSettings(gpus_per_worker=share), {"CUDA_VISIBLE_DEVICES": devices}) == expected


def test_devices_are_counted_where_none_are_named(machine: Path) -> None:
    for name in ("0000:01:00.0", "0000:02:00.0"):
        (machine / "gpus" / name).mkdir(parents=True)
    assert device_slots(RunSettings(gpus_per_worker=1), {}) == ("0", "1")


@pytest.mark.parametrize("environment", [{}, {"CUDA_VISIBLE_DEVICES": ""}, {"CUDA_VISIBLE_DEVICES": "-1"}])
def test_no_device_is_refused_with_what_to_do(machine: Path, environment: dict[str, str]) -> None:
    with pytest.raises(
        NoDevices, match=r"run\.gpus_per_worker is 1, and this machine shows no CUDA device; set it to 0"
    ):
        device_slots(RunSettings(gpus_per_worker=1), environment)


@pytest.mark.parametrize(
    ("run", "fault"),
    [
        ({"ray_address": "10.0.0.1:6379"}, "run.ray_address is set and run.executor is 'processes'"),
        ({"executor": "ray", "ray_address": "http://10.0.0.1/"}, r"run\.ray_address"),
        ({"executor": "ray", "ray_address": "10.0.0.1"}, r"run\.ray_address"),
        ({"gpus_per_worker": 1.5}, "run.gpus_per_worker above 1 must be a whole number"),
        ({"cpus_per_worker": 0}, r"run\.cpus_per_worker"),
    ],
)
def test_settings_that_cannot_be_carried_out_are_refused(run: dict[str, object], fault: str) -> None:
    with pytest.raises(RecipeError, match=fault):
        parse_recipe({"run": run}, "recipe")


@pytest.mark.parametrize("address", ["auto", "10.0.0.1:6379", "ray://head.example:10001", "[::1]:6379"])
def test_addresses_of_clusters_are_taken(address: str) -> None:
    recipe = parse_recipe({"run": {"executor": "ray", "ray_address": address}}, "recipe")
    assert recipe.run.ray_address == address
