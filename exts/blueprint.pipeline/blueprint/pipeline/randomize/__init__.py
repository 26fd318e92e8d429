"""Variants of a scene: poses, physics, light and cameras drawn anew around the values that are in it."""
