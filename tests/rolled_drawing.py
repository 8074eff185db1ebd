"""Pictures of symbols on paper that is rolled about a cylinder, seen from straight ahead."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from conftest import Picture

Points = npt.NDArray[np.floating]


def rolled(picture: Picture, arc: float, axis: float) -> tuple[Picture, Callable[[Points], Points]]:
    """A square picture on a cylinder of which it takes `arc` degrees, its axis at `axis` degrees; where its places go.

    What lies beyond the horizon is grey.
    """
    half = len(picture) / 2
    radius = 2 * half / np.radians(arc)
    across = np.array([-np.sin(np.radians(axis)), np.cos(np.radians(axis))])

    def moved(places: Points, along: Points) -> Points:
        return np.asarray(places + (along - (places - half) @ across)[..., None] * across)

    def rolled_places(places: Points) -> Points:
        return moved(places, radius * np.sin(((places - half) @ across) / radius))

    y, x = np.mgrid[: len(picture), : len(picture)] + 0.5
    seen = np.stack([x, y], -1)
    angle = ((seen - half) @ across) / radius
    source = moved(seen, radius * np.arcsin(np.clip(angle, -1, 1)))
    source[np.abs(angle) >= 1] = -1e4
    maps = (source - 0.5).astype(np.float32)
    drawn = cv2.remap(picture, maps[..., 0], maps[..., 1], cv2.INTER_AREA, borderValue=128)
    return np.asarray(drawn, np.uint8), rolled_places
