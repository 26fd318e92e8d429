"""Recorded episodes, stepped again: bit for bit as they were, or with one thing changed to test a hypothesis."""
