"""Physics for each prop: material, mass, inertia, convex colliders, supports and labels, each with its reason."""
