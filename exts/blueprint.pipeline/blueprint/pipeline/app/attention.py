"""What a person should look at first: everything that went wrong or is doubtful, by object, the worst object first."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from itertools import chain

from blueprint.pipeline.app.figures import count_text, length_text, number_text, share_text, size_text
from blueprint.pipeline.app.report.standing import AT_REST
from blueprint.pipeline.app.run_records import RunRecords, StageCheck
from blueprint.pipeline.app.runs import RunFolder
from blueprint.pipeline.app.scene_facts import PropFacts, SceneFacts
from blueprint.pipeline.scene.corrections import CORRECTIONS_FILE, Corrections, load_corrections
from blueprint.pipeline.scene.props import Role
from blueprint.pipeline.scene.records import Assembled, Ingested, Proven
from blueprint.pipeline.scene.scans import Scan

WHOLE_SCENE = ""
"""Subject of a remark that is about no single object."""

LEAST_SURE = 0.5
"""A number that is rather wrong than right is worth a person's look."""

SEEN_GAP_M = 0.002
"""A gap or an overlap of visible meshes that an eye, or a camera close by, would see."""

_TOLD_BY_OBJECT = ("objects left out", "graspable_props_out_of_reach", "props_that_do_not_settle")
_TOLD_BY_TRIALS = "prove"
_TRIED = {"rest": "when left alone", "drop": "when dropped", "push": "when pushed", "sweep": "with its joint driven"}


