"""Grasps tried in simulation before any episode: which hold each object, measured."""
