"""Raw files are held against their card, without the archive that they came in."""

from __future__ import annotations

from support.public_files import FIRST, Source, faults, get


def test_verify_needs_no_archive(source: Source) -> None:
    folder = get(source)
    (folder / FIRST).unlink()
    (folder / "deep").mkdir()
    (folder / "deep/more.txt").write_text("x")
    (folder / "shaft1_load0.npy").write_bytes(b"short")
    altered = folder / "shaft1_load1.npy"
    altered.write_bytes(altered.read_bytes()[:-1] + b"\x00")
    assert {file: fault.split(":")[0] for file, fault in faults(source).items()} == {
        FIRST: "missing",
        "deep/more.txt": "extra",
        "shaft1_load0.npy": "truncated or altered",
        "shaft1_load1.npy": "altered",
    }


def test_generated_files_are_held_against_what_was_drawn(source: Source) -> None:
    assert faults(source, "sim") == {}
    drawn = source.root / "data/raw/toy@sim" / FIRST
    drawn.write_bytes(drawn.read_bytes()[:-1] + b"\x00")
    assert list(faults(source, "sim")) == [FIRST]
