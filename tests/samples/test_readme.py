from collections.abc import Callable

import pytest

from blueprint.pipeline.samples.environment import Environment
from blueprint.pipeline.samples.readme import readme_of_run, readme_of_simple_layout


@pytest.mark.parametrize("write", [readme_of_run, readme_of_simple_layout])
def test_the_text_names_licence_and_seed(kitchen: Environment, write: Callable[[Environment, int], str]) -> None:
    text = write(kitchen, 17)
    assert "CC0-1.0" in text
    assert "seed 17" in text


def test_the_text_names_what_has_no_pose(kitchen: Environment) -> None:
    assert "`plant`: found and meshed" in readme_of_run(kitchen, 0)
