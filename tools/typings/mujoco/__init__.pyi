# MuJoCo's bindings are compiled and come without stubs; without this file every name of theirs is an error.
from typing import Any

def __getattr__(name: str) -> Any: ...
