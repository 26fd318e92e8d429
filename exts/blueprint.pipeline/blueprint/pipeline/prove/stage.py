"""The stage `prove`: trials of the assembled scene in MuJoCo and, where it is installed, in PhysX."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from blueprint.pipeline.engine.events import Progress, Warned
from blueprint.pipeline.engine.stage import NOT_IN_KEY, Settings, Steps, Work, stage
from blueprint.pipeline.scene.records import Assembled, Proven

from .differences import AgreementSettings
from .drop import DropSettings
from .push import PushSettings
from .rest import RestSettings
from .sweep import SweepSettings

_TRIED = 0.95


class ProveSettings(Settings, frozen=True):
    """Trials of the scene in the engines."""

    engine: Literal["mujoco", "null"] = Field(
        default="mujoco", description="Engine of the trials; null computes no physics, so nothing is tried."
    )
    physx_python: Path | None = Field(
        default=None,
        description="Interpreter that has ovphysx (NVIDIA's terms), for the same trials in PhysX; empty for none.",
        json_schema_extra=NOT_IN_KEY,
    )
    simready_python: Path | None = Field(
        default=None,
        description="Interpreter that has NVIDIA's validator of SimReady assets (NVIDIA's terms); empty for this one.",
        json_schema_extra=NOT_IN_KEY,
    )
    simready_deadline_s: float = Field(
        default=300.0,
        gt=0,
        description="Seconds that the validator gets for all assets of a scene.",
    )
    rest: RestSettings = Field(default=RestSettings(), description="Leaving the settled scene alone.")
    drop: DropSettings = Field(default=DropSettings(), description="Dropping each movable prop.")
    push: PushSettings = Field(default=PushSettings(), description="Pushing each movable prop.")
    sweep: SweepSettings = Field(default=SweepSettings(), description="Driving every joint.")
    agreement: AgreementSettings = Field(default=AgreementSettings(), description="How close two engines have to be.")


def foreign_judges(settings: ProveSettings) -> Mapping[str, Any]:
    """Return the versions of PhysX and of the validator that take part; where they are installed does not matter."""
    from blueprint.pipeline.sims.physx import physx_version
    from blueprint.pipeline.usd.profile import installed_version

    return {"physx": physx_version(settings.physx_python), "simready": installed_version(settings.simready_python)}


@stage(version=3, tools=("mujoco", "numpy", "usd-core"), deadline_s=900, foreign=foreign_judges)
def prove(work: Work, assembled: Assembled, settings: ProveSettings) -> Steps[Proven]:
    """Try the scene in the engines."""
    from blueprint.pipeline.scene.codec import save

    from .assets import asset_checks, judge_props
    from .evidence import gather_proof

    yield Progress(0.0, assembled.manifest.id)
    gathered = yield from gather_proof(assembled, settings)
    for run in gathered.proof.engines:
        if run.state == "failed":
            yield Warned(run.why)
    yield Progress(_TRIED, "assets")
    assets = judge_props(assembled, settings.simready_python, settings.simready_deadline_s)
    work.check(*gathered.checks, *asset_checks(assets))
    save(work.folder / Proven.PROOF_FILE, replace(gathered.proof, assets=assets))
    return Proven(work.folder)
