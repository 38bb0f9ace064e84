"""Versions of what computes numbers: one whole number a part, raised when the part gives other numbers.

This is the one file that says so. A cell's key holds those of the parts that it passes through, so that a raised one
makes stale what it touches and nothing else; the stages of the pipelines name those that they depend on. Every number
is written as one, since DVC reads this file without running it.
"""

from __future__ import annotations

# the prepared form of recordings
PREPARED = 1

# front ends, each by its name
INPUTS = {
    "logmel_ast": 1,
    "logmel_efficientat": 1,
    "logmel_panns": 1,
    "logmel_vggish": 1,
    "logmel_yamnet": 1,
    "mel_coloured": 1,
    "mel_decibels": 1,
    "mel_image": 1,
    "picture": 2,
    "raw": 1,
    "samples": 1,
    "scalogram": 1,
    "stft_image": 1,
}

# the pass of a frozen backbone
FEATURES = 1

# what is fitted on features without a gradient, each by its regime
HEADS = {
    "forest": 2,
    "knn": 1,
    "logreg": 1,
    "probe": 1,
    "svm": 1,
}

# everything that goes down a gradient: a head, parts of a network, all of it
TRAINING = 1

# how protocols draw folds
FOLDS = 1

# what the audit looks for, and the leak number
AUDIT = 5

# scores, and how the windows of one thing are taken together
METRICS = 1


def raised(**parts: int) -> int | dict[str, int]:
    """What a key holds of some parts: 1 while all of them are as they began, else those that are not.

    A part that is added later leaves the keys of what was computed before it as they are.
    """
    return {name: version for name, version in sorted(parts.items()) if version != 1} or 1
