"""Drawn mass and friction."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError
from tests.usd.kitchenette import articulated, kitchenette

from blueprint.pipeline.assemble.manifest import scene_prop
from blueprint.pipeline.randomize.physics import PhysicsSettings, draw_friction, draw_mass
from blueprint.pipeline.scene.manifests import SceneProp
from blueprint.pipeline.scene.randomness import stream


@pytest.fixture(scope="module")
def cabinet(tmp_path_factory: pytest.TempPathFactory) -> SceneProp:
    """A prop of three links."""
    folder: Path = tmp_path_factory.mktemp("payloads")
    made = kitchenette(folder)["cabinet"]
    return scene_prop(articulated(made), made.physics, prim_path="", asset_path="")


def test_links_keep_their_proportions(cabinet: SceneProp) -> None:
    drawn = draw_mass(cabinet, stream(1, 1, "mass"), PhysicsSettings(mass_factor=(0.5, 2.0)))
    before = [link.mass for link in cabinet.physics]
    factors = {round(new.mass_kg / old.mass_kg, 9) for new, old in zip(drawn, before, strict=True)}
    assert len(factors) == 1
    factor = factors.pop()
    assert 0.5 <= factor <= 2.0
    for new, old in zip(drawn, before, strict=True):
        assert np.allclose(new.inertia_kg_m2, factor * np.array(old.inertia_kg_m2))
        assert new.center_of_mass_m == old.center_of_mass_m
        assert new.why == f"drawn: {old.mass_kg:.4g} kg x {factor:.3f}"


def test_static_and_dynamic_friction_keep_their_ratio(cabinet: SceneProp) -> None:
    for new, link in zip(draw_friction(cabinet, stream(1, 1, "f"), PhysicsSettings()), cabinet.physics, strict=True):
        old = link.material
        assert new.static_friction != old.static_friction
        assert new.static_friction / new.dynamic_friction == pytest.approx(old.static_friction / old.dynamic_friction)


def test_a_factor_of_one_changes_nothing(cabinet: SceneProp) -> None:
    drawn = draw_mass(cabinet, stream(1, 1, "mass"), PhysicsSettings(mass_factor=(1.0, 1.0)))
    assert [edit.mass_kg for edit in drawn] == [link.mass.mass_kg for link in cabinet.physics]


@pytest.mark.parametrize("limits", [(0.0, 1.0), (1.2, 0.8), (-1.0, 1.0)])
def test_a_range_is_ordered_and_positive(limits: tuple[float, float]) -> None:
    with pytest.raises(ValidationError, match=r"a range of factors is \[low, high\] with 0 < low <= high"):
        PhysicsSettings(mass_factor=limits)
