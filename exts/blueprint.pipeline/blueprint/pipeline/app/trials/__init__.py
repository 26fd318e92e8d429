"""Small pieces of real work, each a program of its own, by which `doctor` sees that a part works."""
