"""Whether the robots of a recipe are what their descriptions say, before anything runs."""

from blueprint.pipeline.errors import RecipeError
from blueprint.pipeline.recipe import Recipe
from blueprint.pipeline.scene.robots import load_robot


def check_robots(recipe: Recipe) -> None:
    """Hold every robot's description against its USD; raises RecipeError with all that differs, in all of them."""
    from blueprint.pipeline.usd.robot_check import check_robot_asset

    faults: list[str] = []
    names = recipe.robots or (recipe.assemble.robot.name,)
    for name in names:
        try:
            check_robot_asset(load_robot(name))
        except RecipeError as error:
            faults += [f"{name}: {fault}" for fault in error.faults]
    if faults:
        raise RecipeError("robots" if recipe.robots else "assemble.robot.name", faults)
