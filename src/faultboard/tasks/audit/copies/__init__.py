"""Copies and near copies: of signals, of pictures, of parts that carry two names.

`findings` asks for pairs that stand on two sides of a split and says what they are. Pairs (`pair`) come from
`same_signal`, which takes candidates from `signal_hash` and `signal_correlation`, and from `same_surface` for pictures.
"""
