"""Let workers read many damaged scans, and count how each reading ended."""

import json
import os
import selectors
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

from .mutations import mutate
from .seeds import write_seeds
from .worker import CHILD

HANG_S = 10.0
MEMORY_BYTES = 2 << 30
_START_S = 60.0
_CASES_PER_WORKER = 1500


@dataclass
class Tally:
    """How readings ended; what should never happen comes with the case that made it happen."""

    cases: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    by_format: dict[str, Counter[str]] = field(default_factory=dict)
    child_deaths: Counter[str] = field(default_factory=Counter)
    native_crashes: int = 0
    peak_bytes: int = 0
    seconds_longest: float = 0.0
    findings: list[dict[str, Any]] = field(default_factory=list)

    def add(self, name: str, kind: str) -> None:
        """Count one ending."""
        self.cases += 1
        self.ended[kind] += 1
        self.by_format.setdefault(name, Counter())[kind] += 1

    def summary(self) -> dict[str, Any]:
        """Return the figures in plain types."""
        kinds = Counter(finding["kind"] for finding in self.findings)
        return {
            "cases": self.cases,
            "read": self.ended["read"] + self.ended["read with remarks"],
            "read_with_remarks": self.ended["read with remarks"],
            "typed_errors": self.ended["refused"] + self.ended["objects refused"],
            "child_deaths": sum(self.child_deaths.values()),
            "child_crashes_below_python": self.native_crashes,
            "product_crashes": kinds["crash"],
            "hangs": kinds["hang"],
            "over_memory": kinds["memory"],
            "peak_memory_mib": self.peak_bytes >> 20,
            "longest_s": round(self.seconds_longest, 2),
            "by_format": {name: dict(sorted(kinds.items())) for name, kinds in sorted(self.by_format.items())},
            "child_deaths_by_kind": dict(self.child_deaths.most_common(20)),
            "findings": self.findings[:50],
        }


