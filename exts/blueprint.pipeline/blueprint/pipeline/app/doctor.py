"""Find out what works on this machine by trying it; nothing is concluded from a name.

What a distribution or the graphics card does is tried in child processes, because a broken library can end its process.
"""

import json
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from blueprint.pipeline.app.distributions import DISTRIBUTION, Requirement, requirements
from blueprint.pipeline.app.environment import worker_environment
from blueprint.pipeline.app.messages import without_folders
from blueprint.pipeline.engine.keys import cpu_class
from blueprint.pipeline.usd.profile import PROFILE, PROFILE_VERSION, find_validator

State = Literal["works", "lacking", "broken", "not installed"]

NEEDED_EXTRAS = ("", "scene", "sim", "video")
"""What the demo needs; the empty name stands for a plain installation."""
OPTIONAL_EXTRAS = {
    "studio": "desktop application",
    "viewer": "rerun viewer",
    "ray": "running on a cluster",
    "physx": "PhysX without Isaac Sim; wants an environment of its own",
    "isaac": "Isaac Sim; read NVIDIA's terms before you install it",
    "lab": "Isaac Lab; read NVIDIA's terms before you install it",
}
PARTS = {
    "ray casting": "blueprint.pipeline.app.trials.ray_casting",
    "video": "blueprint.pipeline.app.trials.video",
    "physics": "blueprint.pipeline.app.trials.physics",
    "convex pieces": "blueprint.pipeline.app.trials.convex_pieces",
}
"""Work that is done once for real, by the module that does it."""
DEADLINE_S = 120
NEEDED_MEMORY_GB, NEEDED_DISK_GB = 3.0, 1.0
_AT_ONCE = 2
_ASK_WARP = """
import json, warp
warp.config.quiet = True
warp.init()
devices = [device.name for device in warp.get_cuda_devices()]
print(json.dumps({"devices": devices, "cache": str(warp.config.kernel_cache_dir)}))
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried; `needed` says whether the demo cannot do without it, `remedy` what to type."""

    group: str
    name: str
    state: State
    detail: str
    needed: bool
    remedy: str = ""


def examine() -> list[Finding]:
    """Try everything; takes some seconds, most of them for importing the simulator."""
    found = requirements()
    tries: list[Callable[[], Finding]] = [_python, _processor, _memory, lambda: _disk(Path.cwd())]
    tries += [lambda each=each: _distribution("needed", each) for extra in NEEDED_EXTRAS for each in found[extra]]
    tries += [lambda name=name, module=module: _part(name, module) for name, module in PARTS.items()]
    tries.append(_graphics)
    tries += [lambda extra=extra: _extra(extra, found.get(extra, ())) for extra in OPTIONAL_EXTRAS]
    tries.append(_validator)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda attempt: attempt(), tries))


def works(findings: Iterable[Finding]) -> bool:
    """Whether everything that the demo needs works."""
    return all(finding.state == "works" for finding in findings if finding.needed)


def _python() -> Finding:
    version = platform.python_version()
    good = sys.version_info[:2] == (3, 12)
    remedy = "" if good else "install Python 3.12 and make the environment anew: make clean setup"
    return Finding("machine", "Python", "works" if good else "lacking", version, True, remedy)


def _processor() -> Finding:
    usable = len(os.sched_getaffinity(0))
    return Finding("machine", "processor", "works", f"{usable} usable cores, {cpu_class()}", True)


def _memory() -> Finding:
    entries = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    total, free = (int(entries[name].split()[0]) / 2**20 for name in ("MemTotal", "MemAvailable"))
    enough = free >= NEEDED_MEMORY_GB
    remedy = "" if enough else f"close programs until {NEEDED_MEMORY_GB:g} GB are free, or lower run.workers"
    detail = f"{free:.1f} of {total:.1f} GB free"
    return Finding("machine", "memory", "works" if enough else "lacking", detail, True, remedy)


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free / 2**30
    if not os.access(folder, os.W_OK):
        return Finding("machine", "disk", "lacking", "this folder cannot be written", True, "choose another with --out")
    enough = free >= NEEDED_DISK_GB
    remedy = "" if enough else "free some space, or choose another disk with --out"
    return Finding("machine", "disk", "works" if enough else "lacking", f"{free:.1f} GB free here", True, remedy)


