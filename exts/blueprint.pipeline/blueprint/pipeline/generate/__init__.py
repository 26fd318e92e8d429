"""Recorded work: a robot picks an object and places it, in physics, and the result is judged by geometry."""
