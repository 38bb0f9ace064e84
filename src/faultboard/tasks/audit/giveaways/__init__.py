"""Trivial facts that give the label away, held against chance as the design has it."""
