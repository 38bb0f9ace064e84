"""Cards to start from, written for a folder of a user's recordings.

`folder` is the way in: `starter` looks at a folder and writes its cards, `bound` gives their task on it. `layout` says
which folders are classes and which are sides of a split; `cards` writes dataset card, reader and task card.
"""
