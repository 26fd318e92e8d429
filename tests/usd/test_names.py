"""Prim names."""

import pytest

from blueprint.pipeline.usd.names import NameClash, body_path, check_distinct, prim_name, prop_path


@pytest.mark.parametrize(
    ("identifier", "name"), [("mug_470_309", "mug_470_309"), ("a-b", "a_b"), ("003_cracker_box", "_03_cracker_box")]
)
def test_ids_become_valid_prim_names(identifier: str, name: str) -> None:
    assert prim_name(identifier) == name


def test_paths() -> None:
    assert prop_path("a-b") == "/World/props/a_b"
    assert body_path(prop_path("mug"), "lid") == "/World/props/mug/lid"


def test_ids_that_differ_in_case_only_are_refused() -> None:
    with pytest.raises(NameClash, match="'Mug' and 'mug'"):
        check_distinct(["Mug", "mug"])


def test_ids_that_would_share_a_prim_are_refused() -> None:
    with pytest.raises(NameClash, match="'a-b' and 'a_b' both become the prim name 'a_b'; rename one"):
        check_distinct(["a-b", "c", "a_b"])
