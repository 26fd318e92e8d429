"""Our names for prims: `robot/<link>`, `<prop id>/<link>`, `room/<thing>`."""

from collections.abc import Iterable

from pxr import Tf

from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.sims.model import ROBOT, ROOM

ROOM_PATH = "/World/room/"


class Labels:
    """Turns prim paths of one scene into names; ids that USD does not allow as prim names come back as they were."""

    def __init__(self, manifest: SceneManifest) -> None:
        self._manifest = manifest
        self._owners = {manifest.robot.prim_path: ROBOT, **{prop.prim_path: prop.prop.id for prop in manifest.props}}
        self._names = {
            (entry.prop.id, Tf.MakeValidIdentifier(name)): name
            for entry in manifest.props
            for name in (*(body.name for body in entry.prop.bodies), *(joint.name for joint in entry.prop.joints))
        }

    def root(self, prim_path: str) -> str | None:
        """Return the prim path of the prop or robot that a prim belongs to, None for the room."""
        return next((root for root in self._owners if prim_path.startswith(f"{root}/")), None)

    def owner(self, prim_path: str) -> str | None:
        """Return the prop id or `robot` that a prim belongs to, None for the room."""
        root = self.root(prim_path)
        return None if root is None else self._owners[root]

    def link(self, prim_path: str) -> str:
        """Name the link that a prim is or lies in."""
        root = self.root(prim_path)
        if root is None:
            inside = prim_path.removeprefix(ROOM_PATH)
            first = inside.split("/")[0] if inside != prim_path else prim_path.rsplit("/", 1)[-1]
            return f"{ROOM}/{first}"
        owner, prim = self._owners[root], prim_path.removeprefix(f"{root}/").split("/")[0]
        return f"{owner}/{self._names.get((owner, prim), prim)}"

    def joint(self, prim_path: str) -> str:
        """Name a joint after its owner and its prim, wherever below the owner it lies."""
        owner, prim = self.owner(prim_path), prim_path.rsplit("/", 1)[-1]
        return f"{owner or ROOM}/{self._names.get((owner or ROOM, prim), prim)}"

    def fixed_links(self, moving_paths: Iterable[str]) -> list[str]:
        """List the prim paths of the props' links that are no rigid bodies."""
        moving = frozenset(moving_paths)
        paths = [
            f"{entry.prim_path}/{Tf.MakeValidIdentifier(body.name)}"
            for entry in self._manifest.props
            for body in entry.prop.bodies
        ]
        return [path for path in paths if path not in moving]
