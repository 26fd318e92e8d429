"""What must hold for every link: a possible inertia, hulls that every engine takes, colliders near the scan."""

from blueprint.pipeline.engine.checks import Check, check_at_least, check_at_most
from blueprint.pipeline.scene.colliders import HullPiece
from blueprint.pipeline.scene.edits import SetMass
from blueprint.pipeline.scene.props import Prop, Role

from .fitting import FittedColliders
from .inertia import gyration_ratio, is_physical
from .links import Link

FARTHEST_SURFACE_MM = 5.0
"""Distance from the scanned surface to the colliders' outside, at 95 % of the surface."""

VOLUME_RATIO = (0.9, 1.3)
"""Volume of the colliders' union over the mesh's."""


def check_link(prop: Prop, link: Link, mass: SetMass, fitted: FittedColliders, role: Role) -> list[Check]:
    """Return the checks of one link."""
    name = f"{prop.id}/{mass.body}"
    pieces = fitted.edit.pieces
    most = max((piece.mesh.vertex_count for piece in pieces if isinstance(piece, HullPiece)), default=8)
    moments = sorted(mass.inertia_kg_m2)
    excess = moments[2] / (moments[0] + moments[1]) if is_physical(mass.inertia_kg_m2) else float("inf")
    reach = gyration_ratio(link.solid, link.distribution.center_m, link.distribution.inertia_per_kg_m2)
    # Fingers close on what is manipulable; past furniture they only have to pass.
    farthest_mm = 10.0 if role is Role.MANIPULABLE else 40.0
    beyond_mm = 1e3 * fitted.fidelity.beyond_p95_m
    distance_mm = 1e3 * fitted.fidelity.distance_p95_m
    return [
        check_at_most(f"{name}: largest moment of inertia over the sum of the others", excess, 1.0 + 1e-9, unit=""),
        check_at_most(f"{name}: spread of the mass over what its bounding box allows", reach, 1.0 + 1e-9, unit=""),
        check_at_most(f"{name}: vertices of a hull", float(most), 64.0, unit=""),
        check_at_most(f"{name}: collider beyond the mesh, 95 %", beyond_mm, farthest_mm, unit="mm", blocking=False),
        check_at_most(
            f"{name}: surface to collider, 95 %", distance_mm, FARTHEST_SURFACE_MM, unit="mm", blocking=False
        ),
        *_volume_checks(name, fitted.edit.volume_ratio),
    ]


def _volume_checks(name: str, ratio: float | None) -> list[Check]:
    """Return the checks of the colliders' volume; a mesh that encloses none has nothing to compare with."""
    if ratio is None:
        return []
    low, high = VOLUME_RATIO
    return [
        check_at_least(f"{name}: collider volume over the mesh's, at least", ratio, low, unit="", blocking=False),
        check_at_most(f"{name}: collider volume over the mesh's, at most", ratio, high, unit="", blocking=False),
    ]
