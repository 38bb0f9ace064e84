"""Raw files: where they lie, how they come, and what they are held against."""
