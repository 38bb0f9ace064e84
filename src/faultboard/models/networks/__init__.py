"""Networks: building them, their heads and their weights."""
