"""What the samples themselves show to the last bit: the same content on both sides, and broken recordings."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.audit.found import Found, declared, some
from faultboard.tasks.folds import Fold
from faultboard.tasks.task import Task

# A channel is clipped where so large a share of its samples lies, side by side, at its limits. With few levels every
# sample is at one of them.
_CLIPPED, _LEVELS = 0.01, 64


def contents(task: Task) -> NDArray[np.int64]:
    """Number the distinct contents of windows: equal numbers are equal samples."""
    seen: dict[bytes, int] = {}
    numbers = np.empty(len(task), dtype=np.int64)
    for begin in range(0, len(task), 256):
        ids = np.arange(begin, min(begin + 256, len(task)))
        for i, window in zip(ids, task.windows.batch(ids), strict=True):
            key = hashlib.blake2b(np.ascontiguousarray(window).tobytes(), digest_size=16).digest()
            numbers[i] = seen.setdefault(key, len(seen))
    return numbers


def identical(task: Task, name: str, folds: list[Fold], content: NDArray[np.int64]) -> list[Found]:
    """Find recordings whose samples stand under another name on the other side of a fold, to the last bit."""
    recording, names = task.windows.recording, task.recordings["id"].to_numpy(dtype=str)
    twins: dict[tuple[str, str], str] = {}
    for fold in folds:
        both = np.intersect1d(content[fold.train], content[fold.test])
        for number in both.tolist():
            train, test = (np.unique(recording[side[content[side] == number]]) for side in (fold.train, fold.test))
            # a recording that repeats itself is no copy of another
            copies = ((names[a], names[b]) for a in train for b in test if a != b)
            if pair := next(copies, None):
                twins.setdefault((min(pair), max(pair)), fold.name)
    findings = []
    for known in (False, True):
        pairs = [pair for pair in twins if declared(task, "identical", name, pair) == known]
        if pairs:
            what = f"{some(f'{a} = {b}' for a, b in pairs)}, in train and test of fold {twins[pairs[0]]}"
            findings.append(Found("identical", name, what, known, "leave one of them out"))
    return findings


def broken(task: Task) -> dict[str, str]:
    """Find recordings with a constant or clipped channel, and what ails each."""
    ailing = {}
    for recording, row in zip(task.recordings["id"], task.windows.rows, strict=True):
        samples = task.prepared.samples(int(row))
        channels = [samples] if task.dataset.is_pictures else list(samples.T)
        dead = [i for i, channel in enumerate(channels) if np.ptp(channel) == 0]
        if len(dead) == len(channels):
            ailing[str(recording)] = "is constant"
        elif dead:
            ailing[str(recording)] = f"has a constant channel ({some(dead)})"
        elif not task.dataset.is_pictures and any(_clipped(channel) for channel in channels):
            ailing[str(recording)] = "is clipped"
    return ailing


def _clipped(channel: NDArray[Any]) -> bool:
    at_limit = (channel == channel.min()) | (channel == channel.max())
    stays = at_limit[1:] & at_limit[:-1] & (channel[1:] == channel[:-1])
    return bool(stays.mean() > _CLIPPED) and len(np.unique(channel)) > _LEVELS


def dead(task: Task, name: str, ailing: dict[str, str]) -> list[Found]:
    """Say which recordings are broken: nothing can be learnt from a channel that was not connected."""
    findings = []
    for what in dict.fromkeys(ailing.values()):
        recordings = [recording for recording, ails in ailing.items() if ails == what]
        known = declared(task, "dead", name, recordings)
        findings.append(Found("dead", name, f"{some(recordings)} {what}", known, "leave it out by 'where'"))
    return findings
