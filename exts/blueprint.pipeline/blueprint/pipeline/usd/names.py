"""Prim names and paths: one place decides where things live on a stage."""

from collections.abc import Iterable

from pxr import Tf

from blueprint.pipeline.errors import RunError

WORLD = "/World"
PROPS = f"{WORLD}/props"
ROOM = f"{WORLD}/room"
ROBOT = f"{WORLD}/robot"
CAMERAS = f"{WORLD}/cameras"
LIGHTS = f"{WORLD}/lights"
PHYSICS_SCENE = f"{WORLD}/physics_scene"


class NameClash(RunError):
    """Two ids become the same prim name."""

    def __init__(self, name: str, first: str, second: str) -> None:
        super().__init__(
            f"ids {first!r} and {second!r} both become the prim name {name!r}; "
            "rename one of them so that they differ in a letter or digit"
        )


def prim_name(identifier: str) -> str:
    """Return the prim name of an id: what USD does not allow becomes an underscore."""
    return Tf.MakeValidIdentifier(identifier)


def check_distinct(identifiers: Iterable[str]) -> None:
    """Raise NameClash where two ids would share a prim."""
    seen: dict[str, str] = {}
    for identifier in identifiers:
        # Assets are folders, and not every file system tells upper from lower case.
        name = prim_name(identifier).lower()
        if name in seen:
            raise NameClash(name, seen[name], identifier)
        seen[name] = identifier


def prop_path(prop_id: str) -> str:
    """Return the path of a prop in a scene."""
    return f"{PROPS}/{prim_name(prop_id)}"


def body_path(prop_root: str, body: str) -> str:
    """Return the path of a link below its prop."""
    return f"{prop_root}/{prim_name(body)}"


def physics_material_path(prop_root: str, body: str) -> str:
    """Return the path of a link's physics material; each link has its own, so that its friction can be overridden."""
    return f"{prop_root}/Looks/physics_{prim_name(body)}"
