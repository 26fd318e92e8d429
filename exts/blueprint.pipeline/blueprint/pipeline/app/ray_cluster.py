"""Connect to a Ray cluster, or start one on this machine for the time of a run."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from blueprint.pipeline.app.messages import public_message
from blueprint.pipeline.app.ray_executor import RayExecutor
from blueprint.pipeline.app.slots import worker_count
from blueprint.pipeline.errors import InputError, MissingTool
from blueprint.pipeline.pipeline import STAGES
from blueprint.pipeline.recipe import RunSettings
from blueprint.pipeline.services.secrets import PREFIX

OBJECTS_BYTES = 512 << 20
"""Shared memory of a cluster started here; by default Ray takes a third of the machine's."""


class NoCluster(InputError):
    """The Ray cluster that was named does not answer."""

    def __init__(self, address: str, cause: str) -> None:
        super().__init__(
            f"run.ray_address {address!r}: no Ray cluster answers there ({cause}); start one with `ray start`"
        )


def open_ray(settings: RunSettings, logs: Path) -> RayExecutor:
    """Connect to a cluster, or start one here; raises MissingTool and NoCluster."""
    try:
        import ray
    except ModuleNotFoundError as error:
        raise MissingTool("ray", "run.executor 'ray'", "pip install 'blueprint-pipeline[ray]'") from error
    count = worker_count(settings)
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR, "include_dashboard": False}
    with _quiet_environment():
        if settings.ray_address:
            try:
                ray.init(settings.ray_address, log_to_driver=False, logging_level=logging.ERROR)
            except ConnectionError as error:
                raise NoCluster(settings.ray_address, public_message(error)) from error
        else:
            cores = count * settings.cpus_per_worker
            ray.init("local", num_cpus=cores, object_store_memory=OBJECTS_BYTES, **quiet)
    if settings.ray_address and not settings.workers:
        count = max(1, int(ray.cluster_resources().get("CPU", 1)) // settings.cpus_per_worker)
    return RayExecutor(settings, count, logs, STAGES)


@contextmanager
def _quiet_environment() -> Iterator[None]:
    """Let what Ray starts here report nothing to anyone and see no secret."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(PREFIX)}
    for name in kept:
        del os.environ[name]
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    try:
        yield
    finally:
        os.environ.update(kept)
