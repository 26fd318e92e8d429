"""The table of oracles: foreign programs that judge what a run has made.

To add one: a row in `ORACLES`, a judge in `judges/`, a list of packages in `requirements/<name>.in`, and `make lock`.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.environments import Environment, EnvironmentNotMade, environment_of

JUDGES = Path(__file__).parent / "judges"
JUDGE_DEADLINE_S = 1800


@dataclass(frozen=True)
class Oracle:
    """A foreign reader, the part of a run that it judges, and whose terms its packages come under.

    Its packages are `requirements/<name>.txt`. `judges/<judge>` runs with them, takes the subject's path, prints
    comparisons (`judges/verdict.py`) and ends with 0 when all of them hold. A judge `at_home` runs with our own
    packages and is also told the interpreter of its environment. An oracle with `opt_in` runs only when it is named
    on the command line.
    """

    name: str
    asks: str
    judge: str
    subject: str
    terms: str = ""
    opt_in: bool = False
    at_home: bool = False


ORACLES = (
    Oracle(
        "lerobot",
        "does LeRobot's own reader return our rows and pictures?",
        "lerobot_reader.py",
        "dataset",
        terms="PyTorch brings CUDA libraries along, which come under NVIDIA's terms",
    ),
    Oracle("openusd", "does plain OpenUSD open the scene upright, in metres and whole?", "openusd.py", "scene"),
    Oracle(
        "pinocchio",
        "do another library and another description of the robot agree on where the hand was?",
        "pinocchio_kinematics.py",
        "dataset",
    ),
    Oracle(
        "rerun",
        "does Rerun's own reader return poses, cameras, plots and events of an episode?",
        "rerun_recording.py",
        "dataset",
        at_home=True,
    ),
    Oracle(
        "simready",
        "does every prop pass NVIDIA's profile Robotics-Prop 4.0.0?",
        "simready_profile.py",
        "scene",
        terms="physx-usd-schemas, which the validator pulls in, comes under NVIDIA's Omniverse licence",
        opt_in=True,
    ),
    Oracle(
        "physx",
        "does PhysX find the same rest, break-away forces and joint ranges as MuJoCo?",
        "physx_trials.py",
        "scene",
        terms="ovphysx, ovstage and physx-usd-schemas come under NVIDIA's terms for Omniverse; to use them is to agree",
        opt_in=True,
        at_home=True,
    ),
)


@dataclass(frozen=True)
class Judgement:
    """What became of an oracle; `not_run` says why it has no opinion."""

    oracle: Oracle
    agrees: bool
    not_run: str = ""


def consult(oracle: Oracle, run: Path, environments: Path, say: Callable[[str], None]) -> Judgement:
    """Make the oracle's environment and let its judge look at a run's folder."""
    subject = run / oracle.subject
    if not subject.is_dir():
        return Judgement(oracle, False, f"the run has no {oracle.subject}/")
    environment = environment_of(oracle.name, environments)
    if oracle.terms and not environment.ready:
        say(f"note: {oracle.terms}")
    try:
        environment.make(say)
    except EnvironmentNotMade as error:
        return Judgement(oracle, False, f"its packages cannot be installed here: {error}")
    return Judgement(oracle, _judge(oracle, environment, subject.resolve(), say))


def _judge(oracle: Oracle, environment: Environment, subject: Path, say: Callable[[str], None]) -> bool:
    """Run the judge without network access to model hubs and without a person's caches or settings."""
    with tempfile.TemporaryDirectory(prefix="judge") as home:
        settings = {"HOME": home, "HF_HOME": home, "HF_HUB_OFFLINE": "1", "PATH": "/usr/bin:/bin"}
        judge = [str(JUDGES / oracle.judge), str(subject)]
        foreign = str(environment.python)
        command = [sys.executable, *judge, foreign] if oracle.at_home else [foreign, *judge]
        try:
            done = subprocess.run(
                command, check=False, capture_output=True, text=True, env=settings, timeout=JUDGE_DEADLINE_S
            )
        except subprocess.TimeoutExpired:
            say(f"WRONG  no verdict within {JUDGE_DEADLINE_S} s")
            return False
    for line in done.stdout.splitlines():
        say(_sentence(line))
    for line in done.stderr.strip().splitlines()[-12 if done.returncode else -3 :]:
        say(f"       {line}")
    return done.returncode == 0 and bool(done.stdout)


def _sentence(line: str) -> str:
    try:
        entry = json.loads(line)
    except json.JSONDecodeError:
        return f"       {line}"
    verdict = "ok   " if entry["passed"] else "WRONG"
    return f"{verdict}  {entry['what']}: {entry['found']} (wanted {entry['wanted']})"
