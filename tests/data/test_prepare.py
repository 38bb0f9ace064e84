import json
import shutil
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest

from faultboard.data import prepare as module
from faultboard.data import reading
from faultboard.data.edition import Edition
from faultboard.data.prepare import prepare
from faultboard.data.prepared import Prepared, read_meta
from faultboard.data.raw.archive import unpack
from faultboard.data.raw.folder import provide
from faultboard.data.raw.simulated import simulation_key
from faultboard.data.raw.verify import compare
from faultboard.declare.catalogue import Catalogue
from faultboard.errors import DataError, Unavailable
from faultboard.files.checksum import file_hash
from faultboard.tasks.task import Task
from support.repository import REPOSITORY
from support.toy import FILES


def test_what_is_prepared_is_what_was_recorded(cards: Catalogue, root: Path) -> None:
    prepared = Prepared(prepare(Edition(root, cards.dataset("toy"), "sim")))
    raw = np.load(root / "data/raw/toy@sim/shaft3_load1.npy").astype(np.float32)
    row = int(np.flatnonzero(prepared.recordings["id"] == "shaft3_load1")[0])
    assert np.array_equal(prepared.samples(row)[:, 0], raw)
    assert prepared.recordings.loc[row, "fault"] == "bad"


def test_the_hash_does_not_know_where_it_was_made(cards: Catalogue, tmp_path: Path) -> None:
    one, two = (Prepared(prepare(Edition(tmp_path / name, cards.dataset("toy"), "sim"))).hash for name in ("a", "b"))
    assert one == two


def test_nothing_changed_means_nothing_read(cards: Catalogue, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prepare(Edition(root, cards.dataset("toy"), "sim"))
    monkeypatch.setattr(module, "_recordings", lambda *_: pytest.fail("read again"))
    prepare(Edition(root, cards.dataset("toy"), "sim"))


@pytest.mark.parametrize("edition", ["sim", "full"])
def test_a_file_changed_at_the_same_size_is_noticed(cards: Catalogue, root: Path, edition: str) -> None:
    provide(Edition(root, cards.dataset("toy"), "sim"))
    with (root / "datasets/toy.yaml").open("a") as stream:
        stream.write("  full: {ask: nobody, expect: {recordings: 12}}\n")
    card = Catalogue(root, cards.builtin).dataset("toy")
    (root / "data/raw/toy@full").symlink_to(root / "data/raw/toy@sim")
    before = Prepared(prepare(Edition(root, card, edition))).hash
    path = root / "data/raw/toy@sim/shaft2_load0.npy"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b"\x40")
    assert Prepared(prepare(Edition(root, card, edition))).hash != before
    path.write_bytes(whole)
    assert Prepared(prepare(Edition(root, card, edition))).hash == before


def test_what_file_managers_leave_is_no_file_of_a_set(cards: Catalogue, root: Path) -> None:
    folder = provide(Edition(root, cards.dataset("toy"), "sim"))
    before = Prepared(prepare(Edition(root, cards.dataset("toy"), "sim"))).hash
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "._shaft1_load0.npy"):
        (folder / name).write_bytes(b"left")
    assert [name for name, _ in reading.files(folder)] == sorted(p.name for p in folder.glob("shaft*"))
    assert compare(Edition(root, cards.dataset("toy"), "sim")) == []
    (folder / "._shaft1_load0.npy").unlink()  # the toy's reader does not walk by `files`
    assert Prepared(prepare(Edition(root, cards.dataset("toy"), "sim"), again=True)).hash == before


def test_a_users_own_file_is_not_deleted_by_fetching_again(cards: Catalogue, root: Path) -> None:
    folder = provide(Edition(root, cards.dataset("toy"), "sim"))
    (folder / "notes.txt").write_text("m2 was loud")
    with pytest.raises(DataError, match=r"is not replaced: notes\.txt would be gone.*Move them elsewhere first"):
        provide(Edition(root, cards.dataset("toy"), "sim"), again=True)
    assert (folder / "notes.txt").read_text() == "m2 was loud"
    assert not list((root / "data/raw").glob(".*partial"))
    (folder / "notes.txt").unlink()
    provide(Edition(root, cards.dataset("toy"), "sim"), again=True)


def test_what_cannot_be_fetched_is_to_be_mended_by_hand(cards: Catalogue, root: Path) -> None:
    drawn = provide(Edition(root, cards.dataset("toy"), "sim"))
    with (root / "datasets/toy.yaml").open("a") as stream:
        stream.write("  full: {ask: nobody, expect: {recordings: 12}}\n")
    folder = root / "data/raw/toy@full"
    shutil.copytree(drawn, folder)
    (folder / "shaft2_load0.npy").write_bytes(b"not an array")
    with pytest.raises(DataError) as caught:
        prepare(Edition(root, Catalogue(root, cards.builtin).dataset("toy"), "full"))
    assert str(caught.value) == f"toy: shaft2_load0.npy is not an array. Mend or replace it in {folder.resolve()}"


