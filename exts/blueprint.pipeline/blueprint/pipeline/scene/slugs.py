"""The one way in which a name from outside becomes part of a path, a prim path or an id."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable

_RESERVED = frozenset({"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))})
_DIGEST_LENGTH = 8


def safe_slug(value: str, max_length: int = 64, allow_dots: bool = False) -> str:
    """Return a name of ASCII letters, digits, `_`, `-` (and inner dots on request) that cannot leave its folder.

    Everything else becomes `_`, runs of which are merged. A name that is too long is cut and ends in a digest of the
    whole, so that two long names stay different. Raises ValueError when nothing remains.
    """
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    allowed = r"[^A-Za-z0-9_.\-]+" if allow_dots else r"[^A-Za-z0-9_\-]+"
    slug = re.sub(r"_+", "_", re.sub(allowed, "_", plain))
    slug = re.sub(r"\.{2,}", ".", slug).strip("_.-")
    if not re.search(r"[A-Za-z0-9]", slug):
        raise ValueError(f"no name is left of {value[:80]!r}; expected ASCII letters or digits in it")
    # Windows opens a device for these, with or without a suffix.
    if slug.partition(".")[0].lower() in _RESERVED:
        slug = f"x_{slug}"
    if len(slug) > max_length:
        slug = f"{slug[: max_length - _DIGEST_LENGTH - 1].rstrip('_.-')}_{_digest(value)}"
    return slug


def identifier_slug(value: str, max_length: int = 64) -> str:
    """Return a slug that is also a USD identifier: it starts with a letter and holds no `-`."""
    slug = re.sub(r"_+", "_", safe_slug(value, max_length - 2).replace("-", "_"))
    return slug if slug[0].isalpha() else f"o_{slug}"


def unique_identifiers(values: Iterable[str]) -> dict[str, str]:
    """Map each value to an identifier; where slugs agree, later ones in sorted order of the values get `_2`, `_3`.

    A value without any ASCII letter or digit, such as a name in Chinese characters, becomes `object_` with a digest.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for value in sorted(set(values)):
        slug = name = _slug_or_digest(value)
        number = 1
        while name.lower() in taken:
            number += 1
            name = f"{slug}_{number}"
        taken.add(name.lower())
        names[value] = name
    return names


def _slug_or_digest(value: str) -> str:
    try:
        return identifier_slug(value)
    except ValueError:
        return f"object_{_digest(value)}"


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_LENGTH]
