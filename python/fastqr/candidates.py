"""From a place in the picture to homographies worth reading, each refined on the patterns that every symbol shows.

Three ways lead there, in the order of their cost: L-Net on the corners of the landmarks' square, finder patterns
searched in the pixels, and all turns and sizes ranked by how well the patterns agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import _core
from .models import Network

__all__ = ["Candidate", "by_correlation", "by_landmarks", "resized", "straighten"]

FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]

SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)
FINDER = 7 * SQUARE  # a finder pattern's outer corners, in modules from its first
FIRST_LOOK = 0.75  # side of L-Net's first patch in distances of finder centres: holds the finder of version 1
SIZES = 2  # sizes tried of finder corners that are sure, one of others: the first fit was right in 0.989
SURE = 0.5  # probability of each of three finder patterns
SCORE = 0.35  # mean correlation of finder and timing patterns below which no candidate ever decoded
CONVINCING = 0.7  # score from which a candidate is read before others are looked at
MOST = 4  # candidates of one way that are read


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A place to read: a homography from symbol to image coordinates for an assumed size."""

    homography: DoubleArray
    size: int
    score: float
    inverted: bool

    def corners(self) -> DoubleArray:
        """Outer corners of the symbol in the picture, 4×2."""
        points = np.column_stack([SQUARE * self.size, np.ones(4)]) @ self.homography.T
        corners: DoubleArray = points[:, :2] / points[:, 2:]
        return corners


def by_landmarks(view: _core.MipMap, finder: FloatArray, corners: DoubleArray, least: float) -> Iterator[Candidate]:
    """Yield candidates from what L-Net saw at the corners of one rough square, as `straighten` gives it.

    Only turns whose three finder patterns all have a probability of `least` are worth a registration.
    """
    sure = float(np.partition(finder, 1)[1]) > SURE
    yield from _refined(view, _turns(finder, corners, least), SIZES if sure else 1)


def by_correlation(view: _core.MipMap, square: DoubleArray, inset: float) -> Iterator[Candidate]:
    """Candidates from all turns and sizes of a square whose corners lie `inset` modules inside the symbol's."""
    sizes, homographies, _ = _core.rank_frames(view, square, inset, MOST)
    yield from _ranked(_registered(view, h, int(n)) for n, h in zip(sizes, homographies, strict=True))


def resized(view: _core.MipMap, candidate: Candidate, size: int) -> Candidate:
    """Return the candidate with its finder patterns where they are and another number of modules between them."""
    here, there = (
        np.concatenate([FINDER + corner * (n - 7) for corner in SQUARE[[0, 1, 3]]]) for n in (candidate.size, size)
    )
    points = np.column_stack([here, np.ones(12)]) @ candidate.homography.T
    return _registered(view, _core.homography(there, points[:, :2] / points[:, 2:]), size)


def straighten(view: _core.MipMap, square: DoubleArray, lnet: Network) -> tuple[FloatArray, DoubleArray]:
    """Look at the four corners of a rough square with L-Net, and once more from near.

    Parameters
    ----------
    view : MipMap
    square : ndarray of float64, shape (4, 2)
        Centres of three finder patterns and the fourth point in any turn, clockwise, in pixels.
    lnet : Network

    Returns
    -------
    finder : ndarray of float32, shape (4,)
        Probability of a finder pattern at each point.
    corners : ndarray of float64, shape (4, 4, 2)
        Outer corners of the finder pattern at each point, clockwise from the one at the square's top left, in pixels.
    """
    try:
        frame = np.asarray(_core.homography(SQUARE, square))
    except ValueError:  # the square is all but a line or a triangle, and shows no finder pattern
        return np.zeros(4, np.float32), np.zeros((4, 4, 2))
    patches = frame @ _squares_about(SQUARE, FIRST_LOOK)
    _, corners = _look(view, patches, lnet)
    # From near: twice the width of the finder that was found, centred on it and along its own axes. A third look
    # changed no reading of half the development photographs.
    return _look(view, _frames_of(corners), lnet)


def _look(view: _core.MipMap, patches: DoubleArray, lnet: Network) -> tuple[FloatArray, DoubleArray]:
    finder, corners = lnet(_core.warp_patches(view, np.ascontiguousarray(patches), 24))
    points = np.concatenate([corners.reshape(-1, 4, 2), np.ones((len(patches), 4, 1))], axis=2)
    mapped = points @ patches.transpose(0, 2, 1)
    return finder[:, 0], mapped[..., :2] / mapped[..., 2:]


def _squares_about(centres: DoubleArray, side: float) -> DoubleArray:
    """K maps of the unit square onto squares of a side about centres."""
    maps = np.zeros((len(centres), 3, 3))
    maps[:, 0, 0] = maps[:, 1, 1] = side
    maps[:, :2, 2] = centres - side / 2
    maps[:, 2, 2] = 1
    return maps


def _frames_of(corners: DoubleArray) -> DoubleArray:
    """Affine maps of the unit square onto twice the parallelogram nearest to each finder's quad."""
    along = (corners[:, 1] - corners[:, 0] + corners[:, 2] - corners[:, 3]) / 2
    down = (corners[:, 3] - corners[:, 0] + corners[:, 2] - corners[:, 1]) / 2
    maps = np.zeros((len(corners), 3, 3))
    maps[:, :2, 0] = 2 * along
    maps[:, :2, 1] = 2 * down
    maps[:, :2, 2] = corners.mean(1) - along - down
    maps[:, 2, 2] = 1
    return maps


def _turns(finder: FloatArray, corners: DoubleArray, least: float) -> Iterator[DoubleArray]:
    """Yield turns of a square as finder corners 3×4×2, likeliest first: the corner without a finder is bottom right."""
    for missing in np.argsort(finder)[:2]:
        if np.delete(finder, missing).min() < least:
            return
        turn = int(missing) - 2  # corner `missing` of the square is the symbol's corner 2
        order = [(k + turn) % 4 for k in (0, 1, 3)]
        yield np.ascontiguousarray(np.roll(corners[order], -turn, axis=1))
        if finder[missing] < 0.2 < 0.5 < np.partition(finder, 1)[1]:
            return


def _refined(view: _core.MipMap, finders: Iterable[DoubleArray], most: int) -> Iterator[Candidate]:
    def registered() -> Iterator[Candidate]:
        for corners in finders:
            sizes, homographies, _ = _core.fit_sizes(corners, most)
            for size, homography in zip(sizes, homographies, strict=True):
                yield _registered(view, homography, int(size))

    return _ranked(registered())


def _registered(view: _core.MipMap, homography: DoubleArray, size: int) -> Candidate:
    refined, score, polarity = _core.refine_homography(view, homography, size)
    return Candidate(refined, size, float(score), polarity < 0)


def _ranked(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Those that convince as they come, then the others by score: what follows a reading is never registered."""
    doubtful: list[Candidate] = []
    for candidate in candidates:
        if candidate.score > CONVINCING:
            yield candidate
        elif candidate.score > SCORE:
            doubtful.append(candidate)
    yield from sorted(doubtful, key=lambda c: -c.score)[:MOST]
