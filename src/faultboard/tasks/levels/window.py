"""Each window alone."""

from __future__ import annotations

from faultboard.tasks.levels import Level

window = Level("Each window", None)