def test_a_changed_reader_prepares_anew(cards: Catalogue, root: Path) -> None:
    first = prepare(Edition(root, cards.dataset("toy"), "sim"))
    before = json.loads((first / "meta.json").read_text())["inputs"]
    with (root / "datasets/toy.py").open("a") as stream:
        stream.write("\n# a remark\n")
    after = json.loads((prepare(Edition(root, cards.dataset("toy"), "sim")) / "meta.json").read_text())["inputs"]
    assert before != after


def test_a_changed_simulator_draws_anew(cards: Catalogue, root: Path) -> None:
    # a new data key over the old samples would be a wrong number under a right name
    before = Prepared(prepare(Edition(root, cards.dataset("toy"), "sim"))).hash
    code = root / "datasets/toy.py"
    code.write_text(code.read_text().replace("0.3 * rng", "0.4 * rng"))
    assert Prepared(prepare(Edition(root, cards.dataset("toy"), "sim"))).hash != before


def test_the_level_of_the_background_is_a_setting_of_the_card(tmp_path: Path) -> None:
    (tmp_path / "datasets").mkdir()
    shutil.copy(REPOSITORY / "datasets/mimii_fan.py", tmp_path / "datasets")
    text = (REPOSITORY / "datasets/mimii_fan.yaml").read_text()
    keys, power = set(), []
    for said in ("recordings: 12}", "recordings: 12, snr: 0}", "recordings: 12, snr: -6}"):
        (tmp_path / "datasets/mimii_fan.yaml").write_text(text.replace("recordings: 84}", said))
        card = Catalogue(tmp_path, REPOSITORY).dataset("mimii_fan")
        keys.add(simulation_key(Edition(tmp_path, card, "sim")))
        provide(Edition(tmp_path, card, "sim"))
        clip = tmp_path / "data/raw/mimii_fan@sim/fan/id_00/normal/00000000.wav"
        power.append(float(np.square(reading.wav(clip, "clip", 16_000, 8).astype(float)).mean()))
    assert len(keys) == 3
    assert power[0] < power[1] < power[2]


def test_data_of_an_older_simulator_are_no_task(ready: Catalogue) -> None:
    """Their cells would carry the key of what draws them now."""
    card, dataset = ready.task("toy"), ready.dataset("toy")
    Task.open(card, Edition(ready.root, dataset, "sim"))
    code = ready.root / "datasets/toy.py"
    code.write_text(code.read_text() + "\nCHANGED = True\n")
    with pytest.raises(Unavailable, match="has changed since it was prepared: faultboard prepare toy@sim"):
        Task.open(card, Edition(ready.root, dataset, "sim"))


def test_recordings_of_an_older_card_are_no_task(ready: Catalogue) -> None:
    """Their cells would stand under the key of what the card states now."""
    (ready.root / "data/prepared/toy@sim").rename(ready.root / "data/prepared/toy@full")
    made = read_meta(ready.root / "data/prepared/toy@full")
    assert made is not None
    card = ready.root / "datasets/toy.yaml"
    stated = f"  full: {{ask: nobody, expect: {{recordings: 12, prepared: {made['hash']}}}}}\n"
    card.write_text(FILES["datasets/toy.yaml"].lstrip() + stated)
    assert len(opened(ready, "full")) == 120
    card.write_text(card.read_text().replace(made["hash"], "0" * 64))
    with pytest.raises(Unavailable, match="has changed since it was prepared: faultboard prepare toy@full"):
        opened(ready, "full")


def opened(cards: Catalogue, edition: str) -> Task:
    """The toy task on an edition that is prepared, by cards that are read anew."""
    cards = Catalogue(cards.root, cards.builtin)
    return Task.open(cards.task("toy"), Edition(cards.root, cards.dataset("toy"), edition))


def test_a_changed_seed_draws_anew(cards: Catalogue, root: Path) -> None:
    before = Prepared(prepare(Edition(root, cards.dataset("toy"), "sim"))).hash
    card = root / "datasets/toy.yaml"
    card.write_text(card.read_text().replace("seed: 0", "seed: 1"))
    assert Prepared(prepare(Edition(root, Catalogue(root, cards.builtin).dataset("toy"), "sim"))).hash != before


def test_a_damaged_file_is_one_line_with_the_remedy_and_leaves_nothing(cards: Catalogue, root: Path) -> None:
    provide(Edition(root, cards.dataset("toy"), "sim"))
    (root / "data/raw/toy@sim/shaft2_load0.npy").write_bytes(b"not an array")
    with pytest.raises(DataError) as caught:
        prepare(Edition(root, cards.dataset("toy"), "sim"))
    assert (
        str(caught.value) == "toy: shaft2_load0.npy is not an array. Fetch it again: faultboard fetch toy@sim --again"
    )
    assert not list((root / "data/prepared").iterdir())


