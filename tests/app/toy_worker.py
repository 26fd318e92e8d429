"""A worker process for the toy pipeline."""

import sys

from tests.engine.toy import TOY_STAGES

from blueprint.pipeline.app.worker import serve

if __name__ == "__main__":
    sys.exit(serve(TOY_STAGES))
