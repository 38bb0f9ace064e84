"""The ``faultboard`` command: it parses, calls and prints."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer
from rich.console import Console

from faultboard import __version__
from faultboard.cli import auditing, cards, comparing, data, drawing, embedding, exchange, runs, tables
from faultboard.errors import FaultboardError, broken_library

app = typer.Typer(
    name="faultboard",
    help="Which pretrained backbone finds faults in machines, and how much of its accuracy survives on a machine "
    "that it has never met.\n\nStart with 'faultboard list tasks', then 'faultboard run sample --plan'.\n\n"
    "Exit codes: 0 fine, 1 your mistake (one line says which), 2 usage, 3 findings, differences or failed cells.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for group in (cards, data, auditing, exchange, embedding, runs, tables, comparing, drawing):
    group.register(app)


def _say_version(wanted: bool) -> None:
    """Print versions and end: torch's is read from its metadata, since importing it takes seconds."""
    if not wanted:
        return
    try:
        torch = f"torch {version('torch')}"
    except PackageNotFoundError:
        torch = "no torch"
    typer.echo(f"faultboard {__version__}, python {platform.python_version()}, {torch}")
    raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Print versions and end."),
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command; a user's mistake is one line and exit code 1."""
    # threads that wait by spinning stall each other where cores are shared: measured up to 20 times slower
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        app()
    except BrokenPipeError:
        sys.exit(0)
    except KeyboardInterrupt:
        Console(stderr=True).print("stopped; what was done is kept")
        sys.exit(130)
    except Exception as error:
        line = _line(error)
        if not line:
            raise
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"error: {line}", markup=False)
        sys.exit(1)


def _line(error: Exception) -> str:
    """What a user is told instead of a traceback; empty where the engine is to blame."""
    if isinstance(error, FaultboardError):
        return str(error)
    library = broken_library(error)
    if library or not isinstance(error, OSError):
        return library
    # without a number the system has said nothing: whoever raised it has
    return f"{error.filename or 'the system'}: {error.strerror}" if error.strerror else str(error)
