"""Textures drawn with numpy: prints, glazes, grain. All are sRGB, uint8, and ours."""

import numpy as np
from numpy.typing import NDArray

from .boxes import Rect

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

SIZE = 256
"""Edge length of a texture [px]."""

# A carton shows its front and back largest; a slab lying on its back shows one side and hides the other.
CARTON_ATLAS: dict[str, Rect] = {
    "front": (0.0, 0.0, 0.5, 0.75),
    "back": (0.5, 0.0, 1.0, 0.75),
    "right": (0.0, 0.75, 0.25, 1.0),
    "left": (0.25, 0.75, 0.5, 1.0),
    "top": (0.5, 0.75, 0.75, 1.0),
    "bottom": (0.75, 0.75, 1.0, 1.0),
}
SLAB_ATLAS: dict[str, Rect] = {
    "front": (0.0, 0.0, 1.0, 0.5),
    "back": (0.0, 0.5, 1.0, 0.75),
    "right": (0.0, 0.75, 0.25, 1.0),
    "left": (0.25, 0.75, 0.5, 1.0),
    "top": (0.5, 0.75, 0.75, 1.0),
    "bottom": (0.75, 0.75, 1.0, 1.0),
}
FINISHES: dict[str, Rect] = {
    "paint": (0.01, 0.01, 0.49, 0.49),
    "wood": (0.51, 0.01, 0.99, 0.49),
    "steel": (0.01, 0.51, 0.49, 0.99),
    "dark": (0.51, 0.51, 0.99, 0.99),
}

_GLYPHS = {
    "A": ("01110", "10001", "10001", "11111", "10001", "10001", "10001"),
    "I": ("11111", "00100", "00100", "00100", "00100", "00100", "11111"),
    "L": ("10000", "10000", "10000", "10000", "10000", "10000", "11111"),
    "O": ("01110", "10001", "10001", "10001", "10001", "10001", "01110"),
    "P": ("11110", "10001", "10001", "11110", "10000", "10000", "10000"),
    "S": ("01111", "10000", "10000", "01110", "00001", "00001", "11110"),
    "T": ("11111", "00100", "00100", "00100", "00100", "00100", "00100"),
    "U": ("10001", "10001", "10001", "10001", "10001", "10001", "01110"),
}


def plain(colour: Colour) -> Image:
    """Return one even colour."""
    return np.full((SIZE, SIZE, 3), colour, dtype=np.uint8)


def write_word(image: Image, word: str, *, left: int, top: int, dot: int, colour: Colour) -> None:
    """Print `word` into `image` in letters of 5 x 7 dots of `dot` pixels; letters come from a small set."""
    for number, letter in enumerate(word):
        bits = np.array([[bit == "1" for bit in row] for row in _GLYPHS[letter]])
        mask = np.kron(bits, np.ones((dot, dot), dtype=bool))
        x = left + number * 6 * dot
        image[top : top + 7 * dot, x : x + 5 * dot][mask] = colour


def ceramic(glaze: Colour, band: Colour, inside: Colour) -> Image:
    """Return a glaze for a turned vessel: outside below (v near 1), a band, the inside above (v near 0)."""
    image = plain(glaze)
    image[:113] = inside
    image[146:152] = image[158:162] = band
    return image


def bottle_label(glass: Colour, paper: Colour, ink: Colour, cap: Colour) -> Image:
    """Return a bottle unrolled: cap at the top, glass, and a paper label with two words around it."""
    image = plain(glass)
    image[:54] = cap
    image[140:216] = paper
    image[144:146] = image[210:212] = ink
    for left in (28, 156):
        write_word(image, "OIL", left=left, top=160, dot=4, colour=ink)
        image[196:199, left : left + 66] = ink
    return image


def can_label(metal: Colour, paper: Colour, ink: Colour) -> Image:
    """Return a can unrolled: metal lids, and a two-coloured label with a word on either side."""
    image = plain(metal)
    image[72:184] = paper
    image[128:184] = ink
    for left in (30, 158):
        write_word(image, "SOUP", left=left, top=90, dot=3, colour=ink)
        image[140:172, left + 18 : left + 50] = paper
    return image


def carton_print(board: Colour, sun: Colour, ink: Colour) -> Image:
    """Return a cereal carton for `CARTON_ATLAS`: a printed front, a table of facts on the back, plain ends."""
    image = plain(board)
    rows, columns = np.mgrid[0:SIZE, 0:SIZE]
    front = (columns < 128) & (rows < 192)
    image[front & ((columns - 64) ** 2 + (rows - 120) ** 2 < 46**2)] = sun
    in_bowl = front & ((columns - 64) ** 2 + (rows - 118) ** 2 < 36**2) & (rows > 122)
    image[in_bowl] = (245, 243, 236)
    image[front & (((columns - 64) / 36) ** 2 + ((rows - 122) / 9) ** 2 < 1.0)] = (196, 142, 74)
    write_word(image, "OATS", left=18, top=20, dot=4, colour=(250, 246, 232))
    image[172:176, 16:112] = ink
    image[20:172, 144:240] = (240, 236, 222)
    for row in range(32, 164, 12):
        image[row : row + 3, 152:200] = image[row : row + 3, 214:232] = ink
    write_word(image, "OATS", left=8, top=216, dot=2, colour=(250, 246, 232))
    write_word(image, "OATS", left=72, top=216, dot=2, colour=(250, 246, 232))
    return image


