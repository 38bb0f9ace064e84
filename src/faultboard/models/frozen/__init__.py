"""Frozen backbones: features, their cache, and what is fitted on them."""
