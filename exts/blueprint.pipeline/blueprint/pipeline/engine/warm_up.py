"""Begin early to load what a stage needs late."""

from importlib import import_module


def begin(name: str) -> None:
    """Call the function that `module:function` names; it must return at once."""
    module, _, function = name.partition(":")
    getattr(import_module(module), function)()
