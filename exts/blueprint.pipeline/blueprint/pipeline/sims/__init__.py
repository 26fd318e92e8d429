"""The simulator door: protocols, one file per engine, one table."""
