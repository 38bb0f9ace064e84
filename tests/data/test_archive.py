"""Archives that would write elsewhere, more than they say, or something else twice."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from faultboard.data.raw.archive import unpack
from faultboard.errors import DataError


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


def refused(place: Path, match: str, limit: int = 1000) -> None:
    with pytest.raises(DataError, match=match) as caught:
        unpack(place.parent / "x.zip", place, limit)
    assert "\n" not in str(caught.value)
    assert not list(place.iterdir())
    assert {p.name for p in place.parent.iterdir()} == {"in", "x.zip"}


@pytest.mark.parametrize("name", ["../outside.txt", "/outside.txt", "a/../../outside.txt", "a/../../in_too/x"])
def test_a_way_out_is_refused(place: Path, name: str) -> None:
    with zipfile.ZipFile(place.parent / "x.zip", "w") as zipped:
        zipped.writestr("good.txt", "x")
        zipped.writestr(name, "x")
    refused(place, "would leave its folder")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_what_is_no_file_is_refused(place: Path, kind: int) -> None:
    member = zipfile.ZipInfo("odd")
    member.external_attr = (kind | 0o777) << 16
    with zipfile.ZipFile(place.parent / "x.zip", "w") as zipped:
        zipped.writestr("good.txt", "x")
        zipped.writestr(member, "/etc/passwd")
    refused(place, "a link or a device")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("second", ["one.txt", "./one.txt", "a/../one.txt"])
def test_a_member_that_is_there_twice_is_refused(place: Path, second: str) -> None:
    # which of the two were read would be a matter of the order
    with zipfile.ZipFile(place.parent / "x.zip", "w") as zipped:
        zipped.writestr("one.txt", "x")
        zipped.writestr(second, "y")
    refused(place, "is there twice")


def test_many_members_that_are_too_much_together_are_refused(place: Path) -> None:
    with zipfile.ZipFile(place.parent / "x.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
        for number in range(11):
            zipped.writestr(str(number), b"\0" * 100)
    refused(place, "unpacks to 1,100 bytes, the card declares 1,000")


def test_a_member_that_lies_about_its_size_writes_no_more_than_it_says(place: Path) -> None:
    archive = place.parent / "x.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("zeros", b"\0" * 10_000_000)
    said, lie = struct.pack("<I", 10_000_000), struct.pack("<I", 10)
    content = archive.read_bytes()
    assert content.count(said) == 2
    archive.write_bytes(content.replace(said, lie))
    with pytest.raises(DataError, match="cannot be unpacked"):
        unpack(archive, place, 1000)
    assert sum(p.stat().st_size for p in place.iterdir()) <= 10


@pytest.mark.parametrize("damage", ["truncated", "flipped", "text", "encrypted"])
def test_a_damaged_archive_is_one_line(place: Path, damage: str) -> None:
    archive = place.parent / "x.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("one.txt", bytes(range(256)) * 3)
    content = bytearray(archive.read_bytes())
    if damage == "truncated":
        content = content[:-10]
    elif damage == "flipped":
        content[60] ^= 255
    elif damage == "text":
        content = bytearray(b"not here")
    else:
        # the flag in the directory that says so
        content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)
    with pytest.raises(DataError, match="cannot be unpacked") as caught:
        unpack(archive, place, 1000)
    assert "\n" not in str(caught.value)


def test_only_what_is_wanted_is_unpacked(place: Path) -> None:
    with zipfile.ZipFile(place.parent / "x.zip", "w") as zipped:
        zipped.writestr("a/one.txt", "1")
        zipped.writestr("notes.txt", "2")
    unpack(place.parent / "x.zip", place, 1000, {"a/one.txt"})
    assert [p.relative_to(place).as_posix() for p in place.rglob("*") if p.is_file()] == ["a/one.txt"]
