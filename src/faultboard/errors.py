"""What can go wrong in a way that its user can mend.

Every error of this module prints as one line that names the file, the fault and the remedy; the
command line turns it into exit code 1 without a traceback. Anything else is a bug of the engine.
"""

from __future__ import annotations


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
