"""Tasks: protocols, folds, metrics, and the audit that proves what they claim."""
