"""S02: a name from outside never becomes a path that leaves its folder."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.scene.slugs import identifier_slug, safe_slug, unique_identifiers


@pytest.mark.parametrize(
    ("attack", "slug"),
    [
        ("../../x", "x"),
        ("%2e%2e%2f", "2e_2e_2f"),
        ("a\0b", "a_b"),
        ("a\u202eb", "ab"),
        ("CON", "x_CON"),
        ("lpt1", "x_lpt1"),
        ("C:\\Windows", "C_Windows"),
        ("Käse", "Kase"),
        ("can__(441, 366)", "can_441_366"),
    ],
)
def test_attacks_become_plain_names(attack: str, slug: str) -> None:
    assert safe_slug(attack) == slug


@pytest.mark.parametrize("empty", ["", "...", "/", "\0", "字", "___", "-"])
def test_names_of_which_nothing_remains_are_refused(empty: str) -> None:
    with pytest.raises(ValueError, match="expected ASCII letters or digits"):
        safe_slug(empty)


def test_long_names_are_cut_and_stay_different() -> None:
    first, second = safe_slug("a" * 300), safe_slug("a" * 299 + "b")
    assert len(first) == len(second) == 64
    assert first != second


def test_dots_are_kept_only_on_request_and_only_inside() -> None:
    assert safe_slug("../a..b.png", allow_dots=True) == "a.b.png"
    assert safe_slug("a.png") == "a_png"
    assert safe_slug("con.txt", allow_dots=True) == "x_con.txt"


@given(st.text(min_size=1, max_size=400), st.booleans())
def test_no_name_leaves_its_folder(value: str, allow_dots: bool) -> None:
    try:
        slug = safe_slug(value, allow_dots=allow_dots)
    except ValueError:
        assert not re.search("[A-Za-z0-9]", value)
        return
    assert re.fullmatch(r"[A-Za-z0-9_.\-]{1,64}", slug)
    assert Path("/folder", slug).resolve().parent == Path("/folder")
    assert safe_slug(slug, allow_dots=allow_dots) == slug


@given(st.sets(st.text(alphabet="aA1_(, )-", min_size=1, max_size=8).filter(lambda text: re.search("[aA1]", text))))
def test_identifiers_are_unique_and_usable_as_prim_names(values: set[str]) -> None:
    names = unique_identifiers(values)
    assert set(names) == values
    assert len({name.lower() for name in names.values()}) == len(values)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) for name in names.values())


@given(st.sets(st.text(max_size=80), max_size=5))
def test_any_names_whatever_become_identifiers(values: set[str]) -> None:
    names = unique_identifiers(values)
    assert len({name.lower() for name in names.values()}) == len(values)
    assert all(re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,80}", name) for name in names.values())


def test_identifiers_start_with_a_letter() -> None:
    assert identifier_slug("7up-can") == "o_7up_can"
