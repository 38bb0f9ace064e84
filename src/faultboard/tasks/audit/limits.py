"""What an audit cannot see, said wherever it says anything: no finding is not a proof."""

from __future__ import annotations

# In a few words, and why.
CANNOT_SEE = {
    "a part seen anew": "The same part from another view or mounted again, and the same machine in another state, look "
    "like another one. Only a group column can say that they are the same.",
    "fault or mounting": "Where each unit, day or sequence holds one class, whether a model reads the fault or the "
    "mounting cannot be told by any split. Record sound and faulty states of one unit.",
    "copy or neighbour": "Before a fixed camera, a copy that was altered and the next picture differ as little as each "
    "other. Only equal pixels count as a copy there.",
    "cuts with a gap": "Windows cut from one recording with a gap between them, without names that say so, are not "
    "joined where the spectrum is common.",
    "copies in heavy noise": "A copy with noise as loud as a third of its signal, or played at another speed, may be "
    "missed. Reversed copies, mp3, single channels, other colour maps and windows below 1,024 samples were not tried.",
    "what few units hide": "With few units no statistics can part a giveaway from chance: three of each of two classes "
    "allow no p below 0.10. What is not found there is not ruled out.",
}
