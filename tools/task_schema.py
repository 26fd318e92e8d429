"""Write the JSON schema of task files, which docs/ keeps for editors that complete and check YAML.

python tools/task_schema.py docs/schemas/task.schema.json
"""

import sys
from pathlib import Path

from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.tasks.templates import task_schema

if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(canonical_json(task_schema()))
