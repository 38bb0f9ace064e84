"""The way of the data: raw files, prepared form, windows.

`edition` says where the files of a dataset lie; `raw` brings them; `prepare` runs the card's reader over them (with
`reading` and `video` for common formats) and writes, through `stream`, what `prepared` maps; `windows` cuts it; `user`
opens files of which no card says anything. What readers need most is exported here.
"""

from faultboard.data.recording import Recording
from faultboard.errors import DataError
from faultboard.files.checksum import file_hash

__all__ = ["DataError", "Recording", "file_hash"]
