"""Trivial facts that give the label away, held against chance as the design of the recordings has it.

`findings` asks all of them and says what was found; `formats` reads the form of the files, `trivial_facts` measures
windows. `relabelling` says which labels could have fallen otherwise, `significance` how often chance does as well as a
fact, `pooled_recall` what a fact alone is worth under a split.
"""
