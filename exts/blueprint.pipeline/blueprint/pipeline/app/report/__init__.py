"""The report of a run: one self-contained HTML page, made from records on disk and nothing else."""