class Worker:
    """One reading process; a reading that does not end is killed."""

    def __init__(self, *, real: bool = False) -> None:
        command = [sys.executable, "-m", "fuzzing.worker", *(["--real"] if real else [])]
        tools = str(Path(__file__).parents[1])
        environment = {**os.environ, "PYTHONPATH": tools, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
        )
        self._rest = b""
        self.cases = 0

    def read(self, name: str, folder: Path, limit_s: float) -> dict[str, Any]:
        """Return the worker's answer, or that it hung or ended below Python, and in which part."""
        assert self._process.stdin is not None
        # The first answer also waits for the libraries to load.
        deadline = monotonic() + limit_s + (_START_S if self.cases == 0 else 0.0)
        self.cases += 1
        self._process.stdin.write(f"{name}\t{folder}\n".encode())
        self._process.stdin.flush()
        part = ""
        while True:
            line = self._line(deadline)
            if line is None:
                self.end()
                return {"kind": "hang", "detail": part}
            if not line:
                self.end()
                return {"kind": "ended", "detail": part, "code": self._process.returncode}
            if line.startswith(b"{"):
                return json.loads(line)
            part = line.decode().strip()

    def _line(self, deadline: float) -> bytes | None:
        """Return the next line, an empty one at the end of the stream, or None at the deadline."""
        stream = self._process.stdout
        assert stream is not None
        with selectors.DefaultSelector() as selector:
            selector.register(stream, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                if not selector.select(max(deadline - monotonic(), 0.0)):
                    return None
                chunk = os.read(stream.fileno(), 1 << 16)
                if not chunk:
                    return b""
                self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        return line + b"\n"

    def end(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()


@dataclass(frozen=True)
class Campaign:
    """What is damaged and where: seeds by name, the files of each that carry content, the scratch folder, the seed."""

    folder: Path
    seed: int
    seeds: dict[str, Path]
    targets: Sequence[tuple[str, Path]]

    def case_folder(self, number: int) -> tuple[str, Path]:
        """Write case `number`, the same for the same seed, and return its format and folder."""
        rng = np.random.default_rng([self.seed, number])
        name, path = self.targets[int(rng.integers(len(self.targets)))]
        _, donor = self.targets[int(rng.integers(len(self.targets)))]
        folder = self.folder / "cases" / str(number) / "scan"
        shutil.copytree(self.seeds[name], folder, copy_function=os.link)
        damaged = folder / path.relative_to(self.seeds[name])
        content = mutate(path.read_bytes(), path.suffix, donor.read_bytes(), rng)
        damaged.unlink()
        damaged.write_bytes(content)
        return name.partition("/")[0], folder


def plan(folder: Path, seed: int) -> Campaign:
    """Write the seeds into a new folder; every format and every kind of file gets the same share of the cases."""
    seeds = write_seeds(folder / "seeds")
    by_name = {name: sorted(path for path in place.rglob("*") if path.is_file()) for name, place in seeds.items()}
    most = max(map(len, by_name.values()))
    targets = [(name, paths[index % len(paths)]) for name, paths in by_name.items() for index in range(most)]
    return Campaign(folder, seed, seeds, targets)


def run(campaign: Campaign, cases: range, workers: int, keep: Path | None = None) -> Tally:
    """Read all cases and return how they ended; cases that should not end as they did are copied to `keep`."""
    tally = Tally()
    with ThreadPoolExecutor(workers) as pool:
        parts = [cases[start::workers] for start in range(workers)]
        for share in pool.map(lambda part: _run_part(campaign, part, keep), parts):
            _merge(tally, share)
    return tally


def _run_part(campaign: Campaign, cases: range, keep: Path | None) -> Tally:
    tally, worker = Tally(), Worker()
    try:
        for number in cases:
            name, folder = campaign.case_folder(number)
            started = monotonic()
            answer = worker.read(name, folder, HANG_S)
            tally.seconds_longest = max(tally.seconds_longest, monotonic() - started if worker.cases > 1 else 0.0)
            if answer["kind"] in ("hang", "ended") or worker.cases >= _CASES_PER_WORKER:
                worker.end()
                worker = Worker()
            _judge(tally, number, name, folder, answer, keep)
            shutil.rmtree(folder.parent)
    finally:
        worker.end()
    return tally


def _judge(tally: Tally, number: int, name: str, folder: Path, answer: dict[str, Any], keep: Path | None) -> None:
    kind = answer["kind"]
    tally.child_deaths.update(death.partition(":")[0] for death in answer.get("deaths", ()))
    tally.peak_bytes = max(tally.peak_bytes, answer.get("peak", 0))
    if kind == "ended" and answer["detail"] == CHILD:
        # The product's child would have died here; what the product makes of that is tried with the real child.
        tally.native_crashes += 1
        answer = _with_real_child(name, folder)
    elif kind == "hang":
        # A busy machine is no finding: it has to hang twice, the second time alone in its process.
        answer = _with_real_child(name, folder)
    kind = "crash" if answer["kind"] == "ended" else str(answer["kind"])
    found = "memory" if answer.get("peak", 0) > MEMORY_BYTES else kind
    tally.add(name, kind)
    if found in ("crash", "hang", "memory"):
        tally.findings.append({"kind": found, "case": number, "format": name, "detail": answer["detail"]})
        if keep is not None:
            shutil.copytree(folder, keep / str(number), dirs_exist_ok=True)


def _with_real_child(name: str, folder: Path) -> dict[str, Any]:
    worker = Worker(real=True)
    try:
        return worker.read(name, folder, HANG_S)
    finally:
        worker.end()


def _merge(into: Tally, share: Tally) -> None:
    into.cases += share.cases
    into.ended += share.ended
    for name, kinds in share.by_format.items():
        into.by_format[name] = into.by_format.get(name, Counter()) + kinds
    into.child_deaths += share.child_deaths
    into.native_crashes += share.native_crashes
    into.peak_bytes = max(into.peak_bytes, share.peak_bytes)
    into.seconds_longest = max(into.seconds_longest, share.seconds_longest)
    into.findings += share.findings
