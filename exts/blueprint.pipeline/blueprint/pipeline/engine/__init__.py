"""Stages, records, runs and events; this layer knows no robotics."""
