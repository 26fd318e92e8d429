"""The one way in which an archive from outside is extracted: every member is checked before a byte is written."""

import stat
import tarfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from blueprint.pipeline.errors import InputError

_BLOCK_BYTES = 1 << 20
_LONGEST_NAME = 240


class ArchiveRefused(InputError):
    """An archive that may not be extracted; names the member."""

    def __init__(self, archive: str, member: str, reason: str) -> None:
        shown = "".join(letter if letter.isprintable() else "�" for letter in member[:120])
        super().__init__(f"{archive}: member {shown!r} {reason}" if member else f"{archive}: {reason}")


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """What an archive may hold; `ratio` is unpacked over packed bytes, beyond which it is taken for a bomb."""

    max_bytes: int
    max_members: int = 20_000
    ratio: float = 200.0


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    size: int
    is_folder: bool


def extract_archive(archive: Path, target: Path, limits: ArchiveLimits) -> int:
    """Extract a ZIP or TAR file below a folder; returns the bytes written, raises ArchiveRefused naming the member."""
    if zipfile.is_zipfile(archive):
        return _extract_zip(archive, target, limits)
    if tarfile.is_tarfile(archive):
        return _extract_tar(archive, target, limits)
    raise ArchiveRefused(archive.name, "", "is neither a ZIP nor a TAR archive")


def _extract_zip(archive: Path, target: Path, limits: ArchiveLimits) -> int:
    with zipfile.ZipFile(archive) as stream:
        infos = stream.infolist()
        for info in infos:
            kind = stat.S_IFMT(info.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise ArchiveRefused(archive.name, info.filename, "is a link or a device")
            if info.flag_bits & 1:
                raise ArchiveRefused(archive.name, info.filename, "is encrypted")
        # ZipInfo cuts a name at its first NUL; the original tells what was meant.
        members = [_Member(info.orig_filename, info.file_size, info.is_dir()) for info in infos]
        _check(archive, members, limits)
        written = 0
        for info in infos:
            if not info.is_dir():
                with stream.open(info) as source:
                    written += _write(archive, info.filename, source, target, info.file_size)
    return written


def _extract_tar(archive: Path, target: Path, limits: ArchiveLimits) -> int:
    with tarfile.open(archive, "r:*") as stream:
        members = list(_tar_members(archive, stream, limits))
        _check(archive, members, limits)
        written = 0
        for info in stream:
            if info.isreg():
                source = stream.extractfile(info)
                assert source is not None
                written += _write(archive, info.name, source, target, info.size)
    return written


def _tar_members(archive: Path, stream: tarfile.TarFile, limits: ArchiveLimits) -> Iterable[_Member]:
    """Yield members and stop at the first limit, because listing a packed TAR unpacks it."""
    total = 0
    for count, info in enumerate(stream, start=1):
        if not (info.isreg() or info.isdir()):
            raise ArchiveRefused(archive.name, info.name, "is a link or a device")
        total += info.size
        if count > limits.max_members or total > _most_bytes(archive, limits):
            raise _too_much(archive, limits)
        yield _Member(info.name, info.size, info.isdir())


def _check(archive: Path, members: list[_Member], limits: ArchiveLimits) -> None:
    if len(members) > limits.max_members or sum(member.size for member in members) > _most_bytes(archive, limits):
        raise _too_much(archive, limits)
    seen: set[str] = set()
    for member in members:
        if fault := _fault(member.name):
            raise ArchiveRefused(archive.name, member.name, fault)
        place = PurePosixPath(member.name).as_posix().casefold()
        if place in seen and not member.is_folder:
            raise ArchiveRefused(archive.name, member.name, "comes twice")
        seen.add(place)


def _fault(name: str) -> str:
    path = PurePosixPath(name)
    if not name.strip("/.") or not all(letter.isprintable() for letter in name):
        return "has an empty name or one with control characters"
    if path.is_absolute() or "\\" in name or ":" in name:
        return "has an absolute name"
    if ".." in path.parts:
        return "leaves the folder"
    if len(name.encode("utf-8", "surrogatepass")) > _LONGEST_NAME:
        return f"has a name of more than {_LONGEST_NAME} bytes"
    return ""


def _most_bytes(archive: Path, limits: ArchiveLimits) -> float:
    return min(limits.max_bytes, max(1 << 20, limits.ratio * archive.stat().st_size))


def _too_much(archive: Path, limits: ArchiveLimits) -> ArchiveRefused:
    most = f"{limits.max_members} members, {limits.max_bytes} bytes and {limits.ratio:g} times its packed size"
    return ArchiveRefused(archive.name, "", f"holds more than allowed: {most}")


def _write(archive: Path, name: str, source: IO[bytes], target: Path, size: int) -> int:
    """Write one member; one that unpacks to more than it declares is a lie and ends the extraction."""
    path = target / PurePosixPath(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with path.open("xb") as stream:
        while block := source.read(_BLOCK_BYTES):
            written += len(block)
            if written > size:
                raise ArchiveRefused(archive.name, name, f"unpacks to more than the {size} bytes it declares")
            stream.write(block)
    return written
