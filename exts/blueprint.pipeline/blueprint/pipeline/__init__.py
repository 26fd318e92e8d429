"""Turn a reconstruction of one photo into a scene a robot can act in, and the scene into datasets a lab can verify.

The public names are looked up on first use, so that `import blueprint.pipeline` loads nothing but this file:

    from blueprint.pipeline import load_recipe, plan, run

    recipe = load_recipe(Path("config/recipes/tabletop.yaml"), {"ingest.source": "SCAN"})
    result = run(recipe, Path("runs/mine"))
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from blueprint.pipeline.app.episode_page.page import write_episode_page
    from blueprint.pipeline.app.opened_episode import open_episode
    from blueprint.pipeline.app.replay.exact import replay_exactly
    from blueprint.pipeline.app.replay.hypothesis import Hypothesis, try_hypothesis
    from blueprint.pipeline.app.rerun_export import write_recording
    from blueprint.pipeline.app.workbench import RunResult, plan, run
    from blueprint.pipeline.errors import BlueprintError
    from blueprint.pipeline.recipe import Recipe, load_recipe

__all__ = [
    "BlueprintError",
    "Hypothesis",
    "Recipe",
    "RunResult",
    "load_recipe",
    "open_episode",
    "plan",
    "replay_exactly",
    "run",
    "try_hypothesis",
    "write_episode_page",
    "write_recording",
]

_HOMES = {
    "BlueprintError": "blueprint.pipeline.errors",
    "Hypothesis": "blueprint.pipeline.app.replay.hypothesis",
    "Recipe": "blueprint.pipeline.recipe",
    "RunResult": "blueprint.pipeline.app.workbench",
    "load_recipe": "blueprint.pipeline.recipe",
    "open_episode": "blueprint.pipeline.app.opened_episode",
    "plan": "blueprint.pipeline.app.workbench",
    "replay_exactly": "blueprint.pipeline.app.replay.exact",
    "run": "blueprint.pipeline.app.workbench",
    "try_hypothesis": "blueprint.pipeline.app.replay.hypothesis",
    "write_episode_page": "blueprint.pipeline.app.episode_page.page",
    "write_recording": "blueprint.pipeline.app.rerun_export",
}


def __getattr__(name: str) -> object:
    """Import a public name from its home when it is first asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}; it has {', '.join(__all__)}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
