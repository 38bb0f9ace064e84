"""Raw files: where they lie, how they come, and what they are held against.

`folder` fills a raw folder without the network (from an `archive`, or `simulated`), `fetch` over it, by the list that
`public_files` reads. `verify` holds what is there against list, archive or what was `unpacked`; `state` says whether a
file was touched since it was prepared.
"""
