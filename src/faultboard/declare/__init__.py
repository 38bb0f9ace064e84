"""Cards: what they may say, where they are found, how they are named and hashed."""
