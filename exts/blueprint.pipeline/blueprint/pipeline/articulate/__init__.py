"""Articulate: a prediction beside the scan becomes parts and joints; without one, nothing is invented."""
