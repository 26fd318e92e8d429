"""Which things the gripper can hold where they stand: the hand alone, at tried grasps, among the scene's shapes.

What lies so that no hand of this kind gets at it is left out of what a robot's place and arm are judged by.
"""

from collections.abc import Iterator

from blueprint.pipeline.episode.offers import HandRoom
from blueprint.pipeline.scene.manifests import SceneManifest
from blueprint.pipeline.skills.grasp import fitting_grasps
from blueprint.pipeline.skills.means import Means
from blueprint.pipeline.skills.situation import Situation


def hand_rooms(means: Means, manifest: SceneManifest, instant: Situation) -> Iterator[HandRoom]:
    """Yield how many grasps of each movable thing are left to the hand, in the scene's order; spares are no things."""
    for entry in manifest.props:
        prop = entry.prop.id
        if not entry.movable or prop in manifest.spares:
            continue
        table = means.tables.get(prop)
        grasps = table.grasps if table is not None else ()
        free = sum(1 for _ in fitting_grasps(means, instant, prop))
        yield HandRoom(prop, len(grasps), sum(grasp.usable for grasp in grasps), free)
