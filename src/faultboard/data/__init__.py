"""The way of the data: raw files, prepared form, windows."""

from faultboard.data.recording import Recording
from faultboard.errors import DataError

__all__ = ["DataError", "Recording"]
