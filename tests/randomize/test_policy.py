"""Policies as files: the shipped levels, and every way in which one's own can be wrong."""

from pathlib import Path
from typing import Any

import pytest

from blueprint.pipeline.errors import UnknownName
from blueprint.pipeline.randomize.factor_effects import EFFECTIVE_IN
from blueprint.pipeline.randomize.policy import PolicyError, level_names, load_policy, parse_policy, policy_path


def written(**factors: Any) -> dict[str, Any]:
    """Return a policy with these factors."""
    return {"format": "blueprint.randomization", "version": 1, "name": "own", "factors": factors}


def faults(data: Any) -> tuple[str, ...]:
    """Return what is wrong with a policy."""
    with pytest.raises(PolicyError) as caught:
        parse_policy(data, "own.yaml")
    return caught.value.faults


def test_three_levels_are_shipped_and_only_offer_what_has_an_effect() -> None:
    assert level_names() == ("mild", "off", "strong")
    levels = {name: load_policy(Path(name)) for name in level_names()}
    assert levels["off"].factors == {}
    assert {entry.vary for entry in levels["strong"].factors.values()} == set(EFFECTIVE_IN)
    for policy in levels.values():
        assert {entry.vary for entry in policy.factors.values()} <= set(EFFECTIVE_IN)


def test_strong_spans_more_than_mild() -> None:
    mild, strong = load_policy(Path("mild")).scalars(), load_policy(Path("strong")).scalars()
    for name, factor in mild.items():
        low, high = factor.values.support()
        least, most = strong[name].values.support()
        assert least <= low <= high <= most, name


def test_a_name_is_a_level_wherever_a_recipe_lies() -> None:
    assert policy_path(Path("/somewhere/recipes/mild")) == policy_path(Path("mild"))
    with pytest.raises(UnknownName, match=r"did you mean 'mild'\? Known: mild, off, strong"):
        load_policy(Path("mildly"))


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "format: blueprint.randomization\nversion: 1\nname: own\n"
        "factors:\n  heavy_mugs:\n    vary: mass\n    values: {uniform: [1, 2]}\n    targets: {categories: [mug]}\n"
    )
    assert load_policy(path).scalars()["heavy_mugs"].targets.categories == ("mug",)
    with pytest.raises(PolicyError, match=r"cannot be read: .*levels are mild, off, strong"):
        load_policy(tmp_path / "absent.yaml")
    path.write_text("factors: [")
    with pytest.raises(PolicyError, match=r"own.yaml: is not valid YAML"):
        load_policy(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PolicyError, match="is no text"):
        load_policy(path)


@pytest.mark.parametrize(
    ("factor", "fault"),
    [
        ({"vary": "mass", "values": {"uniform": [2, 1]}}, "factors.a.values.uniform: the low end comes first: [1, 2]"),
        ({"vary": "mass", "values": {"log_uniform": [0, 1]}}, "a logarithm needs a low end above 0, not 0"),
        ({"vary": "mass", "values": {"uniform": [-1, 1]}}, "a factor is at least 0, not -1; 1 keeps"),
        ({"vary": "restitution", "values": {"uniform": [0, 1.5]}}, "what restitution can be: 0 to 0.9"),
        ({"vary": "latency", "values": {"uniform": [0, 5]}}, "0 to 5 s is outside what latency can be: 0 to 1 s"),
        ({"vary": "light_azimuth", "how": "scale", "values": {"constant": 1}}, "light_azimuth can be add, not scale"),
        ({"vary": "mass", "values": {"uniform": [float("nan"), 1]}}, "uniform.0: Input should be a finite number"),
        ({"vary": "mass", "values": [1, 2]}, "a distribution is one of uniform, log_uniform, normal, choice, constant"),
        ({"vary": "mass", "values": {"choice": [1, 2], "weights": [1]}}, "at least 0 for each of the 2 values"),
        ({"vary": "mass", "values": {"normal": {"mean": 1, "std": 0.1, "low": 2, "high": 1}}}, "low lies below high"),
        ({"vary": "mass", "values": {"normal": {"mean": 1, "std": 0.1, "low": 3, "high": 4}}}, "six deviations off"),
        ({"vary": "mass", "value": {"uniform": [1, 2]}, "values": {"constant": 1}}, "did you mean 'values'? Known:"),
        ({"vary": "weight", "values": {"uniform": [1, 2]}}, "vary: unknown name 'weight'. Known: camera_shift, "),
        ({"vary": "latencey", "values": {"constant": 0.1}}, "unknown name 'latencey'; did you mean 'latency'?"),
        ({"vary": "distractors", "count": {"constant": 99}}, "99 to 99 is outside what is possible: 0 to 16"),
        ({"vary": "poses", "near_share": 0.9, "far_share": 0.84}, "near_share 0.9 has to be below far_share 0.84"),
        ({"vary": "poses", "near_share": 0.9}, "near_share and far_share are given both or not at all"),
    ],
)  # fmt: skip
def test_a_fault_names_its_field_and_what_is_possible(factor: dict[str, Any], fault: str) -> None:
    found = faults(written(a=factor))
    assert len(found) == 1
    assert found[0].startswith("factors.a")
    assert fault in found[0]


def test_all_faults_come_together() -> None:
    wrong = {"vary": "mass", "values": {"uniform": [2, 1]}}
    assert len(faults({**written(a=wrong, b=wrong), "extra": 1})) == 3


def one(vary: str, **more: Any) -> dict[str, Any]:
    return {"vary": vary, "values": {"uniform": [0.9, 1.1]}, **more}


@pytest.mark.parametrize(
    ("correlation", "fault"),
    [
        ({"factors": ["a", "q"], "coefficient": 0.5}, "unknown factor 'q'. Known: a, b, c, d"),
        ({"factors": ["a", "d"], "coefficient": 0.5}, "a, d are about different things; set `each: false`"),
        ({"factors": ["a", "c"], "coefficient": 0.5}, "c is drawn as several numbers"),
        ({"factors": ["a", "b"], "coefficient": 1.0}, "coefficient: Input should be less than 1"),
        ({"factors": ["a", "b", "d"], "coefficient": -0.6}, "3 factors can have at least -0.5 in common"),
        ({"factors": ["a"], "coefficient": 0.5}, "at least 2 items"),
    ],
)
def test_correlations_that_cannot_be(correlation: dict[str, Any], fault: str) -> None:
    data = written(a=one("mass"), b=one("friction"), c=one("color"), d=one("light_intensity"))
    (found,) = faults({**data, "correlations": [correlation]})
    assert fault in found


def test_a_factor_is_in_one_correlation_only() -> None:
    data = written(a=one("mass"), b=one("friction"), c=one("mass"))
    both = [{"factors": ["a", "b"], "coefficient": 0.5}, {"factors": ["b", "c"], "coefficient": 0.5}]
    assert any("'b' is in more than one" in fault for fault in faults({**data, "correlations": both}))


def test_two_factors_for_the_places_are_one_too_many() -> None:
    assert "both vary poses" in faults(written(a={"vary": "poses"}, b={"vary": "poses"}))[0]


def test_a_newer_version_says_how_to_upgrade() -> None:
    assert "pip install --upgrade" in faults({**written(), "version": 2})[0]
    assert faults(["a"]) == ("a policy is a mapping with format, version, name and factors",)
