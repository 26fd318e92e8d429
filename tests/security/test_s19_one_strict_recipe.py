"""S19: every field of a recipe is known, of its type and within bounds, and one switch decides what is production."""

from pathlib import Path

import pytest

from blueprint.pipeline.errors import RecipeError
from blueprint.pipeline.recipe import load_recipe, parse_recipe


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    return tmp_path / "recipe.yaml"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("productoin: true", "productoin: unknown field; did you mean 'production'"),
        ("generate: {episods: 3}", r"generate\.episods: unknown field; did you mean 'episodes'"),
        ("generate: {motion: {paddin_m: 1}}", r"generate\.motion\.paddin_m: unknown field; did you mean 'padding_m'"),
        ("generate: {episodes: many}", r"generate\.episodes: .*valid integer.*found 'many'"),
        ("generate: {episodes: 0}", r"generate\.episodes: .*greater than or equal to 1 \(found 0\)"),
        ("generate: {episodes: -5}", r"generate\.episodes"),
        ("ingest: {metres_per_unit: .nan}", r"ingest\.metres_per_unit: .*finite"),
        ("ingest: {metres_per_unit: .inf}", r"ingest\.metres_per_unit: .*finite"),
        ("ingest: {source: ''}", r"ingest\.source: is empty"),
        ("ingest: {source: '  '}", r"ingest\.source: is empty"),
        ("ingest: {scene_id: ../../x}", r"ingest\.scene_id: is no identifier .*write 'x'"),
        ("ingest: {scene_id: '...'}", r"ingest\.scene_id"),
        ("ingest: []", r"ingest: .*dictionary"),
        ("pipeline: tabeltop", "pipeline: .*'tabletop'"),
        ("version: 2", "version 2 is newer than 1.*upgrade"),
        ("- ingest", "a recipe is a mapping of sections"),
        ("ingest: [", "is not valid YAML"),
        ("!!python/object/apply:os.system [ls]", "is not valid YAML"),
    ],
)
def test_a_fault_is_named_with_file_field_and_what_would_be_right(recipe: Path, text: str, said: str) -> None:
    recipe.write_text(text)
    with pytest.raises(RecipeError, match=rf"recipe\.yaml: {said}") as caught:
        load_recipe(recipe)
    assert caught.value.exit_code == 2


def test_all_faults_are_named_at_once(recipe: Path) -> None:
    recipe.write_text("generate: {episodes: 0, fps: fast}\nproductoin: true")
    with pytest.raises(RecipeError) as caught:
        load_recipe(recipe)
    assert len(caught.value.faults) == 3


@pytest.mark.parametrize("value", ["'yes'", "1", "'true'", "on please", "null"])
def test_the_switch_is_true_or_false_and_nothing_like_it(recipe: Path, value: str) -> None:
    recipe.write_text(f"production: {value}")
    with pytest.raises(RecipeError, match="production"):
        load_recipe(recipe)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("generate: {seed: 1}\ngenerate: {seed: 2}", "'generate' is given twice, in line 1 and in line 2"),
        ("generate:\n  seed: 1\n  seed: 2", "'seed' is given twice, in line 2 and in line 3"),
        ("production: false\ncertify: {production: true}", r"certify\.production is true and production is not"),
        ("production: true\ngenerate: {engine: 'null'}", "computes no physics; production needs a real engine"),
    ],
)
def test_two_sources_that_disagree_are_refused(recipe: Path, text: str, said: str) -> None:
    recipe.write_text(text)
    with pytest.raises(RecipeError, match=said):
        load_recipe(recipe)


def test_a_file_that_is_no_text_or_is_missing_is_named(recipe: Path) -> None:
    recipe.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(RecipeError, match=r"recipe\.yaml: is no text"):
        load_recipe(recipe)
    with pytest.raises(RecipeError, match=r"elsewhere\.yaml: cannot be read: No such file"):
        load_recipe(recipe.with_name("elsewhere.yaml"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file"),
        ("gates: [", "is not valid YAML"),
        ("format: blueprint.gates\nversion: 1\ngates: [{figure: x, meaning: y}]", "either at_least or at_most"),
    ],
)
def test_gates_are_read_before_anything_is_done(recipe: Path, content: str | None, said: str) -> None:
    recipe.write_text("certify: {gates: mine.yaml}")
    if content is not None:
        recipe.with_name("mine.yaml").write_text(content)
    with pytest.raises(RecipeError, match=rf"mine\.yaml: .*{said}"):
        load_recipe(recipe)


def test_environment_variables_change_nothing(recipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe.write_text("{}")
    before = load_recipe(recipe)
    for name in ("BLUEPRINT_PRODUCTION", "PRODUCTION", "GENERATE__EPISODES", "SKIP_GATES"):
        monkeypatch.setenv(name, "1")
    assert load_recipe(recipe) == before == parse_recipe({}, "recipe.yaml")
