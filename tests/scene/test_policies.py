"""The schema that editors use, the shipped policies, and those that the documentation shows."""

import json
import re
from pathlib import Path
from typing import get_args

import jsonschema
import pytest
import yaml

from blueprint.pipeline.randomize.policy import parse_policy
from blueprint.pipeline.scene.factor_kinds import KINDS, ScalarName
from blueprint.pipeline.scene.policies import policy_schema


def test_the_schema_in_docs_is_current(repository: Path) -> None:
    written = json.loads((repository / "docs/schemas/randomization.schema.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(policy_schema()))


@pytest.mark.parametrize("name", ["off", "mild", "strong"])
def test_shipped_policies_fit_the_schema(repository: Path, name: str) -> None:
    data = yaml.safe_load((repository / f"config/randomization/{name}.yaml").read_text(encoding="utf-8"))
    jsonschema.validate(data, policy_schema())
    assert data["name"] == name


def test_the_schema_refuses_what_the_program_refuses() -> None:
    wrong = {"format": "blueprint.randomization", "version": 1, "name": "x", "factors": {"a": {"vary": "weight"}}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(wrong, policy_schema())


def test_the_documentations_policy_is_one(repository: Path) -> None:
    page = (repository / "docs/randomization.md").read_text(encoding="utf-8")
    shown = [text for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if "blueprint.randomization" in text]
    assert [parse_policy(yaml.safe_load(text), "docs").name for text in shown] == ["dim_kitchen"]


def test_the_documentation_names_every_factor(repository: Path) -> None:
    page = (repository / "docs/randomization.md").read_text(encoding="utf-8")
    assert set(KINDS) == set(get_args(ScalarName))
    for name in (*KINDS, "poses", "texture", "distractors"):
        assert f"`{name}`" in page, name
