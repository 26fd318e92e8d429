"""Which tasks a scene and a robot allow, and why not the others."""