def apple_skin(stream: np.random.Generator) -> Image:
    """Return an apple's skin: red streaks over yellow towards the dimples, light specks, a brown stem at v = 0."""
    v = np.linspace(0.0, 1.0, SIZE)[:, None]
    streaks = np.repeat(stream.uniform(0.0, 0.35, (1, 64)), SIZE // 64, axis=1)
    redness = np.clip(1.35 - 2.2 * np.abs(v - 0.52) - streaks, 0.0, 1.0)[..., None]
    image = _quantised((1.0 - redness) * np.array([226, 190, 74]) + redness * np.array([186, 28, 34]))
    rows, columns = stream.integers(50, 220, 90), stream.integers(0, SIZE, 90)
    image[rows, columns] = (236, 204, 150)
    image[:34] = (92, 66, 40)
    return image


def sponge_foam(stream: np.random.Generator) -> Image:
    """Return a two-layer sponge for `SLAB_ATLAS`: green scouring fleece in front, yellow foam behind."""
    image = plain((238, 206, 88))
    rows, columns = stream.integers(128, SIZE - 2, 260), stream.integers(0, SIZE - 2, 260)
    for row, column in zip(rows, columns, strict=True):
        image[row : row + 2, column : column + 2] = (205, 168, 60)
    weave = 12 * stream.integers(0, 3, (64, 128))
    fleece = np.kron(weave, np.ones((2, 2), dtype=np.int64))[..., None]
    image[:128] = (np.array([46, 104, 62]) + fleece).astype(np.uint8)
    # On the four edges the fleece is the upper quarter; each edge lies differently in the atlas.
    image[192:, 48:64] = image[192:, 64:80] = (58, 116, 74)
    image[240:, 128:192] = image[192:208, 192:] = (58, 116, 74)
    return image


def wood_grain(stream: np.random.Generator, light: Colour, dark: Colour, *, bands: int) -> Image:
    """Return straight grain along u in a few even tones."""
    v = np.arange(SIZE)[:, None] / SIZE
    u = np.arange(SIZE)[None, :] / SIZE
    phase = stream.uniform(0.0, 2.0 * np.pi, 3)
    wave = (
        v * bands + 0.12 * np.sin(2 * np.pi * u + phase[0]) + 0.4 * np.sin(2 * np.pi * (2.3 * v + 0.2 * u) + phase[1])
    )
    share = (0.5 + 0.5 * np.sin(2 * np.pi * wave + phase[2]))[..., None]
    return _quantised((1.0 - share) * np.array(light) + share * np.array(dark))


def stone(stream: np.random.Generator, ground: Colour, fleck: Colour) -> Image:
    """Return polished stone: a dark ground with sparse flecks."""
    image = plain(ground)
    strength = stream.choice([0.25, 0.5, 0.9], size=1500)[:, None]
    rows, columns = stream.integers(0, SIZE, 1500), stream.integers(0, SIZE, 1500)
    image[rows, columns] = ((1.0 - strength) * np.array(ground) + strength * np.array(fleck)).astype(np.uint8)
    return image


def cabinet_finishes(stream: np.random.Generator, paint: Colour) -> Image:
    """Return the four areas of `FINISHES`: painted fronts, plywood inside, brushed steel, a dark gap."""
    image = plain(paint)
    grain = wood_grain(stream, (214, 180, 132), (196, 158, 108), bands=14)
    image[:128, 128:] = grain[::2, ::2]
    image[128:, :128] = (176, 178, 180)
    image[128::4, :128] = (166, 168, 171)
    image[128:, 128:] = (48, 46, 44)
    return image


def floor_tiles(light: Colour, grey: Colour, grout: Colour) -> Image:
    """Return two by two tiles in two tones with grout between them; repeats without a seam."""
    image = plain(light)
    image[:128, :128] = image[128:, 128:] = grey
    for line in (0, 128):
        image[line : line + 3] = image[:, line : line + 3] = grout
    return image


def leaf(green: Colour, terracotta: Colour) -> Image:
    """Return a plant's two colours: leaves in the left half, the pot in the right half."""
    image = plain(green)
    image[:, 128:] = terracotta
    return image


def _quantised(colours: NDArray[np.float64]) -> Image:
    """Round to steps of four: a few hundred bytes instead of tens of thousands, and no visible loss."""
    return (np.round(colours / 4.0) * 4.0).clip(0, 255).astype(np.uint8)
