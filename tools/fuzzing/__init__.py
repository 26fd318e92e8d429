"""Mutated scans for the readers: seeds of every format, ways to damage them, and a worker that reads them."""
