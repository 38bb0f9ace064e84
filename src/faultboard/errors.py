"""What can go wrong in a way that its user can mend.

Every error of this module prints as one line that names the file, the fault and the remedy; the
command line turns it into exit code 1 without a traceback. Anything else is a bug of the engine.
"""

from __future__ import annotations

from importlib.metadata import packages_distributions
from traceback import walk_tb


class FaultboardError(Exception):
    """A mistake that the user can mend."""


class CardError(FaultboardError):
    """A declaration that cannot be used: unknown key, wrong type, unknown name."""


class DataError(FaultboardError):
    """Raw files or prepared data that are damaged or not what the card says."""


class ProtocolError(FaultboardError):
    """A protocol that these recordings cannot carry: a column is absent, or one group is all there is."""


class Unavailable(FaultboardError):
    """Data or weights that are not on this machine; the message says how to get them."""


class OverLimit(FaultboardError):
    """A cell that would take longer than its suite allows."""


def broken_library(error: BaseException) -> str:
    """What to say of an exception that a library raised while it was imported; empty for any other exception.

    A compiled library that does not fit what stands beside it raises whatever it likes: ImportError, OSError without
    a number, RuntimeError. What tells them is where: in the body of a module that is neither ours nor a card's.
    """
    library = (error.name or "").partition(".")[0] if isinstance(error, ImportError) else ""
    outside = ""
    for frame, _ in walk_tb(error.__traceback__):
        top = str(frame.f_globals.get("__name__", "")).partition(".")[0]
        if top == "faultboard" or top.startswith("_faultboard_"):
            outside = ""
        elif frame.f_code.co_name == "<module>" and top != "__main__":
            outside = top
    # the innermost: timm is whole where torchvision, which it imports, is not
    library = outside or library
    if not library or library == "faultboard" or not (outside or isinstance(error, ImportError)):
        return ""
    if isinstance(error, ModuleNotFoundError):
        missing = (error.name or library).partition(".")[0]
        return f"{missing} is not installed: install faultboard again with what it needs, in a checkout by make setup"
    name = packages_distributions().get(library, [library])[0]
    said = (str(error).splitlines() or [""])[0].strip() or type(error).__name__
    return (
        f"{name} cannot be loaded ({said}): its build does not fit what is installed beside it; install it "
        f"again (python -m pip install --force-reinstall {name}), or in a checkout all that is locked (make setup)"
    )
