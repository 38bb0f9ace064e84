"""faultboard: transfer learning for industrial fault diagnosis, measured honestly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["evaluate", "load_task", "results"]

if TYPE_CHECKING:
    from faultboard.api import evaluate, load_task, results


def __getattr__(name: str) -> Any:
    """Load the interface when it is used: the command line needs none of it."""
    if name in __all__:
        from faultboard import api

        return getattr(api, name)
    raise AttributeError(f"module 'faultboard' has no attribute '{name}'")
