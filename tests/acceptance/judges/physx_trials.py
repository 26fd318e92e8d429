"""Try a scene in MuJoCo and, with the interpreter of another environment, in PhysX; both must find the same."""

import math
import sys
import tempfile
from pathlib import Path

from verdict import Verdict

from blueprint.pipeline.prove.evidence import gather_proof
from blueprint.pipeline.prove.stage import ProveSettings
from blueprint.pipeline.scene.proofs import Difference, Proof
from blueprint.pipeline.scene.records import Assembled
from blueprint.pipeline.sims import compile_scene

DEGREES = math.degrees(1.0)


def main(scene: Path, python: Path) -> int:
    """Compare the scene's trials; 0 where the engines agree."""
    verdict = Verdict()
    with tempfile.TemporaryDirectory(prefix="physx-trials-") as folder:
        record = Path(folder)
        (record / "scene").symlink_to(scene)
        assembled = Assembled(record)
        compile_scene(assembled.usd_path, assembled.model_folder, assembled.manifest)
        proof = _proof(assembled, python)
    verdict.equal("engines that ran", [run.engine for run in proof.engines if run.state == "ran"], ["mujoco", "physx"])
    verdict.nothing("reasons why one did not", [run.why for run in proof.engines if run.why])
    _compare(verdict, proof)
    failed = [f"{trial.engine}: {trial.outcome}" for trial in proof.trials if trial.kind == "rest" and not trial.holds]
    verdict.nothing("props that do not rest", failed)
    return verdict.exit_code()


def _proof(assembled: Assembled, python: Path) -> Proof:
    steps = gather_proof(assembled, ProveSettings(physx_python=python))
    while True:
        try:
            next(steps)
        except StopIteration as stop:
            return stop.value.proof


def _compare(verdict: Verdict, proof: Proof) -> None:
    for quantity, factor, unit in (("rest position", 1000.0, "mm"), ("rest orientation", DEGREES, "deg")):
        found = [each for each in proof.differences if each.quantity == quantity]
        worst = max(found, key=lambda each: each.difference)
        what = f"{quantity} apart at most, {worst.subject}"
        verdict.at_most(what, factor * worst.difference, factor * (worst.limit or 0.0), unit)
    ends = [each for each in proof.differences if each.quantity in ("reached lower", "reached upper")]
    for each in ends:
        verdict.at_most(f"{each.subject} {each.quantity} apart, as a share of what is allowed", _share(each), 1.0)
    forces = [each for each in proof.differences if each.quantity == "break-away force" and each.first and each.second]
    for each in forces:
        verdict.at_most(f"{each.subject} break-away force apart", each.difference / max(each.first, each.second), 0.3)


def _share(difference: Difference) -> float:
    return difference.difference / difference.limit if difference.limit else float("nan")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
