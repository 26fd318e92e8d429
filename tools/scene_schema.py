"""Write the JSON schema of scene.json, which docs/ keeps for other languages' readers.

python tools/scene_schema.py docs/schemas/scene.schema.json
"""

import sys
from pathlib import Path

from blueprint.pipeline.assemble.manifest import scene_schema
from blueprint.pipeline.engine.digests import canonical_json

if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(canonical_json(scene_schema()))
