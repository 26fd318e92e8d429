"""Read JSON from outside: its size and depth are limited before anything is decoded."""

import json
from typing import Any

LARGEST_BYTES = 1 << 20
DEEPEST = 32


class JsonTooLarge(ValueError):
    """JSON beyond a limit, or no JSON at all."""


def read_json(content: bytes, *, largest_bytes: int = LARGEST_BYTES, deepest: int = DEEPEST) -> Any:
    """Return the decoded value; raises JsonTooLarge naming the limit."""
    if len(content) > largest_bytes:
        raise JsonTooLarge(f"{len(content)} bytes of JSON; at most {largest_bytes} are read")
    depth = _depth(content, deepest)
    if depth > deepest:
        raise JsonTooLarge(f"JSON nested deeper than {deepest} levels")
    try:
        return json.loads(content)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise JsonTooLarge(f"no valid JSON: {error}") from error


def _depth(content: bytes, enough: int) -> int:
    """Count how deep brackets nest outside strings; stops counting beyond `enough`."""
    depth, deepest, in_string, escaped = 0, 0, False, False
    for byte in content:
        if in_string:
            in_string, escaped = escaped or byte != 0x22, not escaped and byte == 0x5C
        elif byte == 0x22:
            in_string = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
            if deepest > enough:
                break
        elif byte in b"]}":
            depth -= 1
    return deepest
