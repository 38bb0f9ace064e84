"""The list of an edition's files, and what is kept of each."""

from __future__ import annotations

import shutil

import pytest

from faultboard.errors import CardError, DataError
from faultboard.files.checksum import file_hash
from support.public_files import ADDRESS, CUT, FIRST, Source, edition, faults, get, sha256


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("path,place", "path,palce", "no column 'place'. Did you mean 'palce'?"),
        (f"{FIRST},odd", f"../{FIRST},odd", f"toy_list.csv:2: path '../{FIRST}' does not lie in the raw folder"),
        (f"{FIRST},odd", f"/etc/{FIRST},odd", "does not lie in the raw folder"),
        ("shaft0_load1.npy,odd", f"{FIRST},odd", f"toy_list.csv:3: {FIRST} is listed twice"),
        (",odd @&name,", ",odd @&name,many ", "is no number of bytes"),
        (f"{FIRST},odd @&name", FIRST, "toy_list.csv:2: not the 4 fields of the first line"),
    ],
)
def test_a_list_that_cannot_be_used_names_its_line(source: Source, old: str, new: str, said: str) -> None:
    listed = source.root / "datasets/toy_list.csv"
    text = listed.read_text()
    assert old in text
    listed.write_text(text.replace(old, new, 1))
    with pytest.raises(CardError) as caught:
        get(source)
    assert said in str(caught.value)
    assert not source.asked


def test_a_hash_of_nothing_is_refused(source: Source) -> None:
    listed = source.root / "datasets/toy_list.csv"
    listed.write_text(listed.read_text().replace(file_hash(source.root / "data/raw/toy@sim" / FIRST), "unknown"))
    with pytest.raises(CardError, match=r"toy_list\.csv:2: 'unknown' is no SHA-256"):
        get(source)


def test_a_list_lies_beside_its_card(source: Source) -> None:
    edition(source.root, '  full: {files: ../toy_list.csv, address: "https://x/{path}", EXPECT}\n')
    shutil.copy(source.root / "datasets/toy_list.csv", source.root)
    with pytest.raises(CardError, match="there is no list"):
        get(source)


@pytest.fixture
def halved(source: Source) -> Source:
    """An edition ``cut`` of two files: half of the first, the second whole."""
    edition(source.root, f'  cut: {{files: toy_list.csv, address: "{ADDRESS}", change: toy.py:half, EXPECT}}\n')
    with (source.root / "datasets/toy.py").open("a") as stream:
        stream.write(CUT)
    listed = source.root / "datasets/toy_list.csv"
    head, first, second, *others = listed.read_text().splitlines()
    content = source.contents[FIRST]
    kept = f"{first},{sha256(content[: len(content) // 2])}"
    listed.write_text("\n".join([f"{head},cut", kept, f"{second},same", *(f"{row}," for row in others)]) + "\n")
    return source


def test_an_edition_keeps_what_its_list_says(halved: Source) -> None:
    folder = get(halved, name="cut")
    found = {p.name: p.stat().st_size for p in folder.iterdir()}
    size = len(halved.contents[FIRST])
    assert found == {FIRST: size // 2, "shaft0_load1.npy": size}
    assert faults(halved, "cut") == {}
    (folder / FIRST).write_bytes(halved.contents[FIRST])
    assert list(faults(halved, "cut")) == [FIRST]


def test_a_change_that_gives_something_else_is_refused(halved: Source) -> None:
    code = halved.root / "datasets/toy.py"
    code.write_text(code.read_text().replace("// 2]", "// 3]"))
    with pytest.raises(DataError, match=rf"toy@cut: {FIRST}: the change gives another file"):
        get(halved, name="cut")


def test_a_change_that_fails_is_one_line(halved: Source) -> None:
    code = halved.root / "datasets/toy.py"
    code.write_text(code.read_text().replace("return content[", "return 1 / 0, content["))
    with pytest.raises(DataError, match=rf"toy@cut: {FIRST}: change failed: ZeroDivisionError"):
        get(halved, name="cut")


def test_a_part_of_a_file_needs_a_change_that_gives_it(source: Source) -> None:
    listed = source.root / "datasets/toy_list.csv"
    head, first, *others = listed.read_text().splitlines()
    rows = [f"{head},full", f"{first},{sha256(b'a part')}", *(f"{row},same" for row in others)]
    listed.write_text("\n".join(rows) + "\n")
    with pytest.raises(CardError, match=rf"toy_list\.csv:2: {FIRST} is not kept as published, and the card names no"):
        get(source)
    assert not source.asked
