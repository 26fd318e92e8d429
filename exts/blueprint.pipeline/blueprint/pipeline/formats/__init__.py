"""Foreign formats: one file per format, plus one table. Each reads into plain nouns in the frame of the file."""
