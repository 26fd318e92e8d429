# Kernels are a language of their own that borrows Python's syntax: what is written in them is checked when they are
# compiled, and Warp's declarations for the part that runs as Python contradict its use inside kernels.
from typing import Any

def __getattr__(name: str) -> Any: ...
