"""Turn a reconstruction of one photo into a scene a robot can act in, and the scene into datasets a lab can verify.

The public names are looked up on first use, so that `import blueprint.pipeline` loads nothing but this file.
"""
