"""How many workers a machine carries, and which graphics processors each of them sees."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from blueprint.pipeline.errors import InputError
from blueprint.pipeline.recipe import RunSettings

WORKER_BYTES = 1_500_000_000
"""What a worker with physics and cameras may take at most; a measure in benchmarks/ watches over it."""

CGROUP = Path("/sys/fs/cgroup")
NVIDIA = Path("/proc/driver/nvidia/gpus")
VISIBLE = "CUDA_VISIBLE_DEVICES"


class NoDevices(InputError):
    """Workers are to have graphics processors, and this machine shows none."""

    def __init__(self, wanted: float) -> None:
        super().__init__(
            f"run.gpus_per_worker is {wanted:g}, and this machine shows no CUDA device; set it to 0, or name devices "
            f"in {VISIBLE}"
        )


def worker_count(settings: RunSettings) -> int:
    """Return how many workers to start on this machine: what is asked for, or what its cores and memory carry."""
    if settings.workers:
        return settings.workers
    by_cores = usable_cores() // settings.cpus_per_worker
    return max(1, min(by_cores, usable_bytes() // WORKER_BYTES, 1024))


def usable_cores() -> int:
    """Return how many cores this process may use; a container's quota counts."""
    cores = len(os.sched_getaffinity(0))
    quota, _, period = _cgroup("cpu.max").partition(" ")
    if quota.isdigit() and period.isdigit():
        cores = min(cores, max(1, int(quota) // int(period)))
    return cores


def usable_bytes() -> int:
    """Return how much memory this process may use; a container's limit counts."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = _cgroup("memory.max")
    return min(total, int(limit)) if limit.isdigit() else total


def device_slots(settings: RunSettings, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the value of CUDA_VISIBLE_DEVICES for workers in turn, empty when they are to see what this process sees.

    Raises NoDevices.
    """
    share = settings.gpus_per_worker
    if share == 0:
        return ()
    devices = visible_devices(environment)
    if not devices:
        raise NoDevices(share)
    if share <= 1:
        sharing = max(1, int(1 / share))
        return tuple(device for device in devices for _ in range(sharing))
    return tuple(",".join(group) for group in _groups(devices, int(share)))


def visible_devices(environment: Mapping[str, str]) -> list[str]:
    """List the CUDA devices that this process may use."""
    if VISIBLE in environment:
        return [name for name in environment[VISIBLE].split(",") if name and name != "-1"]
    return [str(number) for number in range(len(list(NVIDIA.glob("*"))))]


def _groups(devices: Sequence[str], size: int) -> list[Sequence[str]]:
    """Divide devices into groups; what is left over, or all when they are too few, goes to one group."""
    whole = [devices[at : at + size] for at in range(0, len(devices) - size + 1, size)]
    return whole or [devices]


def _cgroup(name: str) -> str:
    try:
        return (CGROUP / name).read_text().strip()
    except OSError:
        return ""
