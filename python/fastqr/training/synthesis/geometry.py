"""Where the points of a printed sheet land in a picture: perspective, and paper that is not flat."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["Bend", "View", "random_bend", "tilted_square", "wrinkled"]

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Bend:
    """A smooth displacement field: a few sines and bumps, in cells of the sheet."""

    waves: FloatArray  # K rows: direction x, y, phase, amplitude x, y
    bumps: FloatArray  # K rows: centre x, y, 1 / (2 width²), amplitude x, y

    def __call__(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Displacement in x and y at each place."""
        dx, dy = np.zeros_like(x), np.zeros_like(y)
        for fx, fy, phase, ax, ay in self.waves:
            wave = np.sin(fx * x + fy * y + phase)
            dx, dy = dx + ax * wave, dy + ay * wave
        for cx, cy, steepness, ax, ay in self.bumps:
            bump = np.exp(-steepness * ((x - cx) ** 2 + (y - cy) ** 2))
            dx, dy = dx + ax * bump, dy + ay * bump
        return dx, dy


def random_bend(rng: np.random.Generator, cells: float, strength: float, local: float) -> Bend:
    """Waves longer than the sheet of `cells` and bumps of some modules; amplitudes in modules, 0 for none."""
    waves = []
    for _ in range(2 if strength else 0):
        angle, length = rng.uniform(0, np.pi), rng.uniform(1.2, 4.0) * cells
        direction = 2 * np.pi / length * np.array([np.cos(angle), np.sin(angle)])
        waves.append([*direction, rng.uniform(0, 6.3), *(strength * rng.normal(0, 0.7, 2))])
    bumps = []
    for _ in range(int(rng.integers(1, 6)) if local else 0):
        width = rng.uniform(2.0, 6.0)
        bumps.append([*rng.uniform(0, cells, 2), 0.5 / width**2, *(local * rng.normal(0, 0.7, 2))])
    return Bend(np.array(waves, np.float32).reshape(-1, 5), np.array(bumps, np.float32).reshape(-1, 5))


def wrinkled(rng: np.random.Generator, bend: Bend) -> Bend:
    """Add waves of 6 to 16 cells in all directions, up to 0.7 cells high, and none so steep that a sheet would fold."""
    count = int(rng.integers(2, 6))
    angles, lengths = rng.uniform(0, np.pi, count), rng.uniform(6, 16, count)
    directions = np.stack([np.cos(angles), np.sin(angles)], 1) * (2 * np.pi / lengths)[:, None]
    heights = (
        rng.uniform(0.05, 0.7) * np.minimum(1, lengths / 10)[:, None] * rng.normal(0, 1 / np.sqrt(count), (count, 2))
    )
    waves = np.concatenate([directions, rng.uniform(0, 6.3, (count, 1)), heights], 1).astype(np.float32)
    return Bend(np.concatenate([bend.waves, waves]), bend.bumps)


@dataclass(frozen=True, slots=True)
class View:
    """A sheet seen by a camera: a homography from sheet cells to pixels after the sheet's own bend."""

    homography: npt.NDArray[np.float64]
    bend: Bend

    def to_picture(self, x: FloatArray, y: FloatArray) -> FloatArray:
        """Pixels of sheet places, shape (..., 2)."""
        # Inverse of place -> place + bend(place) by fixed point: the bend's slope stays below one.
        ax, ay = x.copy(), y.copy()
        for _ in range(5):
            dx, dy = self.bend(ax, ay)
            ax, ay = x - dx, y - dy
        points = np.stack([ax, ay, np.ones_like(ax)], -1) @ self.homography.T.astype(np.float32)
        return np.ascontiguousarray(points[..., :2] / points[..., 2:], np.float32)

    def points(self, places: npt.ArrayLike) -> FloatArray:
        """Pixels of places of shape (K, 2)."""
        x, y = np.asarray(places, np.float32).T
        return self.to_picture(x, y)

    def render(self, sheet: FloatArray, pixels: int, left: int, top: int, width: int, height: int) -> FloatArray:
        """Render what the camera sees of a sheet of `pixels` a cell in a window of the picture."""
        y, x = np.mgrid[top : top + height, left : left + width].astype(np.float32) + np.float32(0.5)
        back = np.linalg.inv(self.homography)
        w = back[2, 0] * x + back[2, 1] * y + back[2, 2]
        u = ((back[0, 0] * x + back[0, 1] * y + back[0, 2]) / w).astype(np.float32)
        v = ((back[1, 0] * x + back[1, 1] * y + back[1, 2]) / w).astype(np.float32)
        du, dv = self.bend(u, v)
        half, scale = np.float32(0.5), np.float32(pixels)
        map_x, map_y = (u + du) * scale - half, (v + dv) * scale - half
        seen = cv2.remap(sheet, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen, np.float32)


def tilted_square(rng: np.random.Generator, most: float = 78.0) -> npt.NDArray[np.float64]:
    """Corners of a unit square about the origin, tilted in space up to `most` degrees and turned at random."""
    tilt = np.radians(rng.uniform(0, 35) if rng.random() < 0.55 else rng.uniform(30, most))
    axis = rng.uniform(0, 2 * np.pi)
    distance = rng.uniform(1.6, 6.0)  # of the camera, in sides of the square
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) @ _rotation(axis).T
    depth = distance + corners[:, 1] * np.sin(tilt)
    seen = np.stack([corners[:, 0], corners[:, 1] * np.cos(tilt)], 1) * (distance / depth)[:, None]
    return np.asarray(seen @ _rotation(rng.uniform(0, 2 * np.pi)).T)


def _rotation(angle: float) -> npt.NDArray[np.float64]:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