def test_a_damaged_file_leaves_the_old_prepared_data_as_they_were(cards: Catalogue, root: Path) -> None:
    folder = prepare(Edition(root, cards.dataset("toy"), "sim"))
    before = (folder / "meta.json").read_bytes()
    (root / "data/raw/toy@sim/shaft2_load0.npy").write_bytes(b"not an array")
    with pytest.raises(DataError):
        prepare(Edition(root, cards.dataset("toy"), "sim"), again=True)
    assert (folder / "meta.json").read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("wave[:, None].astype(np.float32)", "wave[:0, None].astype(np.float32)", "holds no samples"),
        ("wave[:, None].astype(np.float32)", "(wave * np.nan)[:, None].astype(np.float32)", "NaN"),
        ("wave[:, None].astype(np.float32)", "wave[:, None].astype('f4' if load == 'load0' else 'f8')", "float64"),
        ('"bad" if', '"worse" if', "unknown fault 'worse'"),
        ('"load": load[4:]', '"laod": load[4:]', "the reader gives columns"),
        ('"load": load[4:]', '"load": int(load[4:])', "column 'load' must be text under a name of its own"),
        ('sorted(Path(folder).glob("*.npy"))', "[]", "no recording in"),
        ("yield Recording(path.stem,", "yield Recording('same',", "two recordings are called 'same'"),
        (
            "shaft, load = ",
            "if path.stem.endswith('1'): continue\n        shaft, load = ",
            "6 recordings, the card expects 12",
        ),
        ("shaft, load = ", "1 / 0\n        shaft, load = ", "toy.py failed: ZeroDivisionError"),
    ],
)
def test_what_a_reader_gives_is_checked(cards: Catalogue, root: Path, old: str, new: str, said: str) -> None:
    code = FILES["datasets/toy.py"]
    assert old in code
    (root / "datasets/toy.py").write_text(code.replace(old, new))
    with pytest.raises(DataError, match=said.replace("[", r"\[")) as caught:
        prepare(Edition(root, cards.dataset("toy"), "sim"))
    assert "\n" not in str(caught.value)
    assert not list((root / "data/prepared").iterdir())


def test_other_recordings_than_the_card_expects_are_refused(cards: Catalogue, root: Path) -> None:
    text = FILES["datasets/toy.yaml"].lstrip().replace("recordings: 12,", f"recordings: 12, prepared: {'0' * 64},")
    (root / "datasets/toy.yaml").write_text(text)
    with pytest.raises(DataError, match="not the recordings that the card describes"):
        prepare(Edition(root, Catalogue(root, cards.builtin).dataset("toy"), "sim"))


def test_nothing_prepared_says_what_to_do(root: Path) -> None:
    with pytest.raises(Unavailable, match="faultboard prepare toy@sim"):
        Prepared(Edition.of(Catalogue(root), "toy", "sim").prepared)


# --- archives -----------------------------------------------------------------------------------------


@pytest.fixture
def archived(cards: Catalogue, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Catalogue, Path]:
    """The toy dataset as an archive in a mirror, edition ``cut``."""
    raw = provide(Edition(root, cards.dataset("toy"), "sim"))
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    archive = mirror / "toy.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for path in sorted(raw.iterdir()):
            zipped.write(path, path.name)
    size = sum(p.stat().st_size for p in raw.iterdir())
    edition = (
        f"  cut: {{archive: toy.zip, sha256: {file_hash(archive)}, bytes: {archive.stat().st_size}, "
        f"unpacked: {size}, expect: {{recordings: 12}}}}\n"
    )
    (root / "datasets/toy.yaml").write_text(FILES["datasets/toy.yaml"].lstrip() + edition)
    monkeypatch.setenv("FAULTBOARD_DATA", str(mirror))
    return Catalogue(root, cards.builtin), archive


def test_an_archive_gives_the_same_prepared_data(archived: tuple[Catalogue, Path]) -> None:
    cards, _ = archived
    card = cards.dataset("toy")
    hashes = {Prepared(prepare(Edition(cards.root, card, edition))).hash for edition in ("sim", "cut")}
    assert len(hashes) == 1


def test_a_damaged_archive_is_refused_before_it_is_read(archived: tuple[Catalogue, Path]) -> None:
    cards, archive = archived
    content = bytearray(archive.read_bytes())
    content[100] ^= 1
    archive.write_bytes(content)
    with pytest.raises(DataError, match=r"toy\.zip: damaged, or another file than the card pins"):
        prepare(Edition(cards.root, cards.dataset("toy"), "cut"))
    assert not (cards.root / "data/raw/toy@cut").exists()


