"""Generated raw files: drawing them, and knowing what they were drawn with."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

from faultboard.data.edition import Edition
from faultboard.declare.code import code_hash, code_of, load_function
from faultboard.declare.dataset import DatasetCard
from faultboard.declare.keys import digest
from faultboard.declare.schema import computing
from faultboard.files.checksum import file_hash


def simulation_key(edition: Edition) -> str:
    """Identity of generated data: what they are drawn with, and the code that draws them."""
    source = edition.declared
    assert source.simulate is not None
    return digest({"simulate": computing(source.simulate), "code": simulator_hash(edition.card)})


def simulator_hash(card: DatasetCard) -> str:
    """Hash of the code that generates an edition: the card's own file and the physics that it imports."""
    path, _ = code_of(card.path, "", "simulate")
    seen: dict[Path, str] = {}
    todo = [path]
    while todo:
        file = todo.pop()
        if file not in seen:
            seen[file] = code_hash(file)
            todo += _physics_imported(file)
    return hashlib.sha256("".join(sorted(seen.values())).encode()).hexdigest()


def _physics_imported(path: Path) -> list[Path]:
    room = Path(__file__).parents[2] / "simulation"
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    stems = {name.split(".")[2] for name in names if name.startswith("faultboard.simulation.")}
    return sorted(room / f"{stem}.py" for stem in stems if (room / f"{stem}.py").is_file())


def draw(edition: Edition, folder: Path) -> None:
    """Generate the raw files of an edition into an empty folder."""
    path, name = code_of(edition.card.path, "", "simulate")
    settings = edition.declared.simulate
    assert settings is not None
    more = {} if settings.snr is None else {"snr": settings.snr}
    load_function(path, name)(folder, settings.seed, settings.seconds, settings.recordings, **more)


def write_stamp(edition: Edition) -> None:
    """Note beside a generated folder what it was drawn with, and the hash of each file."""
    folder = edition.raw
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    lines = [simulation_key(edition), *(f"{file_hash(p)}  {p.relative_to(folder).as_posix()}" for p in files)]
    _stamp(folder).write_text("\n".join(lines) + "\n", encoding="utf-8")


def drawn_with(folder: Path) -> str:
    """Key that a generated folder was drawn with; empty if nothing says so."""
    lines = _read_stamp(folder)
    return lines[0] if lines else ""


def drawn_files(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a generated folder, as it was drawn."""
    pairs = (line.split("  ", 1) for line in _read_stamp(folder)[1:])
    return {name: sha256 for sha256, name in pairs}


def _stamp(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.made-by")


def _read_stamp(folder: Path) -> list[str]:
    stamp = _stamp(folder)
    return stamp.read_text(encoding="utf-8").splitlines() if stamp.is_file() else []
