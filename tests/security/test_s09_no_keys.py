"""S09: no file contains anything in the shape of a key, not even as a placeholder."""

import re
from pathlib import Path

import pytest

SHAPES = re.compile(
    rb"""
      \b sk - [A-Za-z0-9_-]{12,}                    # language-model services
    | \b (?:AKIA|ASIA) [0-9A-Z]{16} \b              # Amazon access keys
    | \b gh[pousr]_ [A-Za-z0-9]{20,}                # GitHub tokens
    | \b github_pat_ [A-Za-z0-9_]{20,}
    | \b AIza [0-9A-Za-z_-]{30,}                    # Google keys
    | \b ya29\. [0-9A-Za-z_-]{20,}
    | \b xox[abprs]- [0-9A-Za-z-]{10,}              # Slack
    | \b hf_ [A-Za-z0-9]{20,}                       # model hubs
    | \b nvapi- [A-Za-z0-9_-]{20,}
    | \b pypi- AgE [A-Za-z0-9_-]{20,}
    | \b eyJ [A-Za-z0-9_-]{10,} \. eyJ [A-Za-z0-9_-]{10,}      # JSON web tokens
    | -----BEGIN [ ] (?:[A-Z]+ [ ])? PRIVATE [ ] KEY-----
    """,
    re.VERBOSE,
)


def test_no_file_holds_a_key(repository: Path, repository_files: list[Path]) -> None:
    found = {str(path.relative_to(repository)) for path in repository_files if SHAPES.search(path.read_bytes())}
    assert found == set()


# Written in two halves, so that this file passes its own test.
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("sk-", "0" * 20),
        ("AKIA", "ABCDEFGHIJKLMNOP"),
        ("ghp_", "a" * 36),
        ("AIza", "b" * 35),
        ("hf_", "c" * 34),
        ("nvapi-", "d" * 40),
        ("eyJ", "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0"),
        ("-----BEGIN ", "PRIVATE KEY-----"),
        ("-----BEGIN EC ", "PRIVATE KEY-----"),
    ],
)
def test_the_scan_sees_it(start: str, end: str) -> None:
    assert SHAPES.search(f"token = {start}{end}\n".encode())


@pytest.mark.parametrize("text", ["task-0123456789abcdef", "risk-assessment-of-tables", "sha256:0123456789abcdef"])
def test_the_scan_lets_ordinary_words_pass(text: str) -> None:
    assert not SHAPES.search(text.encode())
