"""What a person types, and what comes back."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from faultboard.cli import runs
from faultboard.declare.catalogue import Catalogue
from support.command import faultboard, mistake
from support.toy import FILES


def process(*words: str, root: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """The command as a shell starts it."""
    call = [sys.executable, "-m", "faultboard", *words, "--root", str(root)]
    return subprocess.run(call, capture_output=True, text=True, check=False, env=os.environ | env)


def test_every_command_teaches() -> None:
    said = faultboard("--help").stdout
    for command in ("list", "show", "fetch", "verify", "prepare", "audit", "try", "run", "tables", "check", "compare"):
        assert command in said
        assert "Usage" in faultboard(command, "--help").stdout


def test_the_way_from_nothing_to_a_checked_table(root: Path) -> None:
    assert "shafts/toy" in faultboard("list", "tasks", root=root).stdout
    assert "12 recordings" in faultboard("prepare", "toy", root=root).stdout
    audit = faultboard("audit", "toy", root=root)
    assert audit.returncode == 0
    assert "grouped     ok" in audit.stdout
    plan = json.loads(faultboard("run", "toy_suite", "--plan", "--json", root=root).stdout)
    assert (plan["todo"], plan["done"]) == (24, 0)
    done = faultboard("run", "toy_suite", "--threads", "1", root=root)
    assert "24 ok" in done.stdout, done.stdout + done.stderr
    assert "tones.none.logreg" in faultboard("tables", "toy_suite", root=root).stdout
    check = faultboard("check", "toy_suite", "--sample", "3", root=root)
    assert check.returncode == 0, check.stdout
    assert check.stderr.count("the same to the last digit") == 3
    shown = faultboard("show", "toy", "grouped", "tones.none.logreg", "--suite", "toy_suite", root=root).stdout
    assert "again: faultboard run toy_suite --task shafts/toy --protocol grouped" in shown
    shown = faultboard("show", "shafts/toy", root=root).stdout
    assert "# windows a class: bad 60 (6 recordings, 3 shafts), ok 60 (6 recordings, 3 shafts)\n" in shown
    tried = faultboard("try", "toy", "tones.none.logreg", "--edition", "sim", root=root)
    assert "macro_f1" in tried.stdout, tried.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "toy_siute"), "no suite 'toy_siute'. Did you mean 'toy_suite'?"),
        (("run", "toy_suite", "--task", "tyo"), "no task 'tyo'. Did you mean 'shafts/toy'?"),
        (("run", "toy_suite", "--model", "tones.none.logrge"), "Did you mean 'tones.none.logreg'?"),
        (("prepare", "tooy"), "no dataset 'tooy'. Did you mean 'toy'?"),
        (("prepare", "toy@sm"), "toy has no edition 'sm'"),
        (("fetch", "tonse"), "no dataset or backbone 'tonse'. Did you mean 'tones'?"),
        (("list", "modles"), "nothing is called 'modles' that could be listed. Did you mean 'models'?"),
        (("show", "tosy"), "Did you mean"),
        (("tables", "toy_suite"), "faultboard run toy_suite"),
        (("try", "toy", "tones.none.logreg", "--protocol", "groped"), "no protocol 'groped'. Did you mean 'grouped'?"),
        (("try", "toy", "tones.none.logreg", "--fold", "9"), "grouped has no fold '9'"),
        (("verify", "toy"), "faultboard fetch toy@sim"),
        (("run", "toy_suite", "--executor", ""), "no executor ''"),
    ],
)
def test_a_mistake_is_one_line_with_the_remedy(root: Path, words: tuple[str, ...], said: str) -> None:
    assert said in mistake(*words, root=root)


def test_a_wrong_card_stops_with_its_line(root: Path) -> None:
    path = root / "tasks/shafts/toy.yaml"
    path.write_text(FILES["tasks/shafts/toy.yaml"].lstrip() + "title: again\n")
    assert "toy.yaml:11: duplicate key 'title'" in mistake("list", "tasks", root=root)
    assert faultboard("check", root=root).returncode == 3


def test_a_leak_that_is_not_declared_ends_with_three(root: Path) -> None:
    path = root / "tasks/shafts/toy.yaml"
    path.write_text(path.read_text().replace("leaks: [recording, shaft]", "leaks: [recording]"))
    done = faultboard("audit", "toy", root=root)
    assert done.returncode == 3
    assert "LEAK" in done.stdout
    assert "1 finding is not declared" in done.stdout
    found = json.loads(faultboard("audit", "toy", "--json", root=root).stdout)
    assert found["findings"][0]["declared"] is False


def test_json_is_all_that_a_script_reads(ready: Catalogue) -> None:
    """Also where nothing was asked but to run, and where a card is wrong."""
    cells = json.loads(faultboard("run", "toy_suite", "--task", "toy", "--json", root=ready.root).stdout)
    assert {cell["status"] for cell in cells} == {"ok"}
    path = ready.root / "tasks/shafts/toy.yaml"
    path.write_text(path.read_text().replace("split: random", "split: randm"))
    done = faultboard("check", "toy_suite", "--json", root=ready.root)
    assert (done.returncode, json.loads(done.stdout)) == (
        3,
        [f"{path}:7: protocols.published: no split 'randm'. Did you mean 'random'?"],
    )


@pytest.mark.parametrize(
    "command",
    [("check",), ("list", "models"), ("show", "tones"), ("run", "toy_suite"), ("try", "toy", "tones.none.logreg")],
)
def test_a_misspelt_input_has_its_line_in_every_command(root: Path, command: tuple[str, ...]) -> None:
    path = root / "models/tones.yaml"
    path.write_text(path.read_text().replace("vibration: samples", "vibration: sampels"))
    done = faultboard(*command, root=root)
    said = f"{path}:3: input.vibration: no input 'sampels'. Did you mean 'samples'?"
    assert said in done.stdout + done.stderr
    assert done.returncode == (3 if command == ("check",) else 1)


def test_a_training_side_of_one_class_is_one_line(ready: Catalogue) -> None:
    path = ready.root / "tasks/shafts/toy.yaml"
    path.write_text(
        path.read_text()
        .replace("dataset: toy\n", "dataset: toy\nwhere: {shaft: [shaft0, shaft1]}\n")
        .replace("{split: k_fold, by: shaft, folds: 3", "{split: k_fold, by: shaft, folds: 2")
    )
    said = mistake("try", "toy", "tones.none.forest", "--protocol", "grouped", root=ready.root)
    assert re.search(r"shafts/toy@sim grouped, fold 0: the training side holds '(ok|bad)' alone$", said.strip())


def test_a_shell_sees_the_codes(root: Path) -> None:
    """All other tests call `main` in this process; what a shell gets is seen here."""
    assert process("list", "tasks", root=root).returncode == 0
    done = process("list", "modles", root=root)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: nothing is called 'modles' that could be listed. Did you mean 'models'?\n"
    assert process("run", root=root).returncode == 2
    (root / "tasks/shafts/toy.yaml").write_text("title: [")
    assert process("check", root=root).returncode == 3


def test_usage_is_two(root: Path) -> None:
    assert faultboard("run", root=root).returncode == 2
    assert faultboard("run", "toy_suite", "--workers", "0", root=root).returncode == 2


def test_a_pipeline_goes_on_without_data_that_are_not_here(root: Path) -> None:
    text = FILES["datasets/toy.yaml"].lstrip() + '  full: {ask: "Ask the authors", expect: {recordings: 12}}\n'
    (root / "datasets/toy.yaml").write_text(text)
    assert "Ask the authors" in mistake("prepare", "toy@full", root=root)
    assert faultboard("prepare", "toy@full", "--allow-missing", root=root).returncode == 0
    meta = json.loads((root / "data/prepared/toy@full/meta.json").read_text())
    assert "Ask the authors" in meta["unavailable"]


def test_listing_loads_nothing_heavy(root: Path) -> None:
    code = (
        "import sys, faultboard.cli\n"
        "heavy = {'torch', 'numpy', 'pandas', 'sklearn', 'scipy', 'pyarrow', 'timm'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_unknown_device_is_said(ready: Catalogue) -> None:
    assert "no CUDA device is here" in mistake(
        "run", "toy_suite", "--device", "cuda", root=ready.root, CUDA_VISIBLE_DEVICES=""
    )


def test_a_log_says_how_far_a_run_is(
    ready: Catalogue, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(runs, "_SAY_EVERY", -1.0)
    runs.run("toy_suite", threads=1, root=ready.root)
    assert "\n1 of 24 cells\n2 of 24 cells\n" in capsys.readouterr().out


def broken(folder: Path, body: str) -> str:
    """A folder to put on the path, with a library in it that ends its own import."""
    package = folder / "site" / "threadpoolctl"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("from threadpoolctl import _compiled\n")
    (package / "_compiled.py").write_text(body + "\n")
    return os.pathsep.join([str(package.parent), *filter(None, [os.environ.get("PYTHONPATH")])])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise OSError('libpool.so: undefined symbol: spin')", "(libpool.so: undefined symbol: spin)"),
        ("import ctypes; ctypes.CDLL('libnowhere.so.7')", "libnowhere.so.7"),
        ("raise RuntimeError('operator pool::spin does not exist')", "(operator pool::spin does not exist)"),
        ("from os import spin", "(cannot import name 'spin' from 'os'"),
    ],
)
def test_a_library_that_does_not_load_is_named_with_the_remedy(
    ready: Catalogue, tmp_path: Path, body: str, said: str
) -> None:
    done = process("try", "toy", "tones.none.logreg", root=ready.root, PYTHONPATH=broken(tmp_path, body))
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert line.startswith("error: threadpoolctl cannot be loaded (")
    assert said in line
    assert "pip install --force-reinstall threadpoolctl" in line


def test_a_library_that_is_not_there_is_named(ready: Catalogue, tmp_path: Path) -> None:
    path = broken(tmp_path, "import a_library_of_nobody")
    done = process("try", "toy", "tones.none.logreg", root=ready.root, PYTHONPATH=path)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1
    assert "a_library_of_nobody is not installed" in line


def test_a_bug_of_the_engine_keeps_its_traceback(ready: Catalogue) -> None:
    code = "from faultboard import cli; cli.runs.catalogue = lambda root: 1 / 0; cli.main()"
    words = ["try", "toy", "tones.none.logreg", "--root", str(ready.root)]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr.splitlines()[-1]


def test_a_run_with_failed_cells_ends_with_three_and_writes_the_others(ready: Catalogue, tmp_path: Path) -> None:
    (ready.root / "models/broken.yaml").write_text((ready.root / "models/tones.yaml").read_text())
    (ready.root / "models/broken.py").write_text('"""Broken."""\ndef tones(batch, rate):\n    raise ValueError("no")\n')
    broken_card = (ready.root / "models/broken.yaml").read_text().replace("tones.py", "broken.py")
    (ready.root / "models/broken.yaml").write_text(broken_card)
    suite = ready.root / "benchmarks/toy_suite.yaml"
    suite.write_text(suite.read_text().replace('["tones.*"]', '["tones.*", "broken.none.logreg"]'))
    done = faultboard("run", "toy_suite", "--threads", "1", root=ready.root)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "24 ok, 8 failed" in done.stdout
    assert "ValueError: no" in done.stdout
    assert "tones.none.logreg" in faultboard("tables", "toy_suite", root=ready.root).stdout
    # what failed is tried again, what is done is not
    again = faultboard("run", "toy_suite", "--threads", "1", root=ready.root)
    assert (again.returncode, "8 failed" in again.stdout) == (3, True)


def test_a_run_that_an_audit_stops_ends_with_three(ready: Catalogue) -> None:
    path = ready.root / "tasks/shafts/toy.yaml"
    path.write_text(path.read_text().replace("leaks: [recording, shaft]", "leaks: [recording]"))
    done = faultboard("run", "toy_suite", "--threads", "1", root=ready.root)
    assert done.returncode == 3, done.stdout + done.stderr


def test_what_is_not_here_fails_no_run(root: Path) -> None:
    """The stage of a pipeline must not break in a clone without data."""
    done = faultboard("run", "toy_suite", "--threads", "1", root=root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "unavailable" in done.stdout


def test_the_version_is_a_line_and_loads_no_torch() -> None:
    done = faultboard("--version")
    assert re.fullmatch(r"faultboard \d+\.\d+\.\d+\S*, python 3\.\d+\.\d+\S*, torch \d+\.\d+\S*\n", done.stdout)
    code = (
        "import sys; from faultboard import cli; sys.argv = ['faultboard', '--version']\n"
        "try: cli.main()\nexcept SystemExit: print('torch' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1] == "False"
