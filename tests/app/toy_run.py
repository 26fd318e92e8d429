"""The toy pipeline as a program: `python -m tests.app.toy_run STORE TEXT_FILE` ends with the run's exit code."""

import sys
from pathlib import Path

from tests.engine.toy import TOY, TOY_STAGES, AddSettings, MeasureSettings, SplitSettings

from blueprint.pipeline.engine.events import Tape
from blueprint.pipeline.engine.inline import InlineExecutor
from blueprint.pipeline.engine.run import RunState, run_pipeline
from blueprint.pipeline.engine.store import Store
from blueprint.pipeline.errors import BlueprintError


def main(store: Path, text: Path) -> int:
    """Run."""
    sections = {"split": SplitSettings(source=text), "measure": MeasureSettings(), "add": AddSettings()}
    try:
        run_pipeline(TOY, sections, Store(store), InlineExecutor(TOY_STAGES), Tape(), RunState())
    except BlueprintError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
