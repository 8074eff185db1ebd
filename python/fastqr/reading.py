"""From a place in the picture to a payload: finder corners, homography, grid, DenseNet, decoder.

Every step proposes; only the symbol decoder's algebra accepts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from .models import Models
from .normalise import normalise_patch
from .pictures import Picture
from .stopwatch import Stopwatch

__all__ = ["MARGIN", "PIXELS_PER_MODULE", "Candidate", "Reading", "corners_in_square", "read", "straighten"]

FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]

MARGIN = 2  # modules around the symbol that the DenseNet sees: the quiet zone, or what stands in its place
PIXELS_PER_MODULE = 4  # what the DenseNet's stem takes; 2 measured slightly worse, 8 no better
PASSES = 3  # displacement passes: 1167, 1186, 1193, 1194 codes read after 1 to 4
EXTRA_PASSES = 2  # where the network is sure of its modules and nothing decodes, the grid is what is wrong
SURE = 0.85  # mean certainty of the data modules from which further passes paid
HOPELESS = 0.35  # mean certainty below which a further pass never read anything
SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A place to read: a homography from symbol to image coordinates for an assumed size."""

    homography: DoubleArray
    size: int
    score: float
    inverted: bool


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What was decoded, and where: `record` of the symbol decoder, nodes of the lattice that it was read with."""

    record: Any
    nodes: FloatArray
    size: int
    inverted: bool

    def quad(self) -> FloatArray:
        """Outer corners of the symbol: top left, top right, bottom right, bottom left as it is read."""
        first, last = MARGIN, MARGIN + self.size
        corners = self.nodes[[first, first, last, last], [first, last, last, first]]
        # A mirrored symbol is read through its transpose: its rows are the lattice's columns.
        return corners[[0, 3, 2, 1]] if self.record.mirrored else corners

    def landmarks(self) -> FloatArray:
        """Finder centres top left, top right, bottom left, the point that completes their square, the centre."""
        low, high, middle = 3.5, self.size - 3.5, self.size / 2
        places = np.array([[low, low], [high, low], [low, high], [high, high], [middle, middle]])
        if self.record.mirrored:
            places = places[:, ::-1]
        return lattice_points(self.nodes, places)


def lattice_points(nodes: FloatArray, places: npt.NDArray[np.float64]) -> FloatArray:
    """Image coordinates of K symbol coordinates (x, y in modules), bilinear within a module."""
    at = places + MARGIN
    cell = np.clip(np.floor(at).astype(int), 0, len(nodes) - 2)
    x, y = (at - cell).T
    column, row = cell.T
    top = nodes[row, column] * (1 - x)[:, None] + nodes[row, column + 1] * x[:, None]
    bottom = nodes[row + 1, column] * (1 - x)[:, None] + nodes[row + 1, column + 1] * x[:, None]
    return (top * (1 - y)[:, None] + bottom * y[:, None]).astype(np.float32)


def straighten(picture: Picture, squares: DoubleArray, models: Models) -> tuple[FloatArray, DoubleArray]:
    """Look at the four corners of rough squares with L-Net, twice.

    Parameters
    ----------
    picture : ndarray of uint8
    squares : ndarray of float64, shape (K, 4, 2)
        Centres of three finder patterns and the fourth point in any turn, clockwise, in pixels.
    models : Models

    Returns
    -------
    finder : ndarray of float32, shape (K, 4)
        Probability of a finder pattern at each point.
    corners : ndarray of float64, shape (K, 4, 4, 2)
        Outer corners of the finder pattern at each point, clockwise from the one at the square's top left, in pixels.
    """
    frames = np.stack([_core.homography(SQUARE, square) for square in squares])
    # First look: a patch of three quarters of the distance holds the finder of version 1 (half the distance) and
    # its neighbourhood, and shows that of version 10 at 4 px.
    patches = frames[:, None] @ _square_to(SQUARE, 0.75)[None]
    finder, corners = _look(picture, patches, models)
    # Second look: twice the width of the finder that was found, centred on it and along its own axes.
    for _ in range(2):
        closer = _frames_of(corners)
        finder, corners = _look(picture, closer, models)
    return finder, corners


def _look(picture: Picture, patches: DoubleArray, models: Models) -> tuple[FloatArray, DoubleArray]:
    count = len(patches)
    flat = np.ascontiguousarray(patches.reshape(-1, 3, 3))
    finder, corners = models.lnet(_core.warp_patches(picture, flat, 24))
    points = np.concatenate([corners.reshape(-1, 4, 2), np.ones((len(flat), 4, 1))], axis=2)
    mapped = points @ flat.transpose(0, 2, 1)
    return finder.reshape(count, 4), (mapped[..., :2] / mapped[..., 2:]).reshape(count, 4, 4, 2)


def _square_to(centres: DoubleArray, side: float) -> DoubleArray:
    """K maps of the unit square onto squares of a side about centres."""
    maps = np.zeros((len(centres), 3, 3))
    maps[:, 0, 0] = maps[:, 1, 1] = side
    maps[:, :2, 2] = centres - side / 2
    maps[:, 2, 2] = 1
    return maps


def _frames_of(corners: DoubleArray) -> DoubleArray:
    """Affine maps of the unit square onto twice the parallelogram nearest to each finder's quad."""
    along = (corners[..., 1, :] - corners[..., 0, :] + corners[..., 2, :] - corners[..., 3, :]) / 2
    down = (corners[..., 3, :] - corners[..., 0, :] + corners[..., 2, :] - corners[..., 1, :]) / 2
    centre = corners.mean(-2)
    maps = np.zeros((*corners.shape[:2], 3, 3))
    maps[..., :2, 0] = 2 * along
    maps[..., :2, 1] = 2 * down
    maps[..., :2, 2] = centre - along - down
    maps[..., 2, 2] = 1
    return maps


