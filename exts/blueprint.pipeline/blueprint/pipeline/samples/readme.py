"""The text that lies beside a sample: what it is, in which frames, and under which licence."""

from blueprint.pipeline.scene.provenance import ScanProvenance

from .environment import Environment

SAMPLE_PROVENANCE = ScanProvenance("CC0-1.0", sample=True, note="made by the generator in blueprint.pipeline.samples")

_NOTES = {
    "kitchen": (
        "The countertop rests on both cabinets and names the one that opens.",
        "The door's range is negative: hinged on its left side, it opens against its upward axis.",
    ),
    "workbench": (
        "The panel's button is pressed down, its knob turns about the upright, its slider moves to the right.",
        "The peg is 7 mm thinner than the holder's hole, and stands beside it.",
    ),
}

_LICENCE = """## Origin and licence

Everything here (shapes, textures, images, clouds, prediction) was made by the generator in
`blueprint.pipeline.samples`. No scanned, photographed or downloaded material went into it, and nothing was produced by
3D-RE-GEN, Particulate or a generative model. The prints name no product of anybody's.

SPDX-License-Identifier: CC0-1.0. To the extent possible under law, the authors of Blueprint have waived all
copyright and related or neighbouring rights to the files in this folder (https://creativecommons.org/publicdomain/zero/1.0/).
"""


def readme_of_run(room: Environment, seed: int) -> str:
    """Return the README of a sample in the layout of a 3D-RE-GEN run."""
    lost = ", ".join(f"`{item.label}`" for item in room.items if not item.fitted)
    unplaced = (
        f"\n- {lost}: found and meshed, but no pose was found, so there is no posed mesh. A reader names it and "
        "goes on."
        if lost
        else ""
    )
    notes = "".join(f"\n- {note}" for note in _NOTES.get(room.name, ()))
    return f"""# {room.name}

A sample scan: {len(room.items)} objects seen in one photo, drawn with seed {seed}. `blueprint sample` writes it again.

`output/` has the layout of a finished 3D-RE-GEN run, `tmp/` holds its working image, `particulate/<key>/eval/` a part
and joint prediction in Particulate's layout. `truth.json` is for measuring results, not an input.

- Lengths in `output/` are arbitrary units in the camera's frame (x right, y up, -z forward), tilted by its pitch.
- `output/glb/<key>.glb` carries its pose in its vertices; `output/3D/<key>/<key>.glb` is the same mesh with the same
  vertex order in an arbitrary unit of its own.{unplaced}
- The point clouds carry 0.2 % noise along the line of sight; `PLANE_SAMPLED.ply` is fitted to the floor's cloud.
- Truth is in metres, Z up. `T_world_object` (row-major) places the canonical mesh after multiplying it by
  `metres_per_canonical_unit`; `size_m` is along the object's own axes; volumes are those inside the closed meshes;
  `mass_kg` is what such an object usually weighs.{notes}
- Left out: files of the run that nobody needs afterwards (gif, figures, vggt, combined scene, rendering).

{_LICENCE}"""


def readme_of_simple_layout(room: Environment, seed: int) -> str:
    """Return the README of a sample in the simple layout."""
    return f"""# {room.name}, simple layout

A sample scan of {sum(item.fitted for item in room.items)} objects in the layout `scene_info.json`, `camera/`,
`background/`, `objects/<id>/`, drawn with seed {seed}. Frame: Y up, metres. `pose.json` places a mesh, `bounds.json`
is its box in the scene. The mesh of `can_0` fills the cube of edge 1 around the origin: rescale it to the size in
`bounds.json` before its pose is applied.

{_LICENCE}"""
