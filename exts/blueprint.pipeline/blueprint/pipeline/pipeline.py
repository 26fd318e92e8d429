"""The table of contents: every pipeline as the tuple of its stages."""

from blueprint.pipeline.articulate.stage import articulate
from blueprint.pipeline.assemble.stage import assemble
from blueprint.pipeline.certify.stage import certify
from blueprint.pipeline.engine.stage import Stage
from blueprint.pipeline.export.stage import export
from blueprint.pipeline.generate.stage import generate
from blueprint.pipeline.grasp.stage import grasp
from blueprint.pipeline.ingest.stage import ingest
from blueprint.pipeline.offer.stage import offer
from blueprint.pipeline.prove.stage import prove
from blueprint.pipeline.randomize.stage import randomize
from blueprint.pipeline.reconstruct.stage import reconstruct
from blueprint.pipeline.repair.stage import repair
from blueprint.pipeline.simready.stage import simready

TABLETOP = (
    reconstruct,
    ingest,
    articulate,
    repair,
    simready,
    assemble,
    prove,
    grasp,
    offer,
    randomize,
    generate,
    export,
    certify,
)

PIPELINES: dict[str, tuple[Stage, ...]] = {"tabletop": TABLETOP}
STAGES: dict[str, Stage] = {stage.name: stage for stages in PIPELINES.values() for stage in stages}
