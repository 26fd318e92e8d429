"""A run's folder with one small record per stage, whose texts try to break out of a page."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import h5py
import numpy as np

from blueprint.pipeline.app.eventlog import EventLog
from blueprint.pipeline.app.runs import EVENTS_FILE, FAILURE_FILE, RunFolder, stage_entry
from blueprint.pipeline.engine.checks import Check, check_at_most
from blueprint.pipeline.engine.digests import canonical_json
from blueprint.pipeline.engine.events import Failed, Finished, RunFinished, RunStarted, StageStarted
from blueprint.pipeline.engine.store import Record
from blueprint.pipeline.episode.outcomes import EpisodeSummary, FailureCode, Outcome
from blueprint.pipeline.episode.records import Certified, Dataset, Episode, Episodes
from blueprint.pipeline.randomize.coverage import Coverage
from blueprint.pipeline.randomize.policy import load_policy
from blueprint.pipeline.scene.codec import save
from blueprint.pipeline.scene.colliders import BoxPiece
from blueprint.pipeline.scene.edits import (
    AddJoint,
    Edit,
    MoveProp,
    SetColliders,
    SetMass,
    SetMaterial,
    SetSemantics,
    SplitBody,
)
from blueprint.pipeline.scene.manifests import (
    BodyPhysics,
    Camera,
    PlacedRobot,
    SceneManifest,
    SceneProp,
    SettledProp,
    SettleReport,
)
from blueprint.pipeline.scene.meshes import MeshRef, TextureRef, TriangleMesh, save_mesh, save_texture
from blueprint.pipeline.scene.poses import Pose, Vec3
from blueprint.pipeline.scene.props import Appearance, Body, Evidence, Joint, LeftOut, Prop, Provenance, Role, Visual
from blueprint.pipeline.scene.records import (
    EDITS_FILE,
    Articulated,
    Assembled,
    Ingested,
    SimReady,
    Variants,
)
from blueprint.pipeline.scene.scans import GravityEstimate, PhotoCamera, ScaleEstimate, ScaleSample, Scan
from blueprint.pipeline.scene.variants import Variant

NOTHING_COVERED = Coverage("off", 3, (), (), (), 0, 0, None, None)
ATTACK = "<script>alert(1)</script>"
QUOTE = '"><img src=x onerror=alert(2)>'
STAGES = ("ingest", "articulate", "simready", "assemble", "randomize", "generate", "export", "certify")
MUG, CABINET = "mug", "cabinet"
MASS_WHY = "ceramic 2400 kg/m3 x shell volume 1.3e-4 m3 = 0.31 kg"
FRAMES, FPS = 12, 30


class SmallRun:
    """Writes the records of a run up to a stage."""

    def __init__(self, root: Path, *, until: str = "certify", failure: str = "", attempts: int = 3) -> None:
        self.folder = RunFolder(root)
        self.records: dict[str, Record] = {}
        self.attempts = attempts
        self._meshes: dict[str, MeshRef] = {}
        for name in STAGES[: STAGES.index(until) + 1]:
            self.records[name] = getattr(self, f"_{name}")()
        self._conclude(until, failure)

    def _conclude(self, until: str, failure: str) -> None:
        with EventLog(self.folder.root / EVENTS_FILE, []) as log:
            log(RunStarted(STAGES))
            for at, name in enumerate(self.records):
                log(StageStarted(name, f"The stage {name}"))
                log(Finished(name, f"The stage {name}", 1.5 + at))
            if failure:
                log(Failed("generate", failure))
            log(RunFinished(not failure, failure))
        self.folder.save(
            {
                "run_id": "0123456789ab",
                "pipeline": "tabletop",
                "production": False,
                "recipe": {},
                "stages": {name: stage_entry(record) for name, record in self.records.items()},
                "succeeded": not failure,
                "message": failure,
            }
        )
        if failure:
            content = {
                "stage": "generate",
                "item": QUOTE,
                "cause": failure,
                "kind": "StageFailed",
                "logs": ["logs/1.log"],
            }
            (self.folder.root / FAILURE_FILE).write_bytes(canonical_json(content))

    def _commit[R: Record](self, kind: type[R], folder: Path, stage: str, key: str, **header: Any) -> R:
        plain = {
            "stage": stage,
            "stage_version": 1,
            "key": key,
            "tools": {"numpy": "2.5"},
            "cpu": "Linux",
            "checks": [],
        }
        return kind(self.folder.store.commit(folder, {**plain, "input_keys": [], **header}))

    def _ingest(self) -> Ingested:
        folder = self.folder.store.begin("ingest")
        photo = np.full((48, 64, 3), 120, dtype=np.uint8)
        cv2.imwrite(str(folder / "photo.png"), photo)
        # A texture that is an SVG document with a script, which must never reach the page.
        texture = save_texture(folder, f"<svg xmlns='http://www.w3.org/2000/svg'>{ATTACK}</svg>".encode(), 8, 8)
        props = (
            self._prop(folder, MUG, (0.08, 0.08, 0.1), Role.MANIPULABLE, texture),
            self._prop(folder, CABINET, (0.6, 0.6, 0.9), Role.FURNITURE, None),
        )
        samples = (
            ScaleSample("usual size", f"mug {QUOTE}", 0.2, 0.1, 0.5, 3.0, 1.0),
            ScaleSample("usual size", "cabinet height", 0.9, 0.9, 1.0, 1.0, 2.0),
        )
        scan = Scan(
            id=f"room {ATTACK}",
            format="regen3d",
            props=props,
            left_out=(LeftOut(f"plant {ATTACK}", f"no posed mesh {QUOTE}"),),
            scale=ScaleEstimate(0.5, "usual sizes", 0.05, samples, f"median {ATTACK}"),
            gravity=GravityEstimate((0.0, 0.9, 0.436), "floor plane", "normal of the floor"),
            camera=PhotoCamera(Pose((0.0, -2.0, 1.5), (0.7071068, 0.7071068, 0.0, 0.0)), 60.0, 64, 48),
        )
        save(folder / Ingested.SCAN_FILE, scan)
        checks = [check_at_most(f"spread {ATTACK}", None, 0.3, unit="1", blocking=False)]
        return self._commit(Ingested, folder, "ingest", "ingest", checks=[plain(check) for check in checks])

    def _prop(self, folder: Path, name: str, size_m: Vec3, role: Role, texture: TextureRef | None) -> Prop:
        self._meshes[name] = save_mesh(folder, box_mesh(size_m))
        return Prop(
            id=name,
            label=f"{name} {ATTACK}",
            category=name,
            role=role,
            bodies=(Body("body", (Visual(self._meshes[name], Appearance(texture=texture)),)),),
            joints=(),
            size_m=size_m,
            T_world_prop=Pose((0.0, 0.5, 0.0)),
            provenance=Provenance(f"{name} {QUOTE}.glb"),
            evidence=(Evidence(f"height {ATTACK}", size_m[2], "m", f"because {QUOTE}"),),
            review=(f"look {ATTACK}",),
        )

    def _articulate(self) -> Articulated:
        folder = self.folder.store.begin(f"articulate-{CABINET}")
        looks = (Visual(self._meshes[CABINET], Appearance()),)
        joint = Joint("door", "revolute", "base", "leaf", (0.0, 0.0, 1.0), (0.3, 0.3, 0.0), 0.0, 1.5)
        edits: tuple[Edit, ...] = (
            SplitBody(CABINET, "body", (Body("base", looks), Body("leaf", looks)), "predicted"),
            AddJoint(CABINET, joint, f"predicted {ATTACK}"),
        )
        save(folder / EDITS_FILE, edits, tuple[Edit, ...])
        record = self._commit(Record, folder, "articulate", f"articulate-{CABINET}")
        return self._mapped(Articulated, "articulate", [(CABINET, record)], {})

    def physics(self, prop: str, body: str) -> tuple[SetMaterial, SetMass, SetColliders]:
        """Return what is decided about one link."""
        box = BoxPiece(Pose((0.0, 0.0, 0.05)), (0.04, 0.04, 0.05))
        return (
            SetMaterial(prop, body, f"ceramic {QUOTE}", 2400.0, 0.5, 0.4, 0.1, "the category's usual material"),
            SetMass(prop, body, 0.31, (0.0, 0.0, 0.05), (1e-3, 1e-3, 1e-3), (1.0, 0.0, 0.0, 0.0), MASS_WHY),
            SetColliders(prop, body, (box,), "box", 1.1, f"fits {ATTACK}"),
        )

    def _simready(self) -> SimReady:
        bodies = {MUG: ("body",), CABINET: ("base", "leaf")}
        items = [self._simready_prop(prop, names) for prop, names in bodies.items()]
        return self._mapped(SimReady, "simready", items, {})

    def _simready_prop(self, prop: str, bodies: Iterable[str]) -> tuple[str, Record]:
        folder = self.folder.store.begin(f"simready-{prop}")
        role = Role.MANIPULABLE if prop == MUG else Role.FURNITURE
        edits: list[Edit] = [SetSemantics(prop, role, ("Graspable",), {"class": prop}, "category")]
        edits += [edit for body in bodies for edit in self.physics(prop, body)]
        save(folder / EDITS_FILE, tuple(edits), tuple[Edit, ...])
        check = Check("collider gap", 0.002, "m", "<= 0.01 m", True)
        return prop, self._commit(Record, folder, "simready", f"simready-{prop}", checks=[plain(check)])

    def _mapped[R: Record](
        self, kind: type[R], stage: str, items: list[tuple[str, Record]], left_out: dict[str, str]
    ) -> R:
        folder = self.folder.store.begin(stage)
        entries = [{"id": name, "key": record.key, "digest": record.digest} for name, record in items]
        (folder / "items.json").write_bytes(canonical_json({"items": entries, "left_out": left_out}))
        return self._commit(kind, folder, stage, stage, tools={})

    def _assemble(self) -> Assembled:
        folder = self.folder.store.begin("assemble")
        ingested, articulated = self.records["ingest"], self.records["articulate"]
        assert isinstance(ingested, Ingested)
        assert isinstance(articulated, Articulated)
        mug = ingested.scan.prop(MUG)
        physics = (BodyPhysics("body", *self.physics(MUG, "body")),)
        semantics = SetSemantics(MUG, Role.MANIPULABLE, (), {}, "category")
        standing = replace(mug, T_world_prop=Pose((0.1, 0.5, 0.0)))
        manifest = SceneManifest(
            id=ingested.scan.id,
            props=(SceneProp(standing, physics, semantics, (), "/World/props/mug", "assets/mug"),),
            left_out=(LeftOut(CABINET, f"tipped over {ATTACK}"),),
            scale=ingested.scan.scale,
            gravity=ingested.scan.gravity,
            robot=PlacedRobot("franka_panda", Pose((0.5, 0.5, 0.0)), "/World/robot", (MUG,)),
            cameras=(Camera("side", "", Pose(), 60.0, 64, 48, "/World/cameras/side"),),
            lights=(),
        )
        save(folder / Assembled.MANIFEST, manifest)
        (folder / "scene" / "scene.usda").write_text("#usda 1.0\n")
        settled = (
            SettledProp(MUG, 0.001, 0.01, 0.0001, "at rest"),
            SettledProp(CABINET, 0.2, 1.5, 0.0, f"tipped over {ATTACK}"),
        )
        save(folder / Assembled.SETTLE_FILE, SettleReport("mujoco", 2.0, 0.02, settled))
        return self._commit(Assembled, folder, "assemble", "assemble")

    def _randomize(self) -> Variants:
        folder = self.folder.store.begin("randomize")
        moves = [MoveProp(MUG, Pose((0.1 + 0.02 * at, 0.5, 0.0)), "drawn") for at in range(3)]
        variants = tuple(Variant(at, 7, (move,)) for at, move in enumerate(moves))
        save(folder / Variants.VARIANTS_FILE, variants, tuple[Variant, ...])
        save(folder / Variants.POLICY_FILE, load_policy(Path("off")))
        save(folder / Variants.COVERAGE_FILE, NOTHING_COVERED)
        (folder / "variants").mkdir()
        (folder / "variants" / "0000.usda").write_text("#usda 1.0\n")
        return self._commit(Variants, folder, "randomize", "randomize")

    def _generate(self) -> Episodes:
        items = [self._episode(number, success=number != 1) for number in range(self.attempts)]
        return self._mapped(Episodes, "generate", items, {f"episode {ATTACK}": f"rejected {QUOTE}"})

    def _episode(self, number: int, *, success: bool) -> tuple[str, Record]:
        name = f"episode_{number:04d}"
        folder = self.folder.store.begin(name)
        outcome = Outcome(
            success,
            FailureCode.NONE if success else FailureCode.SLIPPED,
            None if success else 5,
            "" if success else f"slipped {ATTACK}",
            {"lift_height_m": 0.1},
        )
        save(folder / Episode.OUTCOME_FILE, EpisodeSummary(
            name, "pick_place", MUG, f"Pick up {QUOTE}", number, 7, "mujoco", FRAMES, FPS, outcome))  # fmt: skip
        write_states(folder / Episode.STATES_FILE)
        write_video(folder / "side.mp4")
        return name, self._commit(Episode, folder, "generate", name)

    def _export(self) -> Dataset:
        folder = self.folder.store.begin("export")
        info = {
            "codebase_version": "v3.0",
            "fps": FPS,
            "total_episodes": 2,
            "total_frames": 2 * FRAMES,
            "robot_type": "franka_panda",
            "features": {"observation.images.side": {"dtype": "video"}, "action": {"dtype": "float32"}},
        }
        (folder / "dataset" / "meta").mkdir(parents=True)
        (folder / "dataset" / "meta" / "info.json").write_text(json.dumps(info))
        return self._commit(Dataset, folder, "export", "export")

    def _certify(self) -> Certified:
        folder = self.folder.store.begin("certify")
        gates = [
            {"figure": "task_success_share", "value": 0.67, "limit": ">= 0.8", "passed": False, "meaning": ATTACK},
            {"figure": "kinematic_error_m", "value": None, "limit": "<= 0.0001", "passed": False, "meaning": "FK"},
        ]
        certificate = {
            "version": 1,
            "grade": "not certified",
            "reasons_for_test_data": [f"a sample {ATTACK}"],
            "replayable": True,
            "gates": gates,
            "findings": [f"video: black {ATTACK}"],
            "files": {"meta/info.json": "00"},
        }
        (folder / "certificate").mkdir()
        (folder / "certificate" / "certificate.json").write_text(json.dumps(certificate))
        return self._commit(Certified, folder, "certify", "certify")


def plain(check: Check) -> dict[str, Any]:
    """Return a check as a record's header keeps it."""
    return {field: getattr(check, field) for field in Check.__slots__}


