"""Archives are fetched, unpacked and held against what pins them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.data.prepared import Prepared
from faultboard.data.raw.fetch import order
from faultboard.data.raw.folder import provide
from faultboard.data.raw.unpacked import unverified
from faultboard.declare.catalogue import Catalogue
from faultboard.errors import CardError, DataError
from faultboard.files.checksum import file_hash
from support.public_files import FIRST, Source, edition, faults, get, left, sha256


def test_an_archive_is_fetched_and_unpacked(source: Source, httpserver: HTTPServer, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "toy.zip", "w") as zipped:
        for name, content in source.contents.items():
            zipped.writestr(name, content)
    packed = (tmp_path / "toy.zip").read_bytes()
    httpserver.expect_request("/toy.zip").respond_with_data(packed)
    size = sum(map(len, source.contents.values()))
    edition(
        source.root,
        f'  full: {{archive: toy.zip, url: "{source.url}toy.zip", sha256: {sha256(packed)}, bytes: {len(packed)}, '
        f"unpacked: {size}, EXPECT}}\n",
    )
    folder = get(source)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == source.contents
    assert left(source) == [".toy@full.unpacked.json"]
    assert faults(source) == {}
    (folder / FIRST).write_bytes(b"damaged")
    assert list(faults(source)) == [FIRST]


def test_archives_together_unpack_to_no_more_than_the_card_says(
    source: Source, httpserver: HTTPServer, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as zipped:
            zipped.writestr(name, b"\0" * 600)
        httpserver.expect_request(f"/{name}.zip").respond_with_data((tmp_path / f"{name}.zip").read_bytes())
    text = "  full: {archives: [{name: one.zip}, {name: two.zip}], url: ADDRESS, unpacked: 1000, EXPECT}\n"
    edition(source.root, text.replace("ADDRESS", f'"{source.url}{{name}}"'))
    with pytest.raises(DataError, match=r"two\.zip: unpacks to 600 bytes, the card declares 400"):
        get(source)
    assert not (source.root / "data/raw/toy@full").exists()
    edition(source.root, text.replace("1000", "1200").replace("ADDRESS", f'"{source.url}{{name}}"'))
    assert {p.name for p in get(source).iterdir()} == {"one", "two"}
    assert left(source) == [".toy@full.unpacked.json"]


def test_archives_in_the_shared_folder_are_taken_from_there(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = sorted(source.contents)
    for archive, members in (("one.zip", names[:6]), ("two.zip", names[6:])):
        with zipfile.ZipFile(tmp_path / archive, "w") as zipped:
            for name in members:
                zipped.writestr(name, source.contents[name])
    md5 = file_hash(tmp_path / "one.zip", "md5")
    edition(
        source.root,
        f'  full: {{archives: [{{name: one.zip, md5: {md5}}}, {{name: two.zip}}], url: "{source.url}{{name}}", '
        "unpacked: 1000000, EXPECT}\n",
    )
    monkeypatch.setenv("FAULTBOARD_DATA", str(tmp_path))
    card = Catalogue(source.root, source.root).dataset("toy")
    assert order(Edition(source.root, card, "full")) is None
    folder = provide(Edition(source.root, card, "full"))
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == source.contents
    assert unverified(folder) == {"two.zip": file_hash(tmp_path / "two.zip")}
    assert (
        Prepared(prepare(Edition(source.root, card, "full"))).hash
        == Prepared(prepare(Edition(source.root, card, "sim"))).hash
    )
    (tmp_path / "one.zip").write_bytes((tmp_path / "two.zip").read_bytes())
    with pytest.raises(DataError, match=r"one\.zip: damaged, or another file than the card pins"):
        provide(Edition(source.root, card, "full"), again=True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("archives: [{name: one.zip}]", "archives need url or files, unpacked"),
        ("archives: [{name: one.zip}], files: a.csv, address: x, unpacked: 1", "no url leads to need sha256"),
        ("url: x, unpacked: 1", "url is that of an archive"),
        ("archives: [{name: one.zip, md6: x}], url: x, unpacked: 1", "Did you mean 'md5'"),
    ],
)
def test_an_edition_of_archives_says_what_it_lacks(source: Source, text: str, said: str) -> None:
    edition(source.root, f"  full: {{{text}, ask: nobody, EXPECT}}\n")
    with pytest.raises(CardError, match=said):
        Catalogue(source.root, source.root).dataset("toy")
