"""S04: foreign array files hold plain numbers or are refused."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from blueprint.pipeline.errors import ScanError
from blueprint.pipeline.formats import safe_arrays
from blueprint.pipeline.formats.safe_arrays import read_arrays


def test_plain_arrays_are_read(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.arange(3), y=np.array(True), z=1.5)
    arrays = read_arrays(tmp_path / "a.npz", "scan/a.npz", ("x", "y"), ("z", "absent"))
    assert arrays["x"].tolist() == [0, 1, 2]
    assert set(arrays) == {"x", "y", "z"}


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ScanError, match=r"scan/a\.npz: is not an archive of plain arrays"):
        read_arrays(tmp_path / "a.npz", "scan/a.npz", ("x",))


def test_texts_are_no_numbers(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.array(["a"]))
    with pytest.raises(ScanError, match="array x has type <U1"):
        read_arrays(tmp_path / "a.npz", "a.npz", ("x",))


def test_missing_arrays_are_named_with_what_exists(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", other=np.arange(3))
    with pytest.raises(ScanError, match="has no array x; found other"):
        read_arrays(tmp_path / "a.npz", "a.npz", ("x",))


def test_damaged_archives_are_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "whole.npz", x=np.arange(1000))
    whole = (tmp_path / "whole.npz").read_bytes()
    for name, content, complaint in (
        ("empty", b"", "is empty"),
        ("cut", whole[:300], "is not an archive of plain arrays"),
        ("text", b"not a zip", "is not an archive of plain arrays"),
        ("flipped", whole[:200] + bytes([whole[200] ^ 255]) + whole[201:], "is not an archive of plain arrays"),
        ("shape", whole.replace(b"(1000,)", b"(9000,)"), "is not an archive of plain arrays"),
    ):
        (tmp_path / f"{name}.npz").write_bytes(content)
        with pytest.raises(ScanError, match=complaint):
            read_arrays(tmp_path / f"{name}.npz", f"{name}.npz", ("x",))
    with pytest.raises(ScanError, match="is missing"):
        read_arrays(tmp_path / "absent.npz", "absent.npz", ("x",))


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_arrays, "MAX_UNPACKED_BYTES", 10_000)
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(100_000))
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", buffer.getvalue())
    with pytest.raises(ScanError, match="unpacks to 800128 bytes"):
        read_arrays(tmp_path / "a.npz", "a.npz", ("x",))
