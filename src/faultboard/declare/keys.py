"""One hash for one meaning."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def digest(meaning: Any) -> str:
    """Hash plain data (mappings, lists, text, numbers) regardless of the order of keys.

    Returns
    -------
    str
        The first 32 hexadecimal digits of the SHA-256 of its canonical JSON.
    """
    text = json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
