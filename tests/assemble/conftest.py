"""The kitchenette, assembled once for all tests of the stage."""

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from tests.assemble.kitchenette_records import Inputs, drain, write_inputs
from tests.usd.kitchenette import TABLE_SIZE

from blueprint.pipeline.assemble.stage import AssembleSettings, assemble
from blueprint.pipeline.engine.events import Progress, Warned
from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.records import Assembled

FLOATING = Pose((-0.2, 1.25, TABLE_SIZE[2] + 0.4))
SUNK = Pose.from_yaw((0.05, 1.4, TABLE_SIZE[2] - 0.0006), 0.0)


@dataclass(frozen=True)
class Run:
    """One run of the stage."""

    inputs: Inputs
    work: Work
    record: Assembled
    events: Sequence[Progress | Warned]


@pytest.fixture(scope="session")
def assembled_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The stage over a kitchenette whose tea box floats, whose can is sunk and of which simready left out a spoon."""
    root = tmp_path_factory.mktemp("assembled")
    poses = {"tea_box": FLOATING, "can": SUNK}
    inputs = write_inputs(root, poses=poses, left_out={"spoon": "its mesh has no volume"})
    work = Work(root / "record")
    work.folder.mkdir()
    settings = AssembleSettings.model_validate({"robot": {"tries": 4}})
    arguments = {
        "scan": inputs.scan,
        "articulated": inputs.articulated,
        "repaired": inputs.repaired,
        "simready": inputs.simready,
    }
    record, events = drain(assemble.function(work=work, settings=settings, **arguments))
    return Run(inputs, work, record, events)
