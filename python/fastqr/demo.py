"""A cluttered scene of codes to try the reader on, drawn with OpenCV alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from .pictures import Picture

if TYPE_CHECKING:
    import cv2
else:
    from .libraries import cv2

__all__ = ["DEMO_TEXTS", "demo_scene"]

DEMO_TEXTS = (
    "https://example.org/fastqr",
    "turned, tilted and blurred",
    "LIGHT ON DARK",
    "round the edge of a tin",
    "0123456789",
)
_QUIET = 4  # modules of quiet zone, ISO/IEC 18004:2015 clause 9.1
_SCALE = 12  # pixels a module before the code is put into the scene


def demo_scene(seed: int = 7, width: int = 960, height: int = 640) -> Picture:
    """Return a scene with the five codes of `DEMO_TEXTS`: tilted, blurred, light on dark, bent, noisy.

    Parameters
    ----------
    seed : int
        The same seed gives the same scene.
    width, height : int
        Pixels; at least 480 and 320 for the codes to stay readable.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        BGR.

    Examples
    --------
    >>> demo_scene().shape
    (640, 960, 3)
    """
    rng = np.random.default_rng(seed)
    scene = _clutter(rng, width, height)
    places = ((0.19, 0.30, 0.21), (0.52, 0.26, 0.19), (0.82, 0.33, 0.20), (0.33, 0.74, 0.21), (0.69, 0.76, 0.18))
    for number, (text, (x, y, side)) in enumerate(zip(DEMO_TEXTS, places, strict=True)):
        code = _code(text)
        if number == 2:
            code = 255 - code
        if number == 3:
            code = _bent(code)
        _paste(scene, code, (x * width, y * height), side * width, rng)
    blurred = np.asarray(cv2.GaussianBlur(scene, (0, 0), 0.8), np.float32)
    light = np.linspace(0.75, 1.1, width, dtype=np.float32)[None, :, None]
    seen = blurred * light + rng.normal(0, 5, scene.shape).astype(np.float32)
    return np.asarray(np.clip(seen, 0, 255), np.uint8)


def _code(text: str) -> Picture:
    modules = np.asarray(cv2.QRCodeEncoder.create().encode(text), np.uint8)
    rows, columns = np.nonzero(modules == 0)  # the encoder's own border is cut, ours is the standard's
    modules = modules[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    side = (len(modules) + 2 * _QUIET) * _SCALE
    padded = np.pad(modules, _QUIET, constant_values=255)
    return np.asarray(cv2.resize(padded, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)


def _bent(code: Picture) -> Picture:
    """Bend the code as round a cylinder that stands upright."""
    side = len(code)
    across = np.linspace(-1, 1, side, dtype=np.float32)
    x = (np.arcsin(across * 0.75) / np.arcsin(0.75) + 1) * (side - 1) / 2
    y = np.arange(side, dtype=np.float32)[:, None] - 0.08 * side * (1 - across[None, :] ** 2)
    bent = cv2.remap(
        code,
        np.broadcast_to(x, (side, side)).astype(np.float32),
        y.astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(255.0,),
    )
    return np.asarray(bent, np.uint8)


def _clutter(rng: np.random.Generator, width: int, height: int) -> Picture:
    coarse = rng.uniform(60, 200, (height // 80, width // 80, 3)).astype(np.float32)
    scene = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 255).astype(np.uint8)
    for _ in range(60):
        corner = rng.integers(0, (width, height))
        far = corner + rng.integers(-160, 160, 2)
        colour = tuple(int(v) for v in rng.integers(0, 256, 3))
        if rng.random() < 0.5:
            cv2.rectangle(scene, corner.tolist(), far.tolist(), colour, int(rng.choice([-1, 2, 5])))
        else:
            place, size = corner.tolist(), float(rng.uniform(0.5, 1.6))
            cv2.putText(scene, "not a code", place, cv2.FONT_HERSHEY_SIMPLEX, size, colour, 2, cv2.LINE_AA)
    return scene


def _paste(
    scene: npt.NDArray[np.uint8], code: Picture, centre: tuple[float, float], side: float, rng: np.random.Generator
) -> None:
    """Lay a code into the scene under a random turn and tilt."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * side / 2
    angle = rng.uniform(-np.pi, np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    target = (corners * rng.uniform(0.85, 1.0, (4, 1))) @ turn.T + centre
    last = len(code) - 1
    source = np.array([[0, 0], [last, 0], [last, last], [0, last]], np.float32)
    homography = cv2.getPerspectiveTransform(source, target.astype(np.float32))
    size = (scene.shape[1], scene.shape[0])
    shrink = max(1.0, last / side / 1.5)
    smooth = cv2.GaussianBlur(code, (0, 0), 0.4 * shrink)
    warped = cv2.warpPerspective(smooth, homography, size, flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full_like(code, 255), homography, size, flags=cv2.INTER_LINEAR) > 127
    scene[mask] = warped[mask][:, None]
