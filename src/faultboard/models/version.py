"""The version of everything that computes numbers."""

# Raised when training, heads or front ends of the engine give other numbers for the same card.
# It is part of every cell's key, so that raising it computes every cell anew.
ENGINE_VERSION = 1
