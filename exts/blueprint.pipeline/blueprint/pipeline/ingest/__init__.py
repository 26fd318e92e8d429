"""Ingest: a foreign scan becomes props in a metric, upright world, with the evidence for every number."""
