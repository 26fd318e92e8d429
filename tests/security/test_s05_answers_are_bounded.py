"""S05: what comes from outside is limited in size and depth before it is decoded."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blueprint.pipeline.services.bounded_json import JsonTooLarge, read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def test_a_hundred_thousand_levels_are_refused_without_recursion() -> None:
    with pytest.raises(JsonTooLarge, match="nested deeper than 32 levels"):
        read_json(b"[" * 100_000 + b"]" * 100_000)


def test_a_large_body_is_refused_before_it_is_decoded() -> None:
    content = b"[" + b"1," * 5_000_000 + b"1]"
    tracemalloc.start()
    with pytest.raises(JsonTooLarge, match="10000003 bytes of JSON"):
        read_json(content)
    assert tracemalloc.get_traced_memory()[1] < 100_000
    tracemalloc.stop()


@pytest.mark.parametrize("content", [b"", b"{", b'"\xff"', b"nope", b"[1] [2]"])
def test_what_is_no_json_is_a_typed_error(content: bytes) -> None:
    with pytest.raises(JsonTooLarge, match="no valid JSON"):
        read_json(content)


def test_brackets_inside_strings_do_not_count() -> None:
    assert read_json(rb'{"a": "[[[[\"[[[\\"}', deepest=1) == {"a": '[[[["[[[\\'}


@given(VALUES)
def test_every_shallow_value_comes_back(value: object) -> None:
    import json

    content = json.dumps(value).encode()
    assert read_json(content, deepest=10**6) == value
