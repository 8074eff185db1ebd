"""What the steps of a search cost, in milliseconds of the machine on which patience was set.

Patience is counted in these and not by a clock, so a picture gives the same result however slow or busy the machine is.
A step whose true time differs from its cost only moves time from one picture to another. Fitted to the stages' times on
BoofCV's development half.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = [
    "CORRELATION",
    "DIRECT_PIXEL",
    "LEVELLED_PIXEL",
    "LNET_SQUARE",
    "ONET_WINDOW",
    "REGISTRATION",
    "RNET_WINDOW",
    "TURNS",
    "VIEW_PIXEL",
    "decoded",
    "densenet",
    "lattice",
    "pnet",
    "sampled",
    "seen_directly",
]

VIEW_PIXEL = 3e-7  # of the picture, read once
LEVELLED_PIXEL = 1e-6  # of a view whose light is levelled
DIRECT_PIXEL = 2.5e-7  # of a view that is searched for finder patterns
RNET_WINDOW = 0.025
ONET_WINDOW = 0.17
LNET_SQUARE = 1.0  # seen twice
TURNS = 0.9  # registration of the turns and sizes that L-Net's corners leave
REGISTRATION = 0.3
CORRELATION = 6.0  # all turns and sizes of one square


def pnet(shapes: Iterable[tuple[int, int]]) -> float:
    """P-Net on levels of these heights and widths."""
    return 1.5e-5 * sum(height * width for height, width in shapes)


def seen_directly(read: Iterable[int], unread: Iterable[int]) -> float:
    """Symbols of these sizes in modules, read in the direct look or only seen there."""
    return sum(0.3 + 7e-4 * size**2 for size in read) + sum(0.9 + 2.4e-3 * size**2 for size in unread)


def lattice(size: int) -> float:
    """One lattice of a symbol of `size` modules a side."""
    return 3e-4 * size**2


def sampled(size: int) -> float:
    """Grey levels on a lattice, and the attempt to decode them."""
    return 6e-4 * size**2


def densenet(side: int) -> float:
    """One pass of the DenseNet over a patch of `side` modules."""
    return 1e-3 * side**2


def decoded(size: int, *, soft: bool) -> float:
    """One attempt to decode probabilities, by the soft decoder too or not."""
    return (9e-4 if soft else 4e-4) * size**2