def test_a_missing_archive_says_where_it_is_looked_for(archived: tuple[Catalogue, Path]) -> None:
    cards, archive = archived
    archive.unlink()
    with pytest.raises(Unavailable, match="FAULTBOARD_DATA"):
        prepare(Edition(cards.root, cards.dataset("toy"), "cut"))


def test_verify_names_every_file_that_is_not_as_pinned(archived: tuple[Catalogue, Path]) -> None:
    cards, _ = archived
    folder = provide(Edition(cards.root, cards.dataset("toy"), "cut"))
    (folder / "shaft0_load0.npy").unlink()
    (folder / "more.txt").write_text("x")
    (folder / "shaft1_load0.npy").write_bytes(b"short")
    altered = folder / "shaft1_load1.npy"
    altered.write_bytes(altered.read_bytes()[:-1] + b"\x00")
    faults = {f["file"]: f["fault"].split(":")[0] for f in compare(Edition(cards.root, cards.dataset("toy"), "cut"))}
    assert faults == {
        "shaft0_load0.npy": "missing",
        "more.txt": "extra",
        "shaft1_load0.npy": "truncated or altered",
        "shaft1_load1.npy": "altered",
    }


@pytest.mark.parametrize("name", ["../outside.txt", "/outside.txt", "a/../../outside.txt"])
def test_an_archive_that_would_leave_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as zipped:
        zipped.writestr(name, "x")
    (tmp_path / "in").mkdir()
    with pytest.raises(DataError, match="would leave its folder"):
        unpack(tmp_path / "x.zip", tmp_path / "in", 100)
    assert not (tmp_path / "outside.txt").exists()


def test_an_archive_with_a_link_is_refused(tmp_path: Path) -> None:
    member = zipfile.ZipInfo("link")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as zipped:
        zipped.writestr(member, "/etc/passwd")
    (tmp_path / "in").mkdir()
    with pytest.raises(DataError, match="a link or a device"):
        unpack(tmp_path / "x.zip", tmp_path / "in", 100)


def test_an_archive_larger_than_declared_is_refused_unread(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("zeros", b"\0" * 10_000_000)
    (tmp_path / "in").mkdir()
    with pytest.raises(DataError, match="unpacks to 10,000,000 bytes"):
        unpack(tmp_path / "x.zip", tmp_path / "in", 1000)
    assert not list((tmp_path / "in").iterdir())


def test_a_set_of_unknown_size_is_taken_as_it_is(cards: Catalogue, root: Path) -> None:
    text = (root / "datasets/toy.yaml").read_text()
    (root / "datasets/toy.yaml").write_text(
        text.replace("{recordings: 12, by: {fault: {ok: 6, bad: 6}}}", "{recordings: null}")
    )
    seen: list[tuple[int, int | None]] = []
    cards = Catalogue(root, cards.builtin)
    folder = prepare(
        Edition(root, cards.dataset("toy"), "sim"), progress=lambda done, total: seen.append((done, total))
    )
    assert len(Prepared(folder).recordings) == 12
    assert seen[-1] == (12, None)


def test_nothing_to_hold_raw_files_against_is_said(cards: Catalogue, root: Path) -> None:
    text = FILES["datasets/toy.yaml"].lstrip() + "  full: {ask: Ask the author, expect: {recordings: 12}}\n"
    (root / "datasets/toy.yaml").write_text(text)
    toy = Catalogue(root, cards.builtin).dataset("toy")
    full, sim = Edition(root, toy, "full"), Edition(root, toy, "sim")
    with pytest.raises(Unavailable, match=r"toy@sim: no raw files in .*: faultboard fetch toy@sim"):
        compare(sim)
    for folder in (full.raw, sim.raw):
        folder.mkdir(parents=True)
    with pytest.raises(Unavailable, match="toy@full: the card pins neither a list of files nor an archive"):
        compare(full)
    # a folder that was copied here without the note of what was drawn
    with pytest.raises(Unavailable, match=r"nothing says what was drawn into .*: faultboard fetch toy@sim --again"):
        compare(sim)


def test_generated_files_of_the_shared_folder_are_never_drawn_anew(
    cards: Catalogue, root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = provide(Edition(root, cards.dataset("toy"), "sim"))
    shared = tmp_path / "shared" / drawn.name
    shutil.copytree(drawn, shared)
    monkeypatch.setenv("FAULTBOARD_DATA", str(shared.parent))
    edition = Edition(root, cards.dataset("toy"), "sim")
    before = {path: path.stat().st_mtime_ns for path in shared.iterdir()}
    assert provide(edition) == shared
    with pytest.raises(DataError, match="writes nothing there"):
        provide(edition, again=True)
    assert {path: path.stat().st_mtime_ns for path in shared.iterdir()} == before
