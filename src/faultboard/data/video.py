"""Videos: their frames as pictures, and pictures as a video."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from faultboard.errors import DataError

# what players play, and what loses nothing
_CODECS: dict[str, tuple[str, str, dict[str, str]]] = {
    ".mp4": ("libx264", "yuv420p", {"crf": "18"}),
    ".avi": ("ffv1", "bgr0", {}),
}


def read_video(path: Path, name: str) -> NDArray[np.uint8]:
    """Decode every frame of a video.

    Returns
    -------
    (frames, height, width, 3) uint8
        Red, green, blue. Decoders differ in the last bit, so that a video is told by the hash of its file.

    Raises
    ------
    DataError
        The file is no video, is cut short or damaged.
    """
    import av

    try:
        with av.open(path) as container:
            stream = container.streams.video[0]
            # frames side by side come in the same order, and threads are others' to give
            stream.thread_type = "NONE"
            frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(stream)]
            stated = stream.frames
    except Exception as error:
        what = f"{type(error).__name__}: {' '.join(str(error).replace(str(path), name).split())}"
        raise DataError(f"{name} is no whole video ({path.stat().st_size:,} bytes): {what[:200]}") from None
    if not frames or len(frames) < stated:
        raise DataError(f"{name} ends after {len(frames):,} of {stated or 'any':,} frames")
    return np.stack(frames)


def write_video(path: Path, frames: Iterable[NDArray[np.uint8]], rate: int) -> None:
    """Write pictures of one size as a video: H.264 as ``.mp4``, lossless (FFV1) as ``.avi``.

    Parameters
    ----------
    frames : iterable of (height, width, 3) uint8
        An ``.mp4`` needs even sizes.
    rate : int
        Frames a second.

    Raises
    ------
    DataError
        The name ends in something else.
    """
    if path.suffix not in _CODECS:
        raise DataError(f"{path} is no name of a video: say one that ends in {' or '.join(_CODECS)}")
    import av

    codec, form, options = _CODECS[path.suffix]
    with av.open(path, "w") as container:
        stream = container.add_stream(codec, rate=rate, options=options)
        assert isinstance(stream, av.VideoStream)
        # one thread writes the same bytes each time
        stream.thread_count = 1
        stream.pix_fmt = form
        for number, pixels in enumerate(frames):
            if number == 0:
                stream.height, stream.width = pixels.shape[:2]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
