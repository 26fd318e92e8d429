"""Cast rays at a triangle and see it."""

import numpy as np

from blueprint.pipeline.sims.raycast import Surface, render, view_of


def main() -> None:
    """Raise unless the triangle is in the middle of the picture and not in its corner."""
    triangle = np.array([[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.5, 0.0, 1.0]]])
    view = view_of(*np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 1.0]]), width_px=32, height_px=32, azimuth_rad=-np.pi / 2)
    alpha = render([Surface(triangle, (0.5, 0.5, 0.5))], view)[..., 3]
    if not (alpha[16, 16] == 255 and alpha[0, 0] == 0):
        raise SystemExit("rays do not meet the triangle that they were cast at")


if __name__ == "__main__":
    main()
