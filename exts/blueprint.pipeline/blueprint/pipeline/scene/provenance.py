"""`provenance.json` beside a scan: under which licence it may be used, and whether it is a generated sample."""

from dataclasses import dataclass
from typing import Literal

PROVENANCE_FILE = "provenance.json"


@dataclass(frozen=True, slots=True)
class ScanProvenance:
    """What the giver of a scan declares; `licence` is an SPDX id, a licence nobody has declared reads `unknown`."""

    licence: str = "unknown"
    sample: bool = False
    note: str = ""
    format: Literal["blueprint.provenance"] = "blueprint.provenance"
    version: Literal[1] = 1
