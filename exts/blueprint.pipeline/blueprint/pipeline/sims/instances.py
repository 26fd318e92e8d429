"""The things that instance images tell apart: the robot, every prop, the room."""

from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.sims.model import ROBOT, ROOM


def instance_names(manifest: SceneManifest) -> tuple[str, ...]:
    """Return the names whose index + 1 is the id in an instance image."""
    return (ROBOT, *(entry.prop.id for entry in manifest.props), ROOM)


def instance_of(body: str) -> str:
    """Return the instance that a link belongs to."""
    return body.split("/")[0]