def corners_in_square(finder: FloatArray, corners: DoubleArray) -> Iterator[DoubleArray]:
    """Turns of one square, likeliest first: the corner without a finder is bottom right.

    Yields
    ------
    ndarray of float64, shape (3, 4, 2)
        Finder corners top left, top right, bottom left, each clockwise from the symbol's top left.
    """
    for missing in np.argsort(finder)[:2]:
        turn = int(missing) - 2  # corner `missing` of the square is the symbol's corner 2
        order = [(k + turn) % 4 for k in (0, 1, 3)]
        yield np.ascontiguousarray(np.roll(corners[order], -turn, axis=1))
        if finder[missing] < 0.2 < 0.5 < np.partition(finder, 1)[1]:
            return


def candidates_from_finders(
    picture: Picture, corners: DoubleArray, *, sizes: int = 2
) -> Iterator[Candidate]:
    """Sizes that three finder patterns allow, each refined on what must be there."""
    numbers, homographies, _ = _core.fit_sizes(corners, sizes)
    for size, homography in zip(numbers, homographies, strict=True):
        refined, score, polarity = _core.refine_homography(picture, homography, int(size))
        yield Candidate(refined, int(size), float(score), polarity < 0)


def read(
    picture: Picture, candidates: Iterable[Candidate], models: Models, stopwatch: Stopwatch
) -> Reading | None:
    """Read the first candidate that decodes, in the order given."""
    for candidate in candidates:
        if stopwatch.expired():
            return None
        with stopwatch.stage("grid"):
            nodes = _core.homography_lattice(candidate.homography, candidate.size, MARGIN)
        reading = _read_lattice(picture, nodes, candidate, models, stopwatch)
        if reading is None and candidate.size > 21:
            with stopwatch.stage("anchors"):
                nodes, found, _ = _core.grow_anchors(picture, candidate.homography, candidate.size)
            if found:
                reading = _read_lattice(picture, nodes, candidate, models, stopwatch)
        if reading is not None:
            return reading
    return None


def _read_lattice(
    picture: Picture, nodes: FloatArray, candidate: Candidate, models: Models, stopwatch: Stopwatch
) -> Reading | None:
    size = candidate.size
    template = template_of(size)
    inside = slice(MARGIN, MARGIN + size)
    for number in range(PASSES + EXTRA_PASSES):
        with stopwatch.stage("sample"):
            patch = _core.resample_lattice(picture, nodes, PIXELS_PER_MODULE)
            patch = normalise_patch(-patch if candidate.inverted else patch, size)
        with stopwatch.stage("densenet"):
            logits, displacement = models.densenet(patch[None, None], template)
        logits = logits[0, 0, inside, inside]
        with stopwatch.stage("decode"):
            record = _core.decode_modules(np.ascontiguousarray(_sigmoid(logits)))
        if record is not None:
            return Reading(record, nodes, size, candidate.inverted)
        certainty = float(np.abs(np.tanh(logits / 2)).mean())
        if certainty < HOPELESS or (number + 1 >= PASSES and certainty < SURE) or stopwatch.expired():
            return None
        with stopwatch.stage("grid"):
            nodes = _core.displace_lattice(nodes, displacement[0, :2], displacement[0, 2], min(2 + number, 4))
    return None


def _sigmoid(logits: FloatArray) -> FloatArray:
    result: FloatArray = 0.5 + 0.5 * np.tanh(0.5 * logits)
    return result


_TEMPLATES: dict[int, FloatArray] = {}


def template_of(size: int) -> FloatArray:
    """What is known of an N-module symbol before it is read, for the DenseNet: 1×2×S×S."""
    template = _TEMPLATES.get(size)
    if template is None:
        side = size + 2 * MARGIN
        template = np.zeros((1, 2, side, side), np.float32)
        inside = slice(MARGIN, MARGIN + size)
        template[0, 0, inside, inside] = _core.function_patterns(size)
        template[0, 1, inside, inside] = 1
        _TEMPLATES[size] = template
    return template
