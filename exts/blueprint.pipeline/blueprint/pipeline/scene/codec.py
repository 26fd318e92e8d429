"""Save and load nouns as canonical JSON: sorted keys, shortest float texts, validated on the way in."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.errors import ScanError


@lru_cache(maxsize=64)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def encode(value: Any, kind: Any = None) -> bytes:
    """Return a noun as canonical JSON bytes; `kind` is needed for unions and containers."""
    return canonical_json(to_plain(value, kind))


def to_plain(value: Any, kind: Any = None) -> Any:
    """Return a noun as plain JSON data."""
    return _adapter(kind if kind is not None else value.__class__).dump_python(value, mode="json")


def from_plain[T](data: Any, kind: type[T]) -> T:
    """Rebuild a noun from plain JSON data; raises pydantic.ValidationError."""
    return _adapter(kind).validate_python(data, strict=False)


def save(path: Path, value: Any, kind: Any = None) -> None:
    """Write a noun into a record's folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(value, kind))


def load[T](path: Path, kind: type[T]) -> T:
    """Read a noun; raises ScanError that lists every field which does not fit."""
    try:
        return _adapter(kind).validate_json(path.read_bytes())
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:8])
        raise ScanError(path.name, faults) from error
