"""Cut an L-shaped block into convex pieces."""

import numpy as np

from blueprint.pipeline.simready.decomposition import Limits, decompose
from blueprint.pipeline.simready.solids import Solid

OUTLINE_M = ((0.0, 0.0), (0.3, 0.0), (0.3, 0.1), (0.1, 0.1), (0.1, 0.3), (0.0, 0.3))
HEIGHT_M = 0.1


def block() -> Solid:
    """Return the L as a closed solid."""
    count = len(OUTLINE_M)
    lower = np.array([(x, y, 0.0) for x, y in OUTLINE_M])
    vertices = np.concatenate([lower, lower + np.array([0.0, 0.0, HEIGHT_M])])
    # A fan from the inner corner, which sees every other corner of an L.
    fan = [(3, (3 + k) % count, (4 + k) % count) for k in range(1, count - 1)]
    faces = [(a, c, b) for a, b, c in fan] + [(a + count, b + count, c + count) for a, b, c in fan]
    for at in range(count):
        after = (at + 1) % count
        faces += [(at, after, after + count), (at, after + count, at + count)]
    return Solid(vertices, np.array(faces), closed=True)


def main() -> None:
    """Raise unless CoACD finds at least two pieces."""
    limits = Limits(max_hulls=8, concavity=0.05, faces=2000, deadline_s=60)
    found = decompose("trial", [block()], limits)
    if found.method != "coacd" or len(found.parts) < 2:
        raise SystemExit(f"an L was cut into {len(found.parts)} by {found.method}: {'; '.join(found.failures)}")


if __name__ == "__main__":
    main()
