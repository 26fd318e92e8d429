"""Random streams that are passed in; each is derived from a seed, a variant and a name, so none disturbs another."""

import hashlib

import numpy as np


def stream(seed: int, variant: int, name: str) -> np.random.Generator:
    """Return the generator of one named factor of one variant."""
    label = hashlib.sha256(name.encode()).digest()
    words = [int.from_bytes(label[at : at + 4], "little") for at in range(0, 16, 4)]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, variant, *words])))
