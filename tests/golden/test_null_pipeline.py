"""Three objects through every stage on the `null` engine: what each stage writes is compared byte by byte.

A meaning that changes without a bumped stage version fails here; `pytest tests/golden --update-golden` takes new bytes.
"""

import json
from pathlib import Path

import pytest
import trimesh
from tests.formats.tiny_scans import Thing, write_run

from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.engine.events import Tape
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.keys import cpu_class
from blueprint.pipeline.engine.run import RunState, run_pipeline
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.pipeline import STAGES, TABLETOP
from blueprint.pipeline.recipe import parse_recipe

GOLDEN = Path(__file__).with_name("null_pipeline.json")


def thing(label: str, size_m: tuple[float, float, float], at_m: tuple[float, float, float], **place: object) -> Thing:
    """Return a box: its label, size (width, height, depth) and the place of its base."""
    made = Thing(label, size_m, at_m, **place)  # type: ignore[arg-type]
    made.mesh = trimesh.creation.box(extents=size_m)
    return made


THINGS = (
    thing("table", (1.2, 0.74, 0.8), (0.0, 1.6, 0.0), yaw_rad=0.1, centre_px=(500, 600)),
    thing("cereal box", (0.06, 0.2, 0.15), (0.2, 1.5, 0.74), yaw_rad=-0.7, centre_px=(520, 300)),
    thing("soup can", (0.066, 0.102, 0.067), (-0.15, 1.6, 0.74), yaw_rad=1.1, centre_px=(480, 310)),
)


def run(source: Path, store: Store) -> RunState:
    recipe = parse_recipe(
        {
            "ingest": {"source": str(source), "scene_id": "golden"},
            "assemble": {"settle": {"engine": "null"}, "cameras": {"width_px": 64, "height_px": 64}},
            "randomize": {"count": 2},
            "prove": {"engine": "null"},
            "generate": {"engine": "null", "episodes": 2},
            "certify": {"fail_below_gates": False},
        },
        "golden",
    )
    state = RunState()
    run_pipeline(TABLETOP, recipe.sections(), store, InlineExecutor(STAGES), Tape(), state)
    return state


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> RunState:
    folder = tmp_path_factory.mktemp("golden")
    return run(write_run(folder / "scan", THINGS), Store(folder / "store"))


@pytest.mark.timeout(300)
def test_every_stage_writes_the_bytes_it_wrote_before(state: RunState, pytestconfig: pytest.Config) -> None:
    header = {name: record.header for name, record in state.records.items()}
    found = {
        "cpu": cpu_class(),
        "tools": {tool: version for entry in header.values() for tool, version in entry.get("tools", {}).items()},
        "stages": {name: [STAGES[name].version, record.digest] for name, record in state.records.items()},
    }
    if pytestconfig.getoption("--update-golden"):
        GOLDEN.write_bytes(canonical_json(found))
    golden = json.loads(GOLDEN.read_bytes())
    if (golden["cpu"], golden["tools"]) != (found["cpu"], found["tools"]):
        pytest.skip("the golden bytes are of another class of processor or of other library versions")
    assert found["stages"] == golden["stages"]


def test_a_null_run_certifies_as_no_more_than_test_data(state: RunState) -> None:
    certificate = json.loads((state.records["certify"].folder / "certificate/certificate.json").read_bytes())
    assert certificate["grade"] == "not certified"
    assert "engine 'null' computes no physics" in certificate["reasons_for_test_data"]
    assert certificate["figures"]["physics_validated_share"] == 0