def _distribution(group: str, requirement: Requirement) -> Finding:
    """Import what a distribution brings, in a process of its own."""
    install = f"pip install '{DISTRIBUTION}{f'[{requirement.extra}]' if requirement.extra else ''}'"
    needed = group == "needed"
    if requirement.version is None:
        return Finding(group, requirement.name, "not installed", "", needed, install)
    if not requirement.fits:
        detail = f"{requirement.version}, but {requirement.bounds} is needed"
        return Finding(group, requirement.name, "lacking", detail, needed, install)
    imports = "; ".join(f"import {name}" for name in requirement.modules)
    fault = _run([sys.executable, "-c", imports]).fault
    if fault:
        return Finding(group, requirement.name, "broken", f"{requirement.version}: {fault}", needed, install)
    return Finding(group, requirement.name, "works", requirement.version, needed)


def _part(name: str, module: str) -> Finding:
    fault = _run([sys.executable, "-m", module]).fault
    remedy = f"pip install --force-reinstall '{DISTRIBUTION}[scene,sim,video]'" if fault else ""
    return Finding("done once", name, "broken" if fault else "works", fault, True, remedy)


def _graphics() -> Finding:
    """Ask the simulator's compiler which graphics cards it can use, and where it keeps compiled kernels."""
    done = _run([sys.executable, "-c", _ASK_WARP])
    if done.fault:
        return Finding("optional", "graphics card", "broken", done.fault, False)
    answer = json.loads(done.output.strip().splitlines()[-1])
    cache = Path(answer["cache"])
    kernels = sum(path.is_dir() for path in cache.iterdir()) if cache.is_dir() else 0
    cached = f"{kernels} compiled kernel modules are cached" if kernels else "the first run compiles kernels"
    if not answer["devices"]:
        detail = f"no CUDA device, all work is done by the processor; {cached}"
        return Finding("optional", "graphics card", "not installed", detail, False)
    return Finding("optional", "graphics card", "works", f"{', '.join(answer['devices'])}; {cached}", False)


def _extra(extra: str, found: Sequence[Requirement]) -> Finding:
    """Say whether an optional part is there: every distribution of its extra imports."""
    purpose = OPTIONAL_EXTRAS[extra]
    install = f"pip install '{DISTRIBUTION}[{extra}]'"
    missing = [each.name for each in found if each.version is None]
    if missing or not found:
        return Finding("optional", extra, "not installed", purpose, False, install)
    for each in found:
        finding = _distribution("optional", each)
        if finding.state != "works":
            return Finding("optional", extra, finding.state, f"{purpose}: {each.name} {finding.detail}", False, install)
    return Finding(
        "optional", extra, "works", f"{purpose}: " + ", ".join(f"{e.name} {e.version}" for e in found), False
    )


def _validator() -> Finding:
    """Start the validator of SimReady assets, as the stage that asks it does."""
    found = find_validator(deadline_s=DEADLINE_S)
    purpose = f"NVIDIA's validator for {PROFILE} {PROFILE_VERSION}"
    details = {
        "works": f"{purpose}: {found.version}",
        "not installed": f"{purpose}; part of it under NVIDIA's Omniverse licence; prove.simready_python may name it",
        "broken": f"{purpose}: {found.why_not}",
    }
    remedy = "" if found.state == "works" else f"pip install '{DISTRIBUTION}[simready]'"
    return Finding("optional", "simready", found.state, details[found.state], False, remedy)


@dataclass(frozen=True, slots=True)
class _Done:
    """What a child printed, and why it did not succeed; empty where it did."""

    output: str
    fault: str


def _run(command: Sequence[str]) -> _Done:
    """Run a child to its end or its deadline."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
            env=worker_environment(os.environ),
        )
    except subprocess.TimeoutExpired:
        return _Done("", f"not done within {DEADLINE_S} s")
    if done.returncode < 0:
        return _Done(done.stdout, f"its process died of signal {-done.returncode}")
    last = (done.stderr.strip().splitlines() or ["no message"])[-1]
    return _Done(done.stdout, without_folders(last) if done.returncode else "")
