"""What is asked for and what is installed, from metadata."""

import pytest

from blueprint.pipeline.app import distributions
from blueprint.pipeline.app.distributions import parse_line, program_version, requirements, within
from blueprint.pipeline.errors import MissingTool


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("h5py>=3.12", ("h5py", ">=3.12", "")),
        ("newton[sim]<1.9,>=1.8; extra == 'sim'", ("newton", "<1.9,>=1.8", "sim")),
        ('ray[default]>=2.60; extra == "ray"', ("ray", ">=2.60", "ray")),
        ("tyro", ("tyro", "", "")),
    ],
)
def test_lines_of_metadata(line: str, expected: tuple[str, str, str]) -> None:
    assert parse_line(line) == expected


def test_every_line_of_our_own_is_understood() -> None:
    found = requirements()
    assert {"", "scene", "sim", "video", "isaac", "dev"} <= set(found)
    usd = next(each for each in found["scene"] if each.name == "usd-core")
    assert usd.modules == ("pxr",)
    assert usd.fits


def test_a_line_that_is_not_understood_is_refused() -> None:
    with pytest.raises(ValueError, match="not understood"):
        parse_line("a package @ somewhere")
    with pytest.raises(ValueError, match="not understood"):
        within("1.0", "~=1.0")


@pytest.mark.parametrize(
    ("version", "bounds", "expected"),
    [
        ("26.8", ">=26.8,<26.9", True),
        ("26.9", "<26.9,>=26.8", False),
        ("1.8.0", "<1.9,>=1.8", True),
        ("4.4.0.post1", ">=4.4", True),
        ("2026.8.0", "==2026.8", True),
        ("0.9", ">=0.10", False),
        ("3", "", True),
    ],
)
def test_bounds(version: str, bounds: str, expected: bool) -> None:
    assert within(version, bounds) is expected


def test_a_folder_that_is_no_distribution_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distributions, "DISTRIBUTION", "blueprint-nowhere")
    assert program_version() == "not installed as a distribution"
    with pytest.raises(MissingTool, match="pip install"):
        requirements()