def box_mesh(size_m: Vec3) -> TriangleMesh:
    """Return a box that stands on the ground, with texture coordinates."""
    corners = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (0.0, 1.0)]) * size_m
    quads = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
    faces = np.array([each for a, b, c, d in quads for each in ((a, b, c), (a, c, d))], dtype=np.int32)
    return TriangleMesh(corners, faces, np.zeros((8, 2), dtype=np.float32))


def write_states(path: Path) -> None:
    """Write the channels that plots are drawn from; in frame 6 the object is pressed by 3 and 4 N at right angles."""
    offset = np.zeros(FRAMES + 1, dtype=np.int64)
    offset[7:] = 2
    channels: dict[str, Any] = {
        "time_s": np.arange(FRAMES) / FPS,
        "phase": np.repeat([0, 1], FRAMES // 2),
        "joint_position": np.linspace(0, 1, FRAMES)[:, None] * np.ones((1, 2)),
        "joint_velocity": np.ones((FRAMES, 2)),
        "gripper_width_m": np.linspace(0.08, 0.04, FRAMES),
        "prop_position_m": np.zeros((FRAMES, 1, 3)),
        "contact_offset": offset,
        "contact_first": np.array([0, 1]),
        "contact_second": np.array([1, 0]),
        "contact_force_n": np.array([[3.0, 0.0, 0.0], [0.0, 4.0, 0.0]]),
    }
    lists = {
        "joint_names": ["robot/panda_joint1", "robot/panda_joint2"],
        "prop_names": [MUG],
        "body_names": [f"{MUG}/body", "robot/panda_hand"],
        "phase_names": ["reach", f"lift {ATTACK}"],
    }
    with h5py.File(path, "w") as file:
        group = file.create_group("blueprint")
        group.attrs["fps"] = FPS
        for name, names in lists.items():
            group.attrs[name] = json.dumps(names)
        for name, values in channels.items():
            group.create_dataset(f"frames/{name}", data=values)


def write_video(path: Path) -> None:
    """Write frames that grow brighter."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), FPS, (64, 48))
    for level in range(FRAMES):
        writer.write(np.full((48, 64, 3), 20 * level, dtype=np.uint8))
    writer.release()
