"""What an audit cannot see, said wherever it says anything: no finding is not a proof."""

from __future__ import annotations

# In a few words, and why.
CANNOT_SEE = {
    "a part seen anew": "The same part from another view or mounted again, and the same machine in another state, look "
    "like another one. Only a group column can say that they are the same.",
    "fault or mounting": "Where each unit, day or sequence holds one class, whether a model reads the fault or the "
    "mounting cannot be told by any split. Record sound and faulty states of one unit.",
    "copy or neighbour": "Before a fixed camera, a copy that was altered and the next picture differ as little as each "
    "other. Only equal pixels, turned and mirrored pictures count as copies there.",
    "cuts with a gap": "Windows cut from one recording with a gap between them, without names that say so, are taken "
    "for recordings of their own.",
    "one machine, two names": "Signals of one machine under two names are found only where they are copies or overlap; "
    "pictures of one part only from one view.",
    "copies changed beyond knowing": "In short recordings (below 8,192 samples) or among more than a thousand, a copy "
    "with noise 20 dB below it may be missed; so may one played half a per cent faster, a surface without points to "
    "match, a picture under noise. Reversed copies, mp3, single channels and other colour maps were not tried.",
    "what few units hide": "With few units no statistics can part a giveaway from chance: three of each of two classes "
    "allow no p below 0.10. What is not found there is not ruled out.",
}
