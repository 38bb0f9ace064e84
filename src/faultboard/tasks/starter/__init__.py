"""Cards to start from, written for a folder of a user's recordings."""
