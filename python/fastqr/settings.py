"""The settings of the search: each value once, with its unit and its reason.

What a stage in C++ is set to stands beside its code; these are the values of the policy.
"""

from __future__ import annotations

from dataclasses import dataclass

from .options import Effort

__all__ = ["DEFAULTS", "EFFORTS", "METHODS", "SearchSettings"]

EFFORTS: tuple[Effort, ...] = ("quick", "balanced", "thorough")
METHODS = ("finder_patterns", "networks")


@dataclass(frozen=True, slots=True)
class SearchSettings:
    """How far a search goes and what it may spend."""

    # The allowance of work: for what leads to no symbol, so that it never takes from what does.
    samples: float = 2e6  # grey values of any picture: a few hundred places that look like a symbol and are none
    samples_a_pixel: float = 4.0  # and for each of its pixels: as often may each be visited again
    macs: float = 1.8e9  # multiply-accumulates of any picture, some 30 ms of one core
    macs_a_pixel: float = 60.0  # and for each of its pixels: as much as its pixels cost otherwise
    check_macs_a_pixel: float = 25.0  # what a check may cost where all that shows is read: half of what a pixel costs
    macs_a_symbol: float = 3e7  # for each symbol that was read: where much was read, more is likely

    # Where codes are looked for by the cascade: the smallest side of a code, as a share of the picture's longer side.
    coarse: float = 1 / 20
    fine: float = 1 / 40

    # What a place must show for a method to be worth its cost.
    promising: float = 0.65  # mean correlation of the function patterns from which every symbol was read in the end
    likely: float = 0.8  # O-Net's score of a box: texture's boxes seldom have it
    doubtful_boxes: int = 3  # boxes of a lower score that are read the quick way all the same, best first
    confirmed: float = 0.8  # L-Net's probability of each of three finder patterns: of 99 in 100 squares that were read
    doubted: float = 0.5  # the same of two of the three, without which corners seldom led to a reading
    unsure: float = 0.2  # the same of each, where nothing is lost but work

    # How a place is seen.
    margin: float = 0.3  # of a box's sides, seen beyond it
    light: float = 0.2  # of a place's longer side: the window whose illumination counts as even
    same: float = 0.3  # modules between the corners of two grids that read the same
    room: float = 0.1  # share of a picture beyond which its codes leave no room for others that matter


DEFAULTS = SearchSettings()
