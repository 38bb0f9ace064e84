"""From some values of a column to others: one condition, rig or machine to the next."""

from __future__ import annotations

from faultboard.tasks.splits import Split
from faultboard.tasks.splits.list import named_sides, words

transfer = Split(words, named_sides, needs=frozenset({"by", "train", "test_on"}))
