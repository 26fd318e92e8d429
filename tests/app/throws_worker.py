"""A worker process for the pipeline that throws."""

import sys

from tests.engine.throws import STAGES

from blueprint.pipeline.app.worker import serve

if __name__ == "__main__":
    sys.exit(serve(STAGES))
