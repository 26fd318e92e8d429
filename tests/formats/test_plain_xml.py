"""XML from outside: what is parsed is what was looked at."""

import pytest

from blueprint.pipeline.formats.plain_xml import parse_plain_xml

LAUGHS = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
BOMB = f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><r>&l9;</r>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp037"])
def test_a_bomb_is_refused_in_every_encoding(encoding: str) -> None:
    """Declared or by its byte order mark; the declaration itself is in ASCII, as parsers read it."""
    declared = f'<?xml version="1.0" encoding="{encoding}"?>'
    for content in (
        BOMB.encode(encoding),
        (declared + BOMB).encode(encoding),
        declared.encode() + BOMB.encode(encoding),
    ):
        with pytest.raises(ValueError, match=r"DOCTYPE|is no XML"):
            parse_plain_xml(content)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('<r name="Übung"/>'.encode(), "Übung"),
        ('<?xml version="1.0" encoding="utf-8"?><r name="Übung"/>'.encode("utf-8-sig"), "Übung"),
        ('<?xml version="1.0" encoding="iso-8859-1"?><r name="Übung"/>'.encode("latin-1"), "Übung"),
    ],
)
def test_ordinary_documents_are_read(content: bytes, name: str) -> None:
    """With and without a byte order mark, and in Latin-1."""
    assert parse_plain_xml(content).get("name") == name
