"""What an audit says."""

from __future__ import annotations

from faultboard.tasks.audit import Found, audit
from faultboard.tasks.task import Task


def undeclared(task: Task) -> list[Found]:
    """Findings that no card declares."""
    return [f for f in audit(task) if not f.declared]
