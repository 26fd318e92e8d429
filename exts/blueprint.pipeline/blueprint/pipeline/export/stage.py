"""The export stage."""

from typing import Literal

from pydantic import Field

from blueprint.pipeline.engine.events import Progress
from blueprint.pipeline.engine.stage import Settings, Steps, Work, stage
from blueprint.pipeline.episode.records import Dataset, Episodes
from blueprint.pipeline.errors import NothingUsable
from blueprint.pipeline.scene.records import Assembled, Variants


class ExportSettings(Settings, frozen=True):
    """What goes into the dataset."""

    episodes: Literal["successful", "all"] = Field(
        default="successful",
        description="Which rendered episodes are exported; failed ones carry next.success = false.",
    )


@stage(version=2, tools=("av", "h5py", "numpy", "opencv-python-headless", "pyarrow", "usd-core"), deadline_s=1800)
def export(
    work: Work, assembled: Assembled, variants: Variants, episodes: Episodes, settings: ExportSettings
) -> Steps[Dataset]:
    """Export episodes as a LeRobot dataset."""
    from blueprint.pipeline.export.ground_truth import write_ground_truth
    from blueprint.pipeline.export.lerobot import build_dataset, recorded_cameras
    from blueprint.pipeline.export.sources import write_attempts, write_robot, write_sources
    from blueprint.pipeline.formats.lerobot import write_dataset

    every = episodes.episodes()
    chosen = {
        name: episode
        for name, episode in every.items()
        if episode.rendered and (settings.episodes == "all" or episode.summary.outcome.success)
    }
    if not chosen:
        reasons = [f"{name}: {entry.summary.outcome.message or 'not rendered'}" for name, entry in every.items()]
        raise NothingUsable("episode", reasons, remedy="The report shows where each one failed.")
    dataset = Dataset(work.folder)
    kept = list(chosen.values())
    yield Progress(0.1, f"{len(chosen)} of {len(every)} episodes")
    table = build_dataset(kept, assembled.manifest)
    yield Progress(0.5, "writing")
    write_dataset(dataset.root, table)
    yield Progress(0.7, "ground truth")
    write_ground_truth(dataset.root, kept, recorded_cameras(kept, assembled.manifest))
    yield Progress(0.9, "sources")
    write_attempts(dataset.root, episodes)
    write_robot(dataset.root, assembled)
    write_sources(dataset.root, kept, assembled, variants)
    return dataset
