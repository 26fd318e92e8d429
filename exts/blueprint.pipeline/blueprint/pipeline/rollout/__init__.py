"""Carrying out a task in a simulator, closed loop, and recording every state of it."""
