"""The props of a run as far as its stages got: the scan's words, the links and joints, the physics, the pose."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from blueprint.pipeline.app.run_records import RunRecords
from blueprint.pipeline.engine.digests import digest_value
from blueprint.pipeline.scene.articulation import edited_prop
from blueprint.pipeline.scene.edits import (
    AddGrasp,
    AddJoint,
    AddRegion,
    Edit,
    SetColliders,
    SetMass,
    SetMaterial,
    SetSemantics,
)
from blueprint.pipeline.scene.poses import Pose
from blueprint.pipeline.scene.props import LeftOut, Prop
from blueprint.pipeline.scene.records import Articulated, Assembled, EditsRecord, Ingested, Repaired, SimReady


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What was decided about one link; None where no stage has decided it."""

    body: str
    material: SetMaterial | None
    mass: SetMass | None
    colliders: SetColliders | None


@dataclass(frozen=True)
class PropFacts:
    """One prop with every decision about it; `made_from` names the records behind its pictures, wherever it stands."""

    prop: Prop
    links: tuple[LinkFacts, ...]
    semantics: SetSemantics | None
    joints: tuple[AddJoint, ...]
    regions: tuple[AddRegion, ...]
    grasps: tuple[AddGrasp, ...]
    T_world_prop: Pose
    in_scene: bool
    made_from: tuple[str, ...]

    @property
    def stands_from(self) -> tuple[str, ...]:
        """What decides how it looks in a picture of the scene, where nobody sees a tenth of a millimetre."""
        place = [round(value, 4) for value in (*self.T_world_prop.position_m, *self.T_world_prop.quat_wxyz)]
        return (*self.made_from, str(self.in_scene), digest_value(place))

    @property
    def mass_kg(self) -> float | None:
        """Mass of all links, or None while one has none."""
        masses = [link.mass.mass_kg for link in self.links if link.mass is not None]
        return sum(masses) if len(masses) == len(self.links) else None


@dataclass(frozen=True)
class SceneFacts:
    """All props of a run, and where their meshes lie."""

    records: RunRecords

    @property
    def meshes(self) -> tuple[Path, ...]:
        """Record folders in which meshes and textures are found."""
        return self.records.mesh_folders

    @property
    def assembled(self) -> bool:
        """Whether there is a scene in which props stand."""
        return self.records.get(Assembled) is not None

    @cached_property
    def props(self) -> tuple[PropFacts, ...]:
        """Every prop that ingest has made, in the scan's order."""
        ingested = self.records.get(Ingested)
        return () if ingested is None else tuple(self._facts(prop) for prop in ingested.scan.props)

    @cached_property
    def left_out(self) -> tuple[LeftOut, ...]:
        """Every object that some stage could not use, each once."""
        found: dict[str, LeftOut] = {}
        ingested, assembled = self.records.get(Ingested), self.records.get(Assembled)
        for entry in () if ingested is None else ingested.scan.left_out:
            found[entry.id] = entry
        for kind in (Articulated, Repaired, SimReady):
            record = self.records.get(kind)
            for name, reason in ({} if record is None else record.items_left_out).items():
                found.setdefault(name, LeftOut(name, reason))
        for entry in () if assembled is None else assembled.manifest.left_out:
            found.setdefault(entry.id, entry)
        return tuple(found.values())

    def _facts(self, prop: Prop) -> PropFacts:
        made = [self._of_prop(kind, prop.id) for kind in (Articulated, Repaired, SimReady)]
        parts, mended, edits = ([*record.edits] if record else [] for record in made)
        joined = edited_prop(prop, (*parts, *mended))
        placed = self._placed(prop.id)
        names = [body.name for body in joined.bodies]
        behind = (self.records.get(Ingested), *made)
        return PropFacts(
            prop=joined,
            links=tuple(_link_facts(name, edits) for name in names),
            semantics=next((edit for edit in edits[::-1] if isinstance(edit, SetSemantics)), None),
            joints=tuple(edit for edit in parts if isinstance(edit, AddJoint)),
            regions=tuple(edit for edit in edits if isinstance(edit, AddRegion)),
            grasps=tuple(edit for edit in edits if isinstance(edit, AddGrasp)),
            T_world_prop=placed or prop.T_world_prop,
            in_scene=placed is not None,
            made_from=(prop.id, *(record.digest if record else "" for record in behind)),
        )

    def _placed(self, prop_id: str) -> Pose | None:
        assembled = self.records.get(Assembled)
        if assembled is None:
            return None
        return next((each.prop.T_world_prop for each in assembled.manifest.props if each.prop.id == prop_id), None)

    def _of_prop(self, kind: type[Articulated] | type[Repaired] | type[SimReady], prop_id: str) -> EditsRecord | None:
        record = self.records.get(kind)
        return record.props().get(prop_id) if record else None


def _link_facts(body: str, edits: list[Edit]) -> LinkFacts:
    # Where an edit follows another about the same thing, the later one holds.
    later_first = edits[::-1]
    return LinkFacts(
        body,
        next((edit for edit in later_first if isinstance(edit, SetMaterial) and edit.body == body), None),
        next((edit for edit in later_first if isinstance(edit, SetMass) and edit.body == body), None),
        next((edit for edit in later_first if isinstance(edit, SetColliders) and edit.body == body), None),
    )
