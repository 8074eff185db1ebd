"""Films of codes as a camera sees them: it moves, shakes and blurs; codes enter, turn, shrink and leave."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt
import segno

Grey = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]

QUIET = 4  # modules
SAMPLES = 3  # along each axis of a pixel
NOISE = 4.0  # grey values
READABLE = 2.0  # pixels a module from which a code counts as plain to read, where it is whole and does not blur


class Pose(NamedTuple):
    """Where a code is in one frame: its centre in shares of the frame, its side in shares of the frame's height."""

    x: float
    y: float
    side: float
    degrees: float


@dataclass(frozen=True)
class Kind:
    """A kind of film: how its codes move, and how far the camera moves while a frame is exposed."""

    name: str
    codes: int
    pose: Callable[[int, float], Pose | None]  # of a code's number, at a share of the film
    blur: Callable[[float], float]  # in shares of the frame's height, at a share of the film


class Shown(NamedTuple):
    """A code that a frame shows whole."""

    text: str
    quad: Points
    plain: bool  # at two pixels a module and more, and blurred by less than half a module


def _passing(code: int, share: float) -> Pose | None:
    """One code crosses the frame, first near, then far."""
    return Pose(1.3 * share - 0.15, 0.5 + 0.2 * math.sin(9 * share), 0.42 - 0.28 * share, 90 * share)


def _belt(code: int, share: float) -> Pose | None:
    """Labels on a conveyor belt, one after the other."""
    return Pose(3.2 * share - 0.55 * code - 0.1, 0.3 + 0.4 * (code % 2), 0.3, 7 * code)


def _hand(code: int, share: float) -> Pose | None:
    """Two codes on a table, held by an unsteady hand that comes nearer and goes away."""
    near = 0.24 + 0.12 * math.sin(7 * share)
    shake = 0.02 * math.sin(60 * share), 0.03 * math.sin(47 * share)
    return Pose(0.33 + 0.34 * code + shake[0], 0.5 + shake[1], near, 12 * math.sin(20 * share))


def _nothing(code: int, share: float) -> Pose | None:
    return None


KINDS = (
    Kind("a code that passes", 1, _passing, lambda share: 0.012 * abs(math.sin(31 * share))),
    Kind("a conveyor belt", 4, _belt, lambda share: 0.004),
    Kind("two codes, by hand", 2, _hand, lambda share: 0.014 * abs(math.sin(23 * share))),
    Kind("no code", 0, _nothing, lambda share: 0.003),
)


def film(kind: Kind, *, height: int, width: int, frames: int, seed: int) -> Iterator[tuple[Grey, list[Shown]]]:
    """Give the frames of a film, and what each shows whole."""
    random = np.random.default_rng(seed)
    ground = _ground(height + height // 4, width + width // 4, random)
    codes = [f"https://example.org/film/{seed}/{number}" for number in range(kind.codes)]
    pictures = [_code(text) for text in codes]
    for number in range(frames):
        share = number / frames
        left = int(width / 8 * (1 + math.sin(5 * share)))
        top = int(height / 8 * (1 + math.cos(4 * share)))
        frame = ground[top : top + height, left : left + width].copy()
        blur = kind.blur(share) * height
        shown = []
        for code, (text, picture) in enumerate(zip(codes, pictures, strict=True)):
            pose = kind.pose(code, share)
            if pose is None:
                continue
            modules = len(picture)
            outer = _corners(pose, height, width)
            _lay(frame, picture, outer)
            inner = outer.mean(0) + (outer - outer.mean(0)) * (modules - 2 * QUIET) / modules
            if (inner >= 0).all() and (inner <= [width, height]).all():
                module = pose.side * height / modules
                shown.append(Shown(text, inner, module >= READABLE and blur < module / 2))
        length = max(1, round(blur))
        moved = cv2.filter2D(frame, -1, np.full((1, length), 1 / length), borderType=cv2.BORDER_REPLICATE)
        noisy = moved * 0.8 + 20 + random.normal(0, NOISE, frame.shape)
        yield np.clip(noisy, 0, 255).astype(np.uint8), shown


def _ground(height: int, width: int, random: np.random.Generator) -> Grey:
    """Blotches and edges of every size, which no reader may take for a code."""
    ground = np.zeros((height, width), np.float32)
    for size in (160, 40, 12):
        coarse = random.uniform(-1, 1, (height // size + 2, width // size + 2)).astype(np.float32)
        way = cv2.INTER_NEAREST if size == 40 else cv2.INTER_CUBIC
        ground += 30 * cv2.resize(coarse, (width, height), interpolation=way)
    return np.clip(140 + ground, 0, 255).astype(np.uint8)


def _code(text: str) -> Grey:
    modules = np.array([list(row) for row in segno.make(text, micro=False, error="m").matrix], np.uint8)
    return np.pad(np.where(modules == 1, 20, 235).astype(np.uint8), QUIET, constant_values=235)


def _corners(pose: Pose, height: int, width: int) -> Points:
    half = pose.side * height / 2
    angle = math.radians(pose.degrees)
    square = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]]) * half
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    return square @ turn + [pose.x * width, pose.y * height]


def _lay(frame: Grey, code: Grey, outer: Points) -> None:
    """Lay a code onto a frame: each pixel is the mean of nine samples."""
    low = np.maximum(np.floor(outer.min(0)).astype(int), 0)
    high = np.minimum(np.ceil(outer.max(0)).astype(int), [frame.shape[1], frame.shape[0]])
    if (high <= low).any():
        return
    columns, rows = (int(side) for side in high - low)
    side = len(code)
    square = np.array([[0, 0], [side, 0], [side, side], [0, side]], np.float32)
    to_frame = cv2.getPerspectiveTransform(square, ((outer - low) * SAMPLES).astype(np.float32))
    fine = (columns * SAMPLES, rows * SAMPLES)
    to_pixels = (
        np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]]) @ to_frame @ np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    )
    laid = cv2.warpPerspective(code, to_pixels, fine, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.fillConvexPoly(
        np.zeros((fine[1], fine[0]), np.uint8), np.round((outer - low) * SAMPLES).astype(np.int32), 255
    )
    share = cv2.resize(cover, (columns, rows), interpolation=cv2.INTER_AREA) / np.float32(255)
    part = frame[low[1] : high[1], low[0] : high[0]]
    part[:] = np.round(part * (1 - share) + cv2.resize(laid, (columns, rows), interpolation=cv2.INTER_AREA) * share)
