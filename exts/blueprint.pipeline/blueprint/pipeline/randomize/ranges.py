"""Ranges of factors, checked where a recipe is read."""

from typing import Annotated

from pydantic import AfterValidator


def _ordered(limits: tuple[float, float]) -> tuple[float, float]:
    low, high = limits
    if not 0 < low <= high:
        raise ValueError(f"a range of factors is [low, high] with 0 < low <= high, not [{low:g}, {high:g}]")
    return limits


FactorRange = Annotated[tuple[float, float], AfterValidator(_ordered)]
