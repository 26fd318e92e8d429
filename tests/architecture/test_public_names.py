"""The public names are those that are promised, and each can be had."""

import pytest

import blueprint.pipeline
from blueprint.pipeline import __all__ as public_names


@pytest.mark.parametrize("name", public_names)
def test_a_public_name_can_be_had(name: str) -> None:
    assert getattr(blueprint.pipeline, name).__name__ == name
    assert name in dir(blueprint.pipeline)


def test_names_are_sorted() -> None:
    assert sorted(public_names) == public_names


def test_an_unknown_name_lists_what_exists() -> None:
    with pytest.raises(AttributeError, match="load_recipe"):
        blueprint.pipeline.load_recipee  # noqa: B018
