from pathlib import Path

import pytest

from faultboard.declare.text import line_of, read_yaml
from faultboard.errors import CardError


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("007", "007"),
        ("014", "014"),
        ("0x1f", "0x1f"),
        ("12:30", "12:30"),
        ("no", "no"),
        ("on", "on"),
        ("5e-4", 5e-4),
        ("1.5e3", 1500.0),
        ("-3", -3),
        ("0", 0),
        ("0.5", 0.5),
        ("true", True),
        ("~", None),
        ("", None),
        ("2021-11-03", "2021-11-03"),
        ("1_000", "1_000"),
    ],
)
def test_a_scalar_means_what_yaml_1_2_says(tmp_path: Path, written: str, meant: object) -> None:
    # each of these was another number in silence under YAML 1.1
    path = tmp_path / "x.yaml"
    path.write_text(f"value: {written}\n")
    found = read_yaml(path)["value"]
    assert found == meant
    assert type(found) is type(meant)


def test_a_duplicate_key_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\nb: 2\na: 3\n")
    with pytest.raises(CardError, match=r"x\.yaml:3: duplicate key 'a'"):
        read_yaml(path)


@pytest.mark.parametrize("text", ["a: [1, 2", "- 1\n- 2\n", "just text", "a: \t- b: {"])
def test_what_is_no_card_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)
    with pytest.raises(CardError) as caught:
        read_yaml(path)
    assert "\n" not in str(caught.value)
    assert "x.yaml" in str(caught.value)


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: \xff\xfe")
    with pytest.raises(CardError, match="UTF-8"):
        read_yaml(path)


def test_a_place_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\nb:\n  c:\n    - d: 1\n    - d: 2\n")
    assert line_of(path, ("b", "c", 1, "d")) == 5
    assert line_of(path, ("b", "nothing")) == 2
