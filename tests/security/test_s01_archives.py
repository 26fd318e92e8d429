"""S01: an archive is refused before the first byte is written, with the member's name."""

import io
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from blueprint.pipeline.services.archives import ArchiveLimits, ArchiveRefused, extract_archive

LIMITS = ArchiveLimits(max_bytes=10 << 20, max_members=100)


def make_zip(path: Path, *members: tuple[str, bytes], mode: int = 0) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return path


def make_tar(path: Path, *members: tuple[str, bytes], kind: bytes = tarfile.REGTYPE, link: str = "") -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size, info.type, info.linkname = len(content) if kind == tarfile.REGTYPE else 0, kind, link
            archive.addfile(info, io.BytesIO(content))
    return path


MAKERS = [make_zip, make_tar]
Maker = Callable[..., Path]


@pytest.mark.parametrize("make", MAKERS)
def test_a_sound_archive_is_extracted(tmp_path: Path, make: Maker) -> None:
    archive = make(tmp_path / "a", ("run/output/glb/mug.glb", b"mesh"), ("run/photo.png", b"photo"))
    assert extract_archive(archive, tmp_path / "out", LIMITS) == 9
    assert (tmp_path / "out/run/output/glb/mug.glb").read_bytes() == b"mesh"


@pytest.mark.parametrize("make", MAKERS)
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("../x", "leaves the folder"),
        ("a/../../x", "leaves the folder"),
        ("/etc/x", "absolute name"),
        ("C:/x", "absolute name"),
        ("a\\..\\x", "absolute name"),
        ("a\nb", "control characters"),
        ("a\u202eb", "control characters"),
        ("x" * 300, "more than 240 bytes"),
    ],
)
def test_a_bad_name_writes_nothing(tmp_path: Path, make: Maker, name: str, reason: str) -> None:
    archive = make(tmp_path / "a", ("good", b"good"), (name, b"bad"))
    with pytest.raises(ArchiveRefused, match=f"^a: member .*{reason}"):
        extract_archive(archive, tmp_path / "out", LIMITS)
    assert not (tmp_path / "out").exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a"]


def test_a_name_cut_at_a_nul_is_judged_whole(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a", ("goodXbad", b"x"))
    archive.write_bytes(archive.read_bytes().replace(b"goodXbad", b"good\0bad"))
    with pytest.raises(ArchiveRefused, match="control characters"):
        extract_archive(archive, tmp_path / "out", LIMITS)


@pytest.mark.parametrize("make", MAKERS)
def test_names_that_meet_on_some_disks_are_refused(tmp_path: Path, make: Maker) -> None:
    archive = make(tmp_path / "a", ("Mug.glb", b"1"), ("mug.GLB", b"2"))
    with pytest.raises(ArchiveRefused, match="comes twice"):
        extract_archive(archive, tmp_path / "out", LIMITS)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    archive = make_tar(tmp_path / "a", ("x", b""), kind=kind, link="/etc/passwd")
    with pytest.raises(ArchiveRefused, match="member 'x' is a link or a device"):
        extract_archive(archive, tmp_path / "out", LIMITS)


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "a", ("x", b"/etc/passwd"), mode=stat.S_IFLNK | 0o777)
    with pytest.raises(ArchiveRefused, match="is a link or a device"):
        extract_archive(archive, tmp_path / "out", LIMITS)


@pytest.mark.parametrize("make", MAKERS)
def test_a_bomb_is_refused(tmp_path: Path, make: Maker) -> None:
    archive = make(tmp_path / "a", ("zeros", bytes(8 << 20)))
    with pytest.raises(ArchiveRefused, match="holds more than allowed"):
        extract_archive(archive, tmp_path / "out", LIMITS)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("make", MAKERS)
def test_too_many_members_are_refused(tmp_path: Path, make: Maker) -> None:
    archive = make(tmp_path / "a", *((f"f{number}", b"") for number in range(101)))
    with pytest.raises(ArchiveRefused, match="100 members"):
        extract_archive(archive, tmp_path / "out", LIMITS)


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"hello")
    with pytest.raises(ArchiveRefused, match="neither a ZIP nor a TAR"):
        extract_archive(tmp_path / "a", tmp_path / "out", LIMITS)
