"""What a child process may see of this one's environment: never a secret."""

from collections.abc import Mapping

from blueprint.pipeline.services.secrets import PREFIX

ONE_THREAD = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
"""Parallel work is divided by process; one thread each keeps sums in one order and payloads byte-identical."""


def worker_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a worker: this process's without its secrets, and one thread per library."""
    kept = {name: value for name, value in environment.items() if not name.startswith(PREFIX)}
    return {**kept, **ONE_THREAD, "PYTHONUNBUFFERED": "1"}
