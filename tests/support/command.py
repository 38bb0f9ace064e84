"""The command in this process: a new one would take seconds to import for each of its calls."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pytest

from faultboard.cli import main


@dataclass(frozen=True)
class Done:
    """What a finished process says, by the names that `subprocess` has for it."""

    returncode: int
    stdout: str
    stderr: str


def faultboard(*words: object, root: Path | None = None, stdin: TextIO | None = None, **env: str) -> Done:
    """Run ``faultboard`` by its own ``main``, in which mistakes become a line and an exit code; nobody answers it."""
    at = ["--root", str(root)] if root else []
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    code: object = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["faultboard", *map(str, words), *at])
        patch.setattr(sys, "stdin", stdin or io.StringIO())
        # what `main` would leave in the environment of the tests that follow
        for name, value in {"COLUMNS": "200", "OMP_WAIT_POLICY": "PASSIVE", **env}.items():
            patch.setenv(name, value)
        try:
            main()
        except SystemExit as end:
            code = end.code
    said = (stream.buffer.getvalue().decode() for stream in (out, err))
    return Done(int(str(code or 0)), *said)


def mistake(*words: object, root: Path | None = None, **env: str) -> str:
    """The one line of a user's mistake; anything else fails."""
    done = faultboard(*words, root=root, **env)
    assert done.returncode == 1, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: ")
    return lines[0]
