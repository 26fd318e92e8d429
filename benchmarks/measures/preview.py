"""How long a preview of variants takes, in an open workbench and from the command line, and how long drawing takes."""

import time
from pathlib import Path

from benchmarks.figures import Figure, Goal
from benchmarks.processes import blueprint
from benchmarks.scenes import demo_run

from blueprint.pipeline.app.preview import PreviewScene, assembled_of
from blueprint.pipeline.engine.stage import Work
from blueprint.pipeline.randomize.record import write_variants
from blueprint.pipeline.randomize.stage import RandomizeSettings
from blueprint.pipeline.scene.records import Assembled

COUNT = 16
DRAWN = 200
OPEN = Goal(f"preview of {COUNT} variants, open workbench", "s", "<=", 6)
CLI = Goal(f"preview of {COUNT} variants, command line", "s", "<=", 12)
STRONG_CLI = Goal(f"preview of {COUNT} strong variants, command line", "s", "<=", 12)
DRAW = Goal("drawing and writing one variant, mild", "ms")
STRONG_DRAW = Goal("drawing and writing one variant, strong", "ms")
GOALS = (OPEN, CLI, STRONG_CLI, DRAW, STRONG_DRAW)
DEADLINE_S = 600


def measure(workplace: Path) -> list[Figure]:
    """Draw sheets of the demo's scene."""
    run = demo_run(workplace)
    sheet, log = workplace / "sheet.png", workplace / "preview.log"
    walls = {
        level: blueprint(
            *("preview", run.root, "--variants", str(COUNT), "--policy", level, "--out", sheet),
            log=log,
            deadline_s=DEADLINE_S,
        )
        for level in ("mild", "strong")
    }
    for level, call in walls.items():
        call.must_succeed(f"the preview of {level}")
    assembled = assembled_of(run)
    return [
        Figure(OPEN, _open_s(assembled), "another policy than the one before, scene and pictures loaded"),
        Figure(CLI, walls["mild"].wall_s, "loading of the renderer included"),
        Figure(STRONG_CLI, walls["strong"].wall_s, "compiling of the scene with its spares included"),
        Figure(DRAW, _draw_ms(assembled, "mild", workplace), f"mean of {DRAWN}"),
        Figure(STRONG_DRAW, _draw_ms(assembled, "strong", workplace), f"mean of {DRAWN}, compiling included"),
    ]


def _open_s(assembled: Assembled) -> float:
    scene = PreviewScene(assembled)
    try:
        scene.sheet(RandomizeSettings(count=1, policy=Path("off")))
        started = time.perf_counter()
        scene.sheet(RandomizeSettings(count=COUNT, policy=Path("mild")))
        return time.perf_counter() - started
    finally:
        scene.close()


def _draw_ms(assembled: Assembled, level: str, workplace: Path) -> float:
    folder = workplace / f"variants_{level}_{time.time_ns()}"
    folder.mkdir(parents=True)
    started = time.perf_counter()
    for _ in write_variants(Work(folder), assembled, RandomizeSettings(count=DRAWN, policy=Path(level))):
        pass
    return 1000 * (time.perf_counter() - started) / DRAWN
