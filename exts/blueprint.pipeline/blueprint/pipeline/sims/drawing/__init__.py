"""Pictures of a scene's triangles: what each pixel sees, how it is lit, and what lies in shadow."""
