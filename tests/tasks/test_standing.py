"""What things stand on."""

from tests.tasks.workshop import manifest

from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.tasks.standing import support_of


def test_what_floats_stands_on_nothing() -> None:
    """Half a metre above the table is on nothing, a millimetre is."""
    assert support_of(manifest(), Pose((0.5, -0.2, 0.8))) is None
    found = support_of(manifest(), Pose((0.5, -0.2, 0.301)))
    assert found is not None
    assert found[0].prop.id == "table"


def test_beside_the_table_there_is_no_support() -> None:
    assert support_of(manifest(), Pose((0.6, 0.53, 0.3))) is None
