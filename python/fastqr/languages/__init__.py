"""What texts of each language look like: the measure by which bytes of no named character set become text.

`kinds` sorts characters, `statistics` holds what ``python -m fastqr.training.text`` counted, `likeliest` weighs the
character sets. Loaded only where bytes are neither named nor ASCII nor UTF-8.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Guess"]


class Guess(NamedTuple):
    """A character set and how certain it is, 0 to 1."""

    codec: str
    certainty: float
