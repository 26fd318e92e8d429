"""Mend what is wrong with meshes: winding, faces without area, holes, too many triangles."""
