"""Where things can be put: on level surfaces, in hollows that are open above, and behind doors."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from blueprint.pipeline.scene.edits import AddRegion, AddSupport, PlacementRegion
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import Prop

from .cavities import Cavity
from .interiors import find_interior
from .rectangles import Rectangle
from .solids import Solid
from .supports import free_height_m

_TALLEST_M = 0.5
"""Room above a surface that is claimed at most; under the open sky there is no end."""

_LOWEST_M, _PROBE_M = 0.02, 0.05


def propose_regions(
    prop: Prop, solids: Mapping[str, Solid], tops: Sequence[AddSupport], cavities: Mapping[str, Cavity]
) -> list[AddRegion]:
    """Return the placement regions of a prop; `tops` are level surfaces, also those of a tray or a board that moves."""
    rooms = [
        *(_in_hollow(prop, body, cavity) for body, cavity in cavities.items()),
        *_behind_doors(prop, solids),
    ]
    # The floor of a drawer and the boards of a cupboard are in a room already.
    open_tops = [top for top in tops if not any(_is_inside(top, room.region) for room in rooms)]
    return [*(_on_surface(prop, top, solids) for top in open_tops), *rooms]


def _is_inside(top: AddSupport, room: PlacementRegion) -> bool:
    x, y, z = top.surface.T_prop_surface.position_m
    return bool(
        (np.abs(room.T_prop_region.inverse().apply((x, y, z + _PROBE_M))) <= np.asarray(room.half_size_m)).all()
    )


def _on_surface(prop: Prop, top: AddSupport, solids: Mapping[str, Solid]) -> AddRegion:
    surface = top.surface
    place = surface.T_prop_surface.position_m
    rectangle = Rectangle((place[0], place[1]), surface.T_prop_surface.yaw_rad(), surface.half_size_m)
    free = free_height_m(rectangle, place[2], solids)
    height = max(min(free, _TALLEST_M), _LOWEST_M)
    lifted = surface.T_prop_surface @ Pose((0.0, 0.0, height / 2))
    region = PlacementRegion(
        f"on_{surface.name}", surface.body, "on", lifted, (*surface.half_size_m, height / 2), (0.0, 0.0, 1.0)
    )
    room = "nothing above" if free > _TALLEST_M else f"{free:.3f} m free above"
    return AddRegion(prop.id, region, f"{top.why}; {room}")


def _in_hollow(prop: Prop, body: str, cavity: Cavity) -> AddRegion:
    (x, y), half = cavity.room.center_m, cavity.room.half_size_m
    middle = (cavity.floor_m + cavity.rim_m) / 2
    region = PlacementRegion(
        f"in_{body}" if len(prop.bodies) > 1 else "inside",
        body,
        "in",
        Pose.from_yaw((x, y, middle), cavity.room.yaw_rad),
        (*half, cavity.depth_m / 2),
        (0.0, 0.0, 1.0),
    )
    why = (
        f"open above: holds {1e3 * cavity.capacity_m3:.3g} l before it runs over, {1e3 * cavity.depth_m:.0f} mm deep; "
        f"the largest rectangle inside is {2e3 * half[0]:.0f} x {2e3 * half[1]:.0f} mm"
    )
    return AddRegion(prop.id, region, why)


def _behind_doors(prop: Prop, solids: Mapping[str, Solid]) -> Iterable[AddRegion]:
    for joint in prop.joints:
        interior = find_interior(joint, solids)
        if interior is not None:
            region = PlacementRegion(
                f"behind_{joint.child}",
                joint.parent,
                "in",
                interior.T_prop_interior,
                interior.half_size_m,
                (0.0, 1.0, 0.0),
            )
            why = f"rays from {joint.child} run {interior.depth_m:.3f} m into {joint.parent} (lower quartile)"
            yield AddRegion(prop.id, region, why)
