"""The settings page is made from the schema, and every setting has a sentence."""

from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field

import settings_page


class Grip(BaseModel):
    """How fingers close."""

    force_n: float = Field(40.0, gt=0, le=70, description="Force of one finger [N].")
    width_m: tuple[float, float] = Field((0.0, 0.08), description="Narrowest and widest opening [m].")


class Generate(BaseModel):
    """Attempt pick-and-place episodes.

    A second paragraph that a table has no room for.
    """

    grip: Grip = Grip()
    engine: Literal["mujoco", "null"] = Field("mujoco", description="Simulator | steps the scene.")
    target: str | None = Field(None, description="Object to pick; none takes each in turn.")
    retries: int = Field(description="Attempts after a failed one.", ge=0)


class Small(BaseModel):
    """A recipe in miniature."""

    production: bool = Field(False, description="Whether engine, sources and licences must be real.")
    generate: Generate


def test_page_of_a_small_recipe() -> None:
    page = settings_page.page(Small.model_json_schema())
    lines = page.splitlines()
    assert "| `production` | true or false | `false` | Whether engine, sources and licences must be real. |" in lines
    assert "## generate" in lines
    assert "Attempt pick-and-place episodes." in lines
    assert "| `grip.force_n` | number (> 0, ≤ 70) | `40.0` | Force of one finger [N]. |" in lines
    assert "| `grip.width_m` | list of (number, number) | `[0.0, 0.08]` | Narrowest and widest opening [m]. |" in lines
    assert "| `engine` | `mujoco`, `null` | `mujoco` | Simulator \\| steps the scene. |" in lines
    assert "| `target` | text or nothing | `none` | Object to pick; none takes each in turn. |" in lines
    assert "| `retries` | integer (≥ 0) | required | Attempts after a failed one. |" in lines
    assert "second paragraph" not in page


def test_a_setting_without_a_sentence_is_refused() -> None:
    class Silent(BaseModel):
        speed_m_s: float = 1.0

    with pytest.raises(ValueError, match="'speed_m_s' has no description"):
        settings_page.page(Silent.model_json_schema())


def test_every_setting_of_the_product_has_a_sentence(tmp_path: Path) -> None:
    settings_page.main(tmp_path / "settings.md")
    assert (tmp_path / "settings.md").read_text(encoding="utf-8").count("\n## ") >= 8