class Concern(IntEnum):
    """How grave a remark is."""

    UNSURE = 1
    DOUBTFUL = 2
    WRONG = 3


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to look at; `fix` are the flags of `blueprint fix RUN OBJECT` that would settle it, empty for none."""

    subject: str
    concern: Concern
    text: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Extreme:
    """The object that is worst in one figure, whether or not that is bad."""

    name: str
    subject: str
    figure: str


def collect_remarks(records: RunRecords, facts: SceneFacts) -> tuple[Remark, ...]:
    """Return every remark once, those about the worst object first and those about the whole scene last."""
    found = dict.fromkeys(chain(_of_scene(records), _of_lost(records, facts), _of_objects(records, facts)))
    concerns: dict[str, list[Concern]] = {}
    for remark in found:
        concerns.setdefault(remark.subject, []).append(remark.concern)
    by_id = {entry.prop.id: entry for entry in facts.props}

    def rank(remark: Remark) -> tuple[object, ...]:
        about = concerns[remark.subject]
        doubt = _doubt(by_id[remark.subject]) if remark.subject in by_id else (False, 0.0)
        return (remark.subject == WHOLE_SCENE, -max(about), -sum(about), doubt, remark.subject, -remark.concern)

    return tuple(sorted(found, key=rank))


def worst_object(facts: SceneFacts, remarks: Iterable[Remark]) -> PropFacts | None:
    """Return the object that most speaks against; without any remark the one of which the least is sure."""
    by_id = {entry.prop.id: entry for entry in facts.props}
    named = next((by_id[remark.subject] for remark in remarks if remark.subject in by_id), None)
    return named or min(facts.props, key=_doubt, default=None)


def worst_remark(folder: RunFolder) -> str:
    """Say in one line what to look at first in a run, and how much else there is; empty where there is nothing."""
    records = RunRecords(folder)
    first, *others = collect_remarks(records, SceneFacts(records)) or (None,)
    if first is None:
        return ""
    subject = f"{first.subject}: " if first.subject else ""
    return f"{subject}{first.text}" + (f" ({count_text(len(others), 'remark')} more)" if others else "")


def list_extremes(facts: SceneFacts) -> tuple[Extreme, ...]:
    """Return the largest collider distance and the least sure mass, material and joint of the scene."""
    links = [(entry.prop.id, link) for entry in facts.props for link in entry.links]
    distances = [
        (link.colliders.distance_p95_m, _name(prop, link.body))
        for prop, link in links
        if link.colliders and link.colliders.distance_p95_m is not None
    ]
    masses = [(link.mass.confidence, _name(prop, link.body)) for prop, link in links if link.mass]
    materials = [(link.material.confidence, _name(prop, link.body)) for prop, link in links if link.material]
    joints = [
        (joint.confidence, f"{entry.prop.id}/{joint.joint.name}") for entry in facts.props for joint in entry.joints
    ]
    found: list[Extreme] = []
    if distances:
        distance, subject = max(distances)
        found.append(Extreme("Surface farthest from its colliders", subject, f"{length_text(distance)} at 95 %"))
    for name, sure in (("Least sure mass", masses), ("Least sure material", materials), ("Least sure joint", joints)):
        if sure:
            confidence, subject = min(sure)
            found.append(Extreme(name, subject, share_text(confidence)))
    return tuple(found)


def _of_scene(records: RunRecords) -> Iterator[Remark]:
    ingested = records.get(Ingested)
    if ingested is not None:
        yield from _of_scan(ingested.scan)
    for entry in records.checks():
        if not entry.item and not entry.check.passed and entry.stage not in (_TOLD_BY_TRIALS, "certify"):
            if entry.check.name not in _TOLD_BY_OBJECT:
                yield Remark(WHOLE_SCENE, _gravity(entry), _check_words(entry))
    proven = records.get(Proven)
    for run in proven.proof.engines if proven else ():
        if run.state == "failed":
            yield Remark(WHOLE_SCENE, Concern.WRONG, f"the trials in {run.engine} could not be made: {run.why}")


def _of_scan(scan: Scan) -> Iterator[Remark]:
    """Yield what is doubtful about the size of everything."""
    for conflict in scan.scale.conflicts:
        yield Remark(WHOLE_SCENE, Concern.DOUBTFUL, f"scale: {conflict}", "--height-m METRES")
    sure = scan.scale.confidence
    if sure is not None and sure < LEAST_SURE:
        text = f"scale: right within 10 % with {share_text(sure)} only; one measured height makes it certain"
        yield Remark(WHOLE_SCENE, Concern.UNSURE, text, "--height-m METRES")


def _of_lost(records: RunRecords, facts: SceneFacts) -> Iterator[Remark]:
    """Yield what is not in the scene though nobody took it out."""
    path = records.folder.root / CORRECTIONS_FILE
    book = load_corrections(path) if path.is_file() else Corrections()
    for lost in facts.left_out:
        wanted = book.of(lost.id)
        if not wanted.delete and wanted.merge_into is None:
            yield Remark(lost.id, Concern.WRONG, f"left out: {lost.reason}")


def _of_objects(records: RunRecords, facts: SceneFacts) -> Iterator[Remark]:
    assembled, proven = records.get(Assembled), records.get(Proven)
    for settled in assembled.settle.props if assembled else ():
        if settled.outcome != AT_REST:
            yield Remark(settled.prop, Concern.WRONG, f"does not come to rest: {settled.outcome}")
    for relation in assembled.manifest.relations if assembled else ():
        if relation.kind != "against" and abs(relation.gap_m) > SEEN_GAP_M:
            yield Remark(relation.subject, Concern.DOUBTFUL, f"to the eye, {relation.why}")
    if proven:
        yield from _of_proof(proven)
    for entry in records.checks():
        if entry.item and not entry.check.passed:
            yield Remark(entry.item, _gravity(entry), _check_words(entry))
    reaches = assembled.manifest.robot.reaches if assembled else ()
    for entry in facts.props:
        yield from _of_prop(entry)
        if assembled and entry.in_scene and _role(entry) is Role.MANIPULABLE and entry.prop.id not in reaches:
            yield Remark(entry.prop.id, Concern.UNSURE, f"the robot does not grasp it: {_why_not_grasped(entry)}")


def _of_proof(proven: Proven) -> Iterator[Remark]:
    """Yield failed trials, each once however many engines agree, refused assets, and engines that disagree."""
    failed: dict[tuple[str, str], list[str]] = {}
    for trial in proven.proof.trials:
        if not trial.holds:
            failed.setdefault((trial.subject, trial.kind), []).append(trial.outcome)
    for (subject, kind), outcomes in failed.items():
        prop, _, joint = subject.partition("/")
        # What stands in a joint's way is no fault of the joint.
        own = joint and not any("touches it" in outcome for outcome in outcomes)
        fix = f"--joint {joint} --axis X Y Z, or --limits-deg or --limits-m LOW HIGH, or --hold-still" if own else ""
        yield Remark(prop, Concern.WRONG, f"fails {_TRIED[kind]}: {max(outcomes, key=len)}", fix)
    for state in proven.proof.assets:
        if state.verdict == "fails":
            why = f": {state.findings[0]}" if state.findings else ""
            more = f" and {count_text(len(state.findings) - 1, 'finding')} more" if len(state.findings) > 1 else ""
            text = f"fails {state.profile} {state.profile_version}{why}{more}"
            yield Remark(state.prop, Concern.WRONG, text)
    for each in proven.proof.differences:
        if not each.agrees and (each.subject, each.kind) not in failed:
            apart = number_text(each.difference, each.unit)
            allowed = number_text(each.limit, each.unit)
            text = f"the engines are {apart} apart in {each.quantity} ({each.subject}), {allowed} allowed"
            yield Remark(each.subject.partition("/")[0], Concern.DOUBTFUL, text)


def _of_prop(entry: PropFacts) -> Iterator[Remark]:
    """Yield what the stages were not sure of."""
    prop = entry.prop
    for text in prop.review:
        yield Remark(prop.id, Concern.DOUBTFUL, text)
    if entry.semantics and entry.semantics.confidence < LEAST_SURE:
        text = f"taken for {prop.category}, {share_text(entry.semantics.confidence)} sure"
        yield Remark(prop.id, Concern.UNSURE, text, "--category NAME")
    links = [link for link in entry.links if link.mass and link.mass.confidence < LEAST_SURE]
    if links:
        sure = min(link.mass.confidence for link in links if link.mass)
        text = f"mass: within a factor 1.5 with {share_text(sure)} only; a scale would settle it"
        yield Remark(prop.id, Concern.UNSURE, text, "--mass-kg KG")
    materials = [link.material for link in entry.links if link.material and link.material.confidence < LEAST_SURE]
    if materials:
        unsure = min(materials, key=lambda each: each.confidence)
        text = f"material: {unsure.material}, {share_text(unsure.confidence)} sure"
        yield Remark(prop.id, Concern.UNSURE, text, "--material NAME")
    for edit in entry.joints:
        if edit.confidence < LEAST_SURE:
            text = f"{edit.joint.name}: {share_text(edit.confidence)} sure"
            yield Remark(prop.id, Concern.UNSURE, text, f"--joint {edit.joint.name} --axis X Y Z or --hold-still")


def _why_not_grasped(entry: PropFacts) -> str:
    if entry.semantics and "graspable" in entry.semantics.affordances:
        return "no free pose of the arm takes hold of it from where it stands"
    return f"it is not graspable by its measures, {size_text(entry.prop.size_m)}"


def _doubt(entry: PropFacts) -> tuple[bool, float]:
    """Order objects by doubt: those that will be handled first, and of these the one of which the least is sure."""
    told = [link.mass.confidence for link in entry.links if link.mass]
    told += [edit.confidence for edit in entry.joints]
    return (_role(entry) is not Role.MANIPULABLE and not entry.joints, min(told, default=1.0))


def _role(entry: PropFacts) -> Role:
    return entry.semantics.role if entry.semantics else entry.prop.role


def _gravity(entry: StageCheck) -> Concern:
    return Concern.WRONG if entry.check.blocking else Concern.DOUBTFUL


def _check_words(entry: StageCheck) -> str:
    check = entry.check
    name = check.name.removeprefix(f"{entry.item}/").replace("_", " ")
    goal = check.limit.removesuffix(" 1")
    why = f"; {check.why}" if check.why else ""
    return f"{name}: {number_text(check.value, check.unit)}, goal {goal}{why}"


def _name(prop: str, body: str) -> str:
    """Say a link by its prop's name where it is the only one."""
    return prop if body == "body" else f"{prop}/{body}"
