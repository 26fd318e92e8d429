"""The scale follows the best evidence, robustly, and is refused where it is absurd or nowhere to be found."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.formats.tiny_scans import bracket

from blueprint.pipeline.errors import InputError, UnknownName
from blueprint.pipeline.formats.raw_scan import RawMesh, RawObject, RawSurface
from blueprint.pipeline.ingest.leveled import LeveledObject, heading_rad, level_object, turn_about_z
from blueprint.pipeline.ingest.measurements import parse_measurement
from blueprint.pipeline.ingest.poses import recover_pose
from blueprint.pipeline.ingest.scale import (
    ScaleUnknown,
    camera_sample,
    ceiling_sample,
    decide_scale,
    measured_samples,
    own_evidence,
    prior_samples,
    weighted_median,
)
from blueprint.pipeline.ingest.units import UnitsMistake, refuse_units_mistake
from blueprint.pipeline.scene.categories import load_categories
from blueprint.pipeline.scene.scans import ScaleEstimate, ScaleSample

TRUE = 0.5


def stand(name: str, size_m: tuple[float, float, float], base_m: float = 0.0, yaw: float = 0.4) -> LeveledObject:
    """Return an object whose true size is given, in a level scan of half-metre units."""
    mesh = bracket(size_m)
    own = np.asarray(mesh.vertices)
    z_up = own[:, [0, 2, 1]] * [1, -1, 1]
    level = (z_up @ turn_about_z(yaw).T + [0.2, 0.3, base_m + size_m[1] / 2]) / TRUE
    canonical, posed = (RawMesh(name, (RawSurface(points, np.asarray(mesh.faces)),)) for points in (own, level))
    return level_object(name, RawObject(name, name, posed, canonical), recover_pose(own, level), np.eye(3))


TABLE = stand("table", (1.2, 0.74, 0.8))
MUG = stand("mug", (0.11, 0.095, 0.08), 0.74)
BOX = stand("box", (0.2, 0.1, 0.1), 0.74)
ALL = [TABLE, MUG, BOX]
NAMES = {entry.id: entry.id for entry in ALL}


def priors(objects: list[LeveledObject] = ALL) -> list[ScaleSample]:
    return prior_samples(objects, NAMES, load_categories(), 0.0)


def decide(**changes: object) -> ScaleEstimate:
    usual: dict[str, object] = {
        "scene": "s",
        "override": None,
        "measured": [],
        "declared": None,
        "priors": priors(),
        "labels": ["x"],
    }
    return decide_scale(**{**usual, **changes})  # type: ignore[arg-type]


def test_leveled_objects_are_measured_in_their_own_heading() -> None:
    np.testing.assert_allclose(TABLE.size * TRUE, (1.2, 0.8, 0.74), atol=1e-9)
    np.testing.assert_allclose(TABLE.base * TRUE, (0.2, 0.3, 0.0), atol=1e-9)
    assert TABLE.yaw_rad == pytest.approx(0.4)
    names = ("width", "depth", "height", "longest", "long_side", "short_side")
    assert [round(TABLE.dimension(name) * TRUE, 6) for name in names] == [1.2, 0.8, 0.74, 1.2, 1.2, 0.8]


def test_something_upside_down_has_no_heading() -> None:
    assert heading_rad(np.diag([1.0, -1.0, -1.0])) == 0.0


def test_usual_sizes_give_the_scale_of_ordinary_things() -> None:
    estimate = decide()
    assert estimate.metres_per_unit == pytest.approx(TRUE, rel=0.02)
    assert estimate.method == "usual sizes"
    assert estimate.spread is not None
    assert estimate.spread < 0.05
    assert all(sample.subject.split()[0] in ("table", "mug") for sample in estimate.samples)


def test_one_mis_scaled_thing_does_not_carry_the_scale_away() -> None:
    crowd = [stand(f"mug{number}", (0.11, 0.095 * (1 + 0.02 * number), 0.08)) for number in range(-2, 3)]
    giant = stand("table", (12.0, 7.4, 8.0))
    objects = [*crowd, giant]
    names = {entry.id: "table" if entry.id == "table" else "mug" for entry in objects}
    samples = prior_samples(objects, names, load_categories(), 0.0)
    estimate = decide(priors=samples)
    assert estimate.metres_per_unit == pytest.approx(TRUE, rel=0.06)
    outlier = next(sample for sample in estimate.samples if sample.subject.startswith("table"))
    assert outlier.outlier_ratio == pytest.approx(0.1, rel=0.1)


def test_the_order_of_trust() -> None:
    measured = measured_samples([parse_measurement("table.height=0.777")], ALL)
    declared_wins = decide(declared=0.25)
    measured_wins = decide(declared=0.25, measured=measured)
    override_wins = decide(declared=0.25, measured=measured, override=0.9)
    assert (declared_wins.method, declared_wins.metres_per_unit) == ("declared", 0.25)
    assert measured_wins.method == "measurement"
    assert measured_wins.metres_per_unit == pytest.approx(TRUE * 0.777 / 0.74)
    assert (override_wins.method, override_wins.metres_per_unit) == ("override", 0.9)
    assert override_wins.samples


def test_a_distance_is_measured_in_scan_units() -> None:
    (sample,) = measured_samples([parse_measurement("0,0,0:0,3,4=2.5")], ALL)
    assert sample.metres_per_unit == pytest.approx(0.5)


def test_measurements_of_absent_or_flat_things_are_refused() -> None:
    with pytest.raises(UnknownName, match=r"ingest\.measurements: unknown object 'tabel'; did you mean 'table'"):
        measured_samples([parse_measurement("tabel.height=1")], ALL)
    with pytest.raises(InputError, match="no extent"):
        measured_samples([parse_measurement("1,1,1:1,1,1=1")], ALL)


def test_without_evidence_no_scale_is_invented() -> None:
    with pytest.raises(ScaleUnknown, match=r"box.*Measure one thing"):
        decide(priors=priors([BOX]), labels=["box"])
    assert camera_sample(-1.0) == []
    assert decide(priors=camera_sample(3.0)).metres_per_unit == pytest.approx(0.5)


@given(st.lists(st.tuples(st.floats(0.01, 100), st.floats(0.1, 100)), min_size=1, max_size=9), st.floats(0.01, 100))
def test_the_median_lies_among_the_samples_and_follows_units(pairs: list[tuple[float, float]], unit: float) -> None:
    samples = [ScaleSample("s", "x", 1.0, factor, factor, weight) for factor, weight in pairs]
    scaled = [ScaleSample("s", "x", 1.0, factor, factor * unit, weight) for factor, weight in pairs]
    middle = weighted_median(samples)
    factors = [factor for factor, _ in pairs]
    assert min(factors) * (1 - 1e-9) <= middle <= max(factors) * (1 + 1e-9)
    assert weighted_median(scaled) == pytest.approx(middle * unit, rel=1e-9)


@pytest.mark.parametrize("mistake", [100.0, 0.01, 1000.0])
def test_a_units_mistake_is_refused_with_what_would_be_right(mistake: float) -> None:
    wrong = decide(declared=TRUE * mistake)
    with pytest.raises(UnitsMistake, match=r"About 0\.5.* metres per unit would be right"):
        refuse_units_mistake(wrong, priors(), ALL)
    refuse_units_mistake(decide(declared=TRUE), priors(), ALL)


def test_a_scene_of_unknown_things_is_judged_by_its_extent() -> None:
    huge = decide(declared=1000.0, priors=[])
    with pytest.raises(UnitsMistake, match="m across, where"):
        refuse_units_mistake(huge, [], [BOX])


def test_the_height_of_the_room_counts_where_floor_and_ceiling_are_seen() -> None:
    (sample,) = ceiling_sample(2.5 / TRUE)
    assert sample.metres_per_unit == pytest.approx(TRUE)
    assert ceiling_sample(None) == ceiling_sample(0.0) == []
    alone = decide(priors=[sample])
    assert alone.metres_per_unit == pytest.approx(TRUE)
    assert "floor to ceiling" in own_evidence(alone)


def test_more_evidence_that_agrees_gives_more_confidence_and_discord_less() -> None:
    few, many = decide(priors=priors([TABLE])), decide()
    assert few.confidence is not None
    assert many.confidence is not None
    assert 0.3 < few.confidence < many.confidence < 1
    torn = [stand(name, size) for name, size in (("table", (1.2, 0.74, 0.8)), ("mug", (0.22, 0.19, 0.16)))]
    discord = decide(priors=priors([*torn, stand("box", (0.1, 0.04, 0.05))]))
    assert discord.confidence is not None
    assert discord.confidence < few.confidence


def test_a_measurement_is_nearly_certain_and_what_is_told_is_not_estimated() -> None:
    told = decide(measured=measured_samples([parse_measurement("table.height=0.74")], ALL))
    assert told.confidence is not None
    assert told.confidence > 0.99
    assert decide(override=0.5).confidence is None
    assert decide(declared=0.5).confidence is None


def test_an_object_whose_own_evidence_disagrees_is_named_with_its_ratio() -> None:
    large = stand("mug", (0.11 * 1.7, 0.095 * 1.7, 0.08 * 1.7), 0.74)
    desk = stand("desk", (1.4, 0.75, 0.7))
    usual = prior_samples([TABLE, desk, large], {**NAMES, "desk": "desk"}, load_categories(), 0.0)
    estimate = decide(priors=usual)
    assert estimate.metres_per_unit == pytest.approx(TRUE, rel=0.1)
    own = own_evidence(estimate)["mug"]
    assert own.ratio == pytest.approx(1.7, rel=0.15)
    assert own.disagrees
    (conflict,) = [text for text in estimate.conflicts if text.startswith("mug")]
    assert f"{own.ratio:.2f} times too large" in conflict
    assert not own_evidence(decide())["mug"].disagrees
    assert decide().conflicts == ()


def test_evidence_that_contradicts_a_measurement_is_a_conflict() -> None:
    told = decide(measured=measured_samples([parse_measurement("table.height=1.48")], ALL))
    assert told.metres_per_unit == pytest.approx(2 * TRUE)
    assert any("2." in text or "1.9" in text for text in told.conflicts)
    assert {text.split()[0] for text in told.conflicts} >= {"mug", "table"}
