"""The nouns of a scene: poses, meshes, props, joints, cameras, edits. Frozen, SI units, Z-up, wxyz."""
