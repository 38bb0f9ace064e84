"""A document in Markdown, as GitHub shows it."""

from __future__ import annotations

from tabulate import tabulate

from faultboard.report.document import Bullets, Document, Grid, Lines, Notice, Part


def markdown(document: Document) -> str:
    """Text of a document."""
    blocks = []
    for section in document:
        blocks += [f"{'#' * section.depth} {section.title}", *map(_block, section.parts)]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _block(part: Part) -> str:
    match part:
        case Grid(header, lines):
            return str(tabulate(lines, header, tablefmt="github", disable_numparse=True))
        case Bullets(points):
            return "\n".join(f"- {point}" for point in points)
        case Lines(lines):
            return "  \n".join(lines)
        case Notice(text):
            return f"> {text}"
        case _:
            return part
