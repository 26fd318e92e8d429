"""Write the JSON schema of randomization policies, which docs/ keeps for editors and other languages' readers.

python tools/policy_schema.py docs/schemas/randomization.schema.json
"""

import sys
from pathlib import Path

from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.scene.policies import policy_schema

if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(canonical_json(policy_schema()))
