"""Random streams by name, so that adding one draw never moves the others."""

from hashlib import sha256

import numpy as np


def named_stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator that belongs to `name` under `seed`."""
    word = int.from_bytes(sha256(name.encode()).digest()[:8], "big")
    return np.random.default_rng([seed, word])
