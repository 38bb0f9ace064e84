"""The ``faultboard`` command: it parses, calls and prints."""

from __future__ import annotations

import os
import sys

import typer
from rich.console import Console

from faultboard.cli import auditing, cards, data, drawing, embedding, exchange, runs, tables
from faultboard.errors import FaultboardError

app = typer.Typer(
    name="faultboard",
    help="Which pretrained backbone finds faults in machines, and how much of its accuracy survives on a machine "
    "that it has never met.\n\nStart with 'faultboard list tasks', then 'faultboard run sample --plan'.\n\n"
    "Exit codes: 0 fine, 1 your mistake (one line says which), 2 usage, 3 findings or differences.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
for group in (cards, data, auditing, exchange, embedding, runs, tables, drawing):
    group.register(app)


def main() -> None:
    """Run the command; a user's mistake is one line and exit code 1."""
    # threads that wait by spinning stall each other where cores are shared: measured up to 20 times slower
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        app()
    except FaultboardError as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"error: {error}", markup=False)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)
    except OSError as error:
        where = error.filename or "the system"
        Console(stderr=True, soft_wrap=True, highlight=False).print(f"error: {where}: {error.strerror}", markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        Console(stderr=True).print("stopped; what was done is kept")
        sys.exit(130)
