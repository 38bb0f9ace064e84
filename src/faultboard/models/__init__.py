"""Models: front ends, networks and their weights, features, heads, training."""
