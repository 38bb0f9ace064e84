"""The way of the data: raw files, prepared form, windows."""

from faultboard.data.recording import Recording
from faultboard.errors import DataError
from faultboard.files.checksum import file_hash

__all__ = ["DataError", "Recording", "file_hash"]
