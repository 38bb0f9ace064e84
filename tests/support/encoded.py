"""Whole files of the formats that readers take, as bytes."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image


def mat(samples: int = 121_265, **variables: object) -> bytes:
    from scipy.io import savemat

    stream: Any = io.BytesIO()
    wave = np.random.default_rng(0).standard_normal((samples, 1))
    savemat(stream, {k: wave if v is None else v for k, v in variables.items()}, do_compression=True)
    content: bytes = stream.getvalue()
    return content


def table(rows: int = 20_000, first: str = "0.8906 ;0.9076 ;0.8894", rate: float = 20_000) -> bytes:
    lines = [f"{i / rate:.6g};0.889 ;0.908 ;{0.89 + i % 7 / 1000:.3f} " for i in range(rows)]
    lines[0] += f";{first}"
    return "".join(f"{line}\r\n" for line in lines).encode()


def picture(form: str, mode: str, width: int = 320, height: int = 240) -> bytes:
    stream = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 4), dtype=np.uint8)
    Image.fromarray(pixels, "RGBA").convert(mode).save(stream, form)
    return stream.getvalue()


def wav(
    length: int = 160_000, channels: int = 1, rate: int = 16_000, subtype: str = "PCM_16", form: str = "WAV"
) -> bytes:
    import soundfile

    stream = io.BytesIO()
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, (length, channels))
    soundfile.write(stream, noise, rate, format=form, subtype=subtype)
    return stream.getvalue()


def record(rows: int = 2560, between: str = ",") -> bytes:
    """Rows of PRONOSTIA, whose exponents are written in two ways."""
    lines = [(9, 39, 39, f"{65_664 + 39 * i:.4e}", f"{i % 7 / 8:.3f}", f"{-i % 5 / 8:.3f}") for i in range(rows)]
    lines[-1] = (*lines[-1][:3], "1.6562e+005", *lines[-1][4:])
    return "".join(between.join(map(str, line)) + "\n" for line in lines).encode()


def column(rows: int = 128_000) -> bytes:
    """One number a row, as the copy of Paderborn's data has it."""
    return "".join(f"{i % 11 / 16 - 0.3:.5g}\n" for i in range(rows)).encode()


def telephone(rows: int = 600) -> bytes:
    """Rows of a telephone's accelerometer between their marks, on a clock of 16.777 ms."""
    lines = [f"0.0,9.4,0.1,{i % 7 / 8},{9.8 + i % 5 / 8},-0.2,{i * 10 // 17 * 16.777:.6g}" for i in range(rows)]
    return ";".join(["999" + ",999" * 6, *lines, "111" + ",111" * 6, ""]).encode()


def paderborn(stem: str, channels: dict[str, Any] | None = None) -> bytes:
    """One struct of the file's own name, channels in its field Y."""
    from scipy.io import savemat

    wave = np.random.default_rng(0).standard_normal((1, 256))
    given = {"force": wave[:, :4], "vibration_1": wave} if channels is None else channels
    y = np.zeros((1, len(given)), dtype=[("Name", object), ("Type", object), ("Data", object)])
    for place, (name, data) in enumerate(given.items()):
        y[0, place] = (name, 1.0, data)
    stream = io.BytesIO()
    savemat(stream, {stem: {"Info": {"Name": stem}, "X": wave[:, :4], "Y": y}}, do_compression=True)
    return stream.getvalue()


def counts(rows: int = 12, header: str = "Timestamp,AccX,AccY,AccZ") -> bytes:
    """Rows of SOON-pEMP."""
    lines = [f"{1876 * i + i % 3},{i - 5},{2 * i},16384" for i in range(1, rows + 1)]
    return "\n".join([header, *lines, ""]).encode()
