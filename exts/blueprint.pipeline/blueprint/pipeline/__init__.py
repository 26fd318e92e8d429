"""Turn a reconstruction of one photo into a scene a robot can act in, and the scene into datasets a lab can verify.

The public names are looked up on first use, so that `import blueprint.pipeline` loads nothing but this file:

    from blueprint.pipeline import load_recipe, plan, run

    recipe = load_recipe(Path("config/recipes/tabletop.yaml"), {"ingest.source": "SCAN"})
    result = run(recipe, Path("runs/mine"))
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blueprint.pipeline.app.workbench import RunResult, plan, run
    from blueprint.pipeline.errors import BlueprintError
    from blueprint.pipeline.recipe import Recipe, load_recipe

__all__ = ["BlueprintError", "Recipe", "RunResult", "load_recipe", "plan", "run"]

_HOMES = {
    "BlueprintError": "blueprint.pipeline.errors",
    "Recipe": "blueprint.pipeline.recipe",
    "RunResult": "blueprint.pipeline.app.workbench",
    "load_recipe": "blueprint.pipeline.recipe",
    "plan": "blueprint.pipeline.app.workbench",
    "run": "blueprint.pipeline.app.workbench",
}


def __getattr__(name: str) -> object:
    """Import a public name from its home when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
