"""Warp begins without a word about what this program does not ask it for."""

import os
import sys
import tempfile
from functools import cache

import warp as wp

_STDERR = 2
_ABOUT_CUDA = b"Could not find or load the NVIDIA CUDA driver"
"""Warp's native library says this on every machine without a GPU, whatever its log level; here it draws on the CPU."""


@cache
def start_warp() -> None:
    """Start Warp; what it writes to the standard error stream is passed on, but for the sentence about CUDA."""
    wp.config.log_level = wp.LOG_ERROR
    sys.stderr.flush()
    stream = os.dup(_STDERR)
    try:
        with tempfile.TemporaryFile() as said:
            os.dup2(said.fileno(), _STDERR)
            try:
                wp.init()
            finally:
                os.dup2(stream, _STDERR)
                said.seek(0)
                _pass_on(said.read())
    finally:
        os.close(stream)


def _pass_on(said: bytes) -> None:
    kept = b"".join(line for line in said.splitlines(keepends=True) if _ABOUT_CUDA not in line)
    if kept:
        os.write(_STDERR, kept)
