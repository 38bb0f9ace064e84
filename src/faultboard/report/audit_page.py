"""The audit of a task as a page of its own: findings with evidence and remedy, leak numbers, what cannot be seen."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from faultboard.errors import ProtocolError
from faultboard.tasks.audit import Found, notes
from faultboard.tasks.audit.limits import CANNOT_SEE
from faultboard.tasks.leak import neighbour_share
from faultboard.tasks.task import Task

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
table { border-collapse: collapse; width: 100%; margin: 1rem 0 }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid #ccc }
td { overflow-wrap: anywhere }
.leak { color: #b00020; font-weight: 600 }
"""


def audit_page(task: Task, findings: list[Found]) -> str:
    """Write the page.

    Parameters
    ----------
    findings : list of Found
        What the audit of the task gave.

    Returns
    -------
    str
        HTML that needs no other file. Whatever came from names of files is escaped.
    """
    undeclared = sum(not f.declared for f in findings)
    told = f"{undeclared} not declared in the task's card" if undeclared else "each of them declared in the task's card"
    rows = [
        (f.protocol, "declared" if f.declared else "LEAK", f.kind.replace("_", " "), f.what, f.remedy) for f in findings
    ]
    at = f"{task.card.id}@{task.edition}"
    parts = [
        f"<h1>Audit of {escape(at)}</h1>",
        f"<p>{escape(task.card.title)}. {len(task):,} windows of {len(task.recordings):,} recordings.</p>",
        "<h2>Findings</h2>",
        f"<p>{len(findings)}, {told}.</p>" if findings else "<p>None.</p>",
        _table(["protocol", "", "kind", "evidence", "what to do"], rows) if findings else "",
        "<h2>Protocols</h2>",
        "<p>The leak number is the share of test windows whose nearest training window, by a fingerprint that no model "
        "has learnt, is of the same unit. It warns; it does not say how much of a score the leak is worth.</p>",
        _table(["protocol", "folds", "separates", "leak number", "chance"], _protocols(task)),
        "<h2>What this audit cannot see</h2>",
        "<ul>",
        *(f"<li><b>{escape(short.capitalize())}.</b> {escape(why)}</li>" for short, why in CANNOT_SEE.items()),
        *(f"<li>{escape(note[0].upper() + note[1:])}.</li>" for note in notes(task)),
        "</ul>",
    ]
    head = f'<meta charset="utf-8"><title>Audit of {escape(at)}</title><style>{_STYLE}</style>'
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n' + "\n".join(parts) + "\n</body></html>\n"


def _protocols(task: Task) -> Iterable[tuple[str, ...]]:
    for name, protocol in task.card.protocols.items():
        try:
            folds = task.folds(name)
        except ProtocolError as error:
            yield name, f"cannot be carried: {error}", "", "", ""
            continue
        share = neighbour_share(task, folds)
        numbers = (f"{share[0]:.2f}", f"{share[1]:.2f}") if share else ("no unit", "")
        yield name, str(len(folds)), ", ".join(protocol.separates) or "nothing", *numbers


def _table(header: list[str], rows: Iterable[tuple[str, ...]]) -> str:
    lines = ["<tr>" + "".join(f"<th>{escape(h)}</th>" for h in header) + "</tr>"]
    for row in rows:
        cells = (f'<td class="leak">{c}</td>' if c == "LEAK" else f"<td>{escape(c)}</td>" for c in row)
        lines.append("<tr>" + "".join(cells) + "</tr>")
    return "<table>\n" + "\n".join(lines) + "\n</table>"
