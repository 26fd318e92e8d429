"""How the scan's unit became metres and which way is up: the evidence, and how far it lies from the decision."""

import math
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from blueprint.pipeline.app.figures import NOT_MEASURED, angle_text, length_text, share_text
from blueprint.pipeline.scene.scans import GravityEstimate, ScaleEstimate, ScaleSample

from .plots import Dot, dot_plot

MOST_SAMPLES = 40
DOUBTFUL_RATIO = 1.5
"""Evidence that is off by more than this factor, either way, is drawn as doubtful."""


@dataclass(frozen=True, slots=True)
class ScaleSection:
    """The scale and the upward direction in words, with a plot of the evidence."""

    metres_per_unit: str
    method: str
    spread: str
    confidence: str
    conflicts: tuple[str, ...]
    why: str
    plot: Markup
    sample_count: int
    not_shown: int
    up: str
    tilt: str
    gravity_method: str
    gravity_why: str


def describe_scale(scale: ScaleEstimate, gravity: GravityEstimate) -> ScaleSection:
    """Return the evidence, heaviest first."""
    samples = sorted(scale.samples, key=lambda sample: -sample.weight)
    shown = samples[:MOST_SAMPLES]
    plot = dot_plot(
        "Evidence for the scale", "metres per unit", [_dot(sample) for sample in shown],
        reference=scale.metres_per_unit, reference_name=f"{scale.metres_per_unit:.4g}",
    )  # fmt: skip
    up = np.asarray(gravity.up_scan)
    return ScaleSection(
        metres_per_unit=f"{scale.metres_per_unit:.5g} m per unit",
        method=scale.method,
        spread=NOT_MEASURED if scale.spread is None else f"± {share_text(scale.spread)}",
        confidence=NOT_MEASURED if scale.confidence is None else share_text(scale.confidence),
        conflicts=scale.conflicts[:MOST_SAMPLES],
        why=scale.why,
        plot=plot if shown else Markup(""),
        sample_count=len(samples),
        not_shown=len(samples) - len(shown),
        up=", ".join(f"{value + 0.0:.4f}" for value in gravity.up_scan),
        tilt=angle_text(float(np.arccos(np.clip(np.abs(up).max() / np.linalg.norm(up), -1.0, 1.0)))),
        gravity_method=gravity.method,
        gravity_why=gravity.why,
    )


def is_doubtful(sample: ScaleSample) -> bool:
    """Whether a sample says something quite different from the decision."""
    return sample.outlier_ratio <= 0 or abs(math.log(sample.outlier_ratio)) > math.log(DOUBTFUL_RATIO)


def _dot(sample: ScaleSample) -> Dot:
    note = f"{length_text(sample.expected_m)}, × {sample.outlier_ratio:.2f}"
    return Dot(sample.subject, sample.metres_per_unit, note, is_doubtful(sample))
