"""No file of ours accepts a licence agreement; that is the owner's decision, made outside the repository."""

import re
from pathlib import Path

# In halves, so that this file passes its own test.
SWITCHES = re.compile(
    rb"ACCEPT_" + rb"EULA|EULA_" + rb"ACCEPTED|PRIVACY_" + rb"CONSENT|accept" + rb"-eula", re.IGNORECASE
)


def test_no_file_sets_an_acceptance_switch(repository: Path, repository_files: list[Path]) -> None:
    found = [str(path.relative_to(repository)) for path in repository_files if SWITCHES.search(path.read_bytes())]
    assert not found


def test_the_scan_sees_it() -> None:
    assert SWITCHES.search(("export OMNI_KIT_ACCEPT_" + "EULA=YES").encode())
