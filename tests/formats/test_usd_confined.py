"""Opening foreign USD; attacks are in tests/security."""

from pathlib import Path

import pytest

from blueprint.pipeline.formats.usd_confined import ForeignUsdRefused, open_confined


def write(folder: Path, name: str, body: str, *, header: str = "") -> Path:
    """Write a layer."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#usda 1.0\n({header})\n{body}\n")
    return path


def test_what_lies_inside_is_opened(tmp_path: Path) -> None:
    write(tmp_path, "parts/leg.usda", 'def Xform "Leg" {\ndouble height = 0.7\n}', header='defaultPrim = "Leg"')
    (tmp_path / "parts" / "wood.png").write_bytes(b"png")
    root = write(
        tmp_path,
        "table.usda",
        'def Xform "Table" (references = @./parts/leg.usda@) {\nasset inputs:file = @./parts/wood.png@\n}',
    )
    stage = open_confined(root, tmp_path)
    assert stage.GetPrimAtPath("/Table").GetAttribute("height").Get() == 0.7


@pytest.mark.parametrize("content", [b"", b"not usd", b"PXR-USDC" + b"\xff" * 200])
def test_damaged_layers_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "scan.usd"
    path.write_bytes(content)
    with pytest.raises(ForeignUsdRefused, match=r"scan\.usd: this USD cannot be opened safely"):
        open_confined(path, tmp_path)


def test_other_formats_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "scan.usdz"
    path.write_bytes(b"PK")
    with pytest.raises(ForeignUsdRefused, match=r"'\.usdz' is not among the layer formats"):
        open_confined(path, tmp_path)
