"""Copies and near copies: of signals, of pictures, of parts that carry two names."""
