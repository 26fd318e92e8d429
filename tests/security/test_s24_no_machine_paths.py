"""S24: no file names a folder of one person's machine, or the address of a package registry."""

import re
from pathlib import Path

import pytest

# In halves, so that this file passes its own test.
MACHINE = [*("/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/", "/wo" + "rk/", "/tm" + "p/", "/mn" + "t/"), "C:" + "\\"]
REGISTRIES = [
    "py" + "pi.org",
    "pythonho" + "sted.org",
    "py" + "pi/simple",
    "nv" + "cr.io",
    "py" + "pi.nvidia.com",
    "index" + "-url",
]
# A path begins where no name precedes it: `docs/work/` is fine.
PATTERN = re.compile(
    rb"(?<![\w.~}\])-])(?:" + b"|".join(re.escape(name.encode()) for name in MACHINE) + rb")[\w.]"
    rb"|" + b"|".join(re.escape(name.encode()) for name in REGISTRIES)
)
# The switch that keeps addresses out of the locks has the word in its own name.
ALLOWED = {"tools/lock.sh": {b"index" + b"-url"}}


def test_no_file_names_a_machine(repository: Path, repository_files: list[Path]) -> None:
    found: dict[str, set[bytes]] = {}
    for path in repository_files:
        name = path.relative_to(repository).as_posix()
        hits = {match[0] for match in PATTERN.finditer(path.read_bytes())} - ALLOWED.get(name, set())
        if hits:
            found[name] = hits
    assert found == {}


@pytest.mark.parametrize("name", MACHINE)
def test_the_scan_sees_paths(name: str) -> None:
    assert PATTERN.search(f'open("{name}someone")'.encode())


@pytest.mark.parametrize("name", REGISTRIES)
def test_the_scan_sees_registries(name: str) -> None:
    assert PATTERN.search(f"see https://{name}/x".encode())


@pytest.mark.parametrize("text", ["docs/work/page", "${HOME}/work/x", "~/.cache/warp", "a/tmp/b", "/usr/bin/env"])
def test_the_scan_lets_relative_paths_pass(text: str) -> None:
    assert not PATTERN.search(text.encode())
