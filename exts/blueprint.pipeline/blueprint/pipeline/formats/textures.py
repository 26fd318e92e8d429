"""Decode foreign pictures within limits; what cannot be decoded is a reason in words, never a crash."""

import io

from PIL import Image, UnidentifiedImageError

from .mesh_limits import MAX_TEXTURE_PIXELS

# Pillow raises these, and no others, for pictures that are damaged, bombs or of kinds that it does not know.
DAMAGED = (OSError, ValueError, SyntaxError, EOFError, IndexError, Image.DecompressionBombError, MemoryError)


def limit_pictures() -> None:
    """Make the decoder refuse bombs before it allocates anything; what is merely too large is refused below."""
    Image.MAX_IMAGE_PIXELS = MAX_TEXTURE_PIXELS


def picture_fault(content: bytes) -> str:
    """Return why the head of a picture cannot be used, or an empty text."""
    try:
        with Image.open(io.BytesIO(content)) as image:
            return _size_fault(image)
    except UnidentifiedImageError:
        return "is no picture of a known kind"
    except DAMAGED as error:
        return f"cannot be read ({_said(error)})"


def as_png(image: Image.Image) -> tuple[bytes, str]:
    """Return a picture as RGB PNG, or why it cannot be decoded."""
    fault = _size_fault(image)
    if fault:
        return b"", fault
    buffer = io.BytesIO()
    try:
        image.convert("RGB").save(buffer, format="PNG", compress_level=6)
    except DAMAGED as error:
        return b"", f"cannot be decoded ({_said(error)})"
    return buffer.getvalue(), ""


def _size_fault(image: Image.Image) -> str:
    if image.width * image.height > MAX_TEXTURE_PIXELS:
        return f"has {image.width} x {image.height} pixels, more than {MAX_TEXTURE_PIXELS}"
    return ""


def _said(error: BaseException) -> str:
    return str(error).splitlines()[0][:120] if str(error) else type(error).__name__
