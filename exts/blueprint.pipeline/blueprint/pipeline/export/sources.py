"""What an episode was made from, beside the dataset, so that it can be replayed and checked."""

from collections.abc import Sequence
from pathlib import Path

from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.engine.lineage import lineage
from blueprint.pipeline.engine.store import link_file, link_tree
from blueprint.pipeline.episode.outcomes import EpisodeSummary
from blueprint.pipeline.episode.records import Episode, Episodes
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.records import Assembled, Variants
from blueprint.pipeline.scene.robots import load_robot
from blueprint.pipeline.usd.chains import read_chain

EPISODE_FILES = (Episode.OUTCOME_FILE, Episode.TASK_FILE, Episode.STATES_FILE)


def episode_source(index: int) -> str:
    """Return the folder of one episode's sources, relative to the dataset's root."""
    return f"sources/episodes/episode_{index:06d}"


def write_attempts(root: Path, episodes: Episodes) -> None:
    """Write the outcome of every attempt, exported or not, and why others have none: success rates count all."""
    summaries = tuple(episode.summary for episode in episodes.episodes().values())
    save(root / "sources" / "attempts.json", summaries, tuple[EpisodeSummary, ...])
    (root / "sources" / "lost_attempts.json").write_bytes(canonical_json(episodes.items_left_out))


def write_robot(root: Path, assembled: Assembled) -> None:
    """Write the robot's joints as plain numbers, from its USD, so that poses can be checked without any engine."""
    robot = load_robot(assembled.manifest.robot.name)
    chain = read_chain(robot.asset_folder / Path(robot.usd_path).name, robot)
    save(root / "sources" / "robot" / "chain.json", chain)


def write_sources(root: Path, episodes: Sequence[Episode], assembled: Assembled, variants: Variants) -> None:
    """Link scene, variants, compiled model and recorded states, and write the lineage of all of them."""
    scene = variants.scene_for(assembled)
    link_tree(scene.scene_folder, root / "sources" / "scene")
    link_tree(variants.roots_folder, root / "sources" / "scene" / Variants.ROOTS)
    for name in (Variants.VARIANTS_FILE, Variants.POLICY_FILE, Variants.COVERAGE_FILE):
        link_file(variants.folder / name, root / "sources" / name)
    link_tree(scene.model_folder, root / "sources" / "model")
    for index, episode in enumerate(episodes):
        for name in EPISODE_FILES:
            link_file(episode.folder / name, root / episode_source(index) / name)
    history = {entry["key"]: entry for episode in episodes for entry in lineage(episode)}
    content = {"format": "blueprint.lineage", "version": 1, "records": list(history.values())}
    (root / "sources" / "lineage.json").write_bytes(canonical_json(content))
