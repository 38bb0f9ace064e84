"""Pictures that show one surface: copies, resized, brightened or mirrored, and other exposures of one part.

An **ORB point** is a corner that can be recognised in another picture, by a descriptor of 256 bits [1]_. Two pictures
show one surface where many of their points have descriptors alike and all lie so that one shift, turn and scaling takes
those of one picture to those of the other: the **inliers**. On magnetic tiles different ones reached 7 inliers,
exposures of one tile hundreds.

Since it takes long to match two pictures, only candidates are matched: the nearest pictures by a thumbnail of local
contrast (upright, turned and mirrored), and those that share the rarest **words**. A word is a choice of 20 bits of a
descriptor, the same choice for all pictures, so that equal words are found by sorting.

Before a fixed camera every picture matches every other. There only turned and mirrored copies can be told, and equal
pixels, which the audit looks for elsewhere (`content`).

References
----------
.. [1] Rublee et al., "ORB: an efficient alternative to SIFT or SURF", ICCV 2011.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from faultboard.tasks.audit.copies.pair import Pair
from faultboard.tasks.leak import thumbnail
from faultboard.tasks.task import Task

# Pixels of the longer side at which points are looked for, and how many.
_SIDE, _POINTS = 384, 500
# From so many inliers two pictures show one surface.
_INLIERS = 15
# A still camera's picture matches its own mirror image by some points where the scene is symmetric.
_ONE_SCENE_INLIERS = 60
# Nearest pictures that are looked at, by thumbnail and by words.
_NEAREST = 10
# Words of each descriptor, and bits of a word.
_TABLES, _WORD_BITS = 8, 20
# Random pairs of different units and classes tell whether all pictures show one scene; the share that says so. Within a
# class they may match because one part has two names.
_TRIALS, _ONE_SCENE = 200, 0.05
# A picture that is turned by less, in rad, counts as upright.
_UPRIGHT = np.deg2rad(20)
# Pictures whose likeness to all others is in memory at a time.
_BLOCK = 1024


@dataclass(frozen=True)
class _Points:
    """ORB points of a picture: coordinates (n, 2) and descriptors (n, 32)."""

    at: NDArray[np.float32]
    words: NDArray[np.uint8]


@dataclass(frozen=True)
class _Match:
    """Points that match under one similarity transform, and whether it turns the picture."""

    inliers: int
    turned: bool


# Two pictures to look at closely, and whether the second is to be mirrored.
_Candidate = tuple[int, int, bool]


def same_surfaces(task: Task, units: NDArray[np.str_]) -> tuple[list[Pair], bool]:
    """Find pairs of pictures of different units that show one surface.

    Parameters
    ----------
    units : (n_recordings,) str
        Pictures of one unit are not compared: that they are alike is what the column says.

    Returns
    -------
    pairs : list of Pair
    one_scene : bool
        Whether random pairs match too, so that only turned and mirrored ones are given.
    """
    pictures = [_grey(task, position) for position in range(len(task.recordings))]
    upright = [_points(picture) for picture in pictures]
    mirrored = [_points(picture[:, ::-1]) for picture in pictures]
    one_scene = _match_at_random(upright, units, task.recordings[task.card.label].to_numpy(dtype=str))
    best: dict[tuple[int, int], Pair] = {}
    for one, other, mirror in sorted(_by_thumbnail(pictures, units) | _by_words(upright, mirrored, units)):
        match = _matched(upright[one], (mirrored if mirror else upright)[other])
        if one_scene and not ((mirror or match.turned) and match.inliers >= _ONE_SCENE_INLIERS):
            continue
        if match.inliers >= _INLIERS and ((one, other) not in best or best[one, other].strength < match.inliers):
            how = ", mirrored" if mirror else ", turned" if match.turned else ""
            what = f"{match.inliers} points match under one shift{how}; different surfaces reach 7"
            best[one, other] = Pair(one, other, what, match.inliers)
    return sorted(best.values(), key=lambda pair: -pair.strength), one_scene


def _grey(task: Task, position: int) -> NDArray[np.uint8]:
    """Grey (height, width) picture of a recording, of a video its middle frame."""
    pixels = task.prepared.samples(int(task.windows.rows[position]))
    if pixels.ndim == 4:
        pixels = pixels[len(pixels) // 2]
    return np.asarray(pixels[..., :3].mean(-1), dtype=np.uint8)


def _points(picture: NDArray[np.uint8]) -> _Points:
    """Points of a grey (height, width) picture, its light evened out; none where nothing stands out."""
    import cv2

    scale = _SIDE / max(picture.shape)
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    small = np.asarray(cv2.resize(np.ascontiguousarray(picture), size, interpolation=how), dtype=np.uint8)
    even = cv2.createCLAHE(2.0, (8, 8)).apply(small)
    points, words = cv2.ORB.create(nfeatures=_POINTS).detectAndCompute(even, None)
    if words is None:
        return _Points(np.empty((0, 2), dtype=np.float32), np.empty((0, 32), dtype=np.uint8))
    return _Points(np.array([p.pt for p in points], dtype=np.float32), np.asarray(words, dtype=np.uint8))


def _match_at_random(points: list[_Points], units: NDArray[np.str_], labels: NDArray[np.str_]) -> bool:
    """Whether pictures of different units and classes match more often than chance: all show one scene."""
    rng = np.random.default_rng(0)
    pairs = rng.integers(0, len(points), (20 * _TRIALS, 2))
    one, other = pairs.T
    apart = (units[one] != units[other]) & (labels[one] != labels[other])
    alike = [_matched(points[a], points[b]).inliers >= _INLIERS for a, b in pairs[apart][:_TRIALS]]
    return bool(alike) and float(np.mean(alike)) > _ONE_SCENE


def _matched(one: _Points, other: _Points) -> _Match:
    """Match two pictures: descriptors clearly nearer than the next best, then one transform for all (RANSAC)."""
    import cv2

    nothing = _Match(0, False)
    if min(len(one.words), len(other.words)) < _INLIERS:
        return nothing
    nearest = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(one.words, other.words, k=2)
    close = [first for first, second in nearest if first.distance < 0.8 * second.distance]
    if len(close) < _INLIERS:
        return nothing
    source, target = one.at[[m.queryIdx for m in close]], other.at[[m.trainIdx for m in close]]
    cv2.setRNGSeed(0)
    transform, inside = cv2.estimateAffinePartial2D(source, target, method=cv2.RANSAC, ransacReprojThreshold=3)
    if transform is None or not 0.3 < np.hypot(*transform[:, 0]) < 3:
        return nothing
    # several points at one place are one point
    places = np.unique(np.round(source[inside[:, 0] > 0]), axis=0)
    return _Match(len(places), bool(abs(np.arctan2(transform[1, 0], transform[0, 0])) > _UPRIGHT))


def _by_thumbnail(pictures: list[NDArray[np.uint8]], units: NDArray[np.str_]) -> set[_Candidate]:
    """Pairs of the nearest pictures of other units, over the turns of one of them and of its mirror image."""
    prints = np.stack([thumbnail(picture[..., None]) for picture in pictures]).astype(np.float32)
    side = int(np.sqrt(prints.shape[1]))
    square = prints.reshape(-1, side, side)
    candidates: set[_Candidate] = set()
    for mirror in (False, True):
        flat = square[..., ::-1] if mirror else square
        turned = [np.rot90(flat, turns, (1, 2)).reshape(len(prints), -1).T for turns in range(4)]
        for first in range(0, len(prints), _BLOCK):
            block = slice(first, first + _BLOCK)
            likeness = np.max([prints[block] @ changed for changed in turned], axis=0)
            candidates |= _nearest(likeness, first, units, mirror)
    return candidates


def _by_words(upright: list[_Points], mirrored: list[_Points], units: NDArray[np.str_]) -> set[_Candidate]:
    """Pairs that share the rarest words: some bits of their descriptors, the same ones for all."""
    rng = np.random.default_rng(0)
    tables = [rng.choice(256, _WORD_BITS, replace=False) for _ in range(_TABLES)]
    words = [_words(points, tables) for points in upright]
    known = np.unique(np.concatenate(words))
    if not len(known):
        return set()
    own = _counted(words, known)
    rarity = np.log(len(words) / np.maximum(np.asarray((own > 0).sum(0)).ravel(), 1))
    weighted = own.multiply(rarity**2).tocsr()
    candidates: set[_Candidate] = set()
    for mirror in (False, True):
        others = _counted([_words(points, tables) for points in mirrored], known) if mirror else own
        for first in range(0, len(words), _BLOCK):
            likeness = np.asarray((weighted[first : first + _BLOCK] @ others.T).todense(), dtype=np.float32)
            candidates |= _nearest(likeness, first, units, mirror)
    return candidates


def _words(points: _Points, tables: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Words of a picture as numbers, those of different tables never equal."""
    bits = np.unpackbits(points.words, axis=1)
    weights = 1 << np.arange(_WORD_BITS, dtype=np.int64)
    return np.concatenate([bits[:, table] @ weights + (number << 32) for number, table in enumerate(tables)])


def _counted(words: list[NDArray[np.int64]], known: NDArray[np.int64]) -> Any:
    """How often each known word stands in each picture, (n_pictures, n_known) sparse."""
    from scipy.sparse import csr_matrix

    of, flat = np.repeat(np.arange(len(words)), [len(w) for w in words]), np.concatenate(words)
    at = np.minimum(np.searchsorted(known, flat), len(known) - 1)
    held = known[at] == flat
    return csr_matrix((np.ones(held.sum()), (of[held], at[held])), (len(words), len(known)))


def _nearest(likeness: NDArray[np.float32], first: int, units: NDArray[np.str_], mirror: bool) -> set[_Candidate]:
    """Nearest pictures of other units, of those that begin at ``first``."""
    rows = np.arange(first, first + len(likeness))
    likeness = np.where(units[rows, None] == units[None, :], -np.inf, likeness)
    count = min(_NEAREST, likeness.shape[1])
    best = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
    pairs = ((i, j) for i, row in zip(rows.tolist(), best.tolist(), strict=True) for j in row if units[i] != units[j])
    return {(min(i, j), max(i, j), mirror) for i, j in pairs}
