"""Bring a robot in: from its URDF and a fitting to an asset and a description."""
