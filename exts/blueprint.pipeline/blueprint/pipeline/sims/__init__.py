"""The simulator door: protocols, one file per engine, one table."""

from blueprint.pipeline.sims.engines import ENGINES, compile_scene, open_sim

__all__ = ["ENGINES", "compile_scene", "open_sim"]
