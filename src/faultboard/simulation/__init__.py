"""The physics that generated editions share. Nothing here is tuned towards any model."""
