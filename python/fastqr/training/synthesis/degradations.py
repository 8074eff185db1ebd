"""What lens, light, sensor and wear do to a picture. Grey float32, 0..1, in and out; lengths in pixels."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

__all__ = ["camera", "defocused", "glare", "lamp", "moire", "moved", "occluded", "shaded", "worn"]

FloatImage = npt.NDArray[np.float32]


def defocused(image: FloatImage, sigma: float, rng: np.random.Generator) -> FloatImage:
    """Blur of a lens: Gaussian, or the disc of strong defocus with the same second moment."""
    if sigma < 0.25:
        return image
    if rng.random() < 0.5:
        return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)
    radius = 2.0 * sigma
    reach = int(np.ceil(radius + 0.5))
    axis = np.arange(-reach, reach + 1, dtype=np.float32)
    disc = np.clip(radius + 0.5 - np.hypot(axis[:, None], axis[None, :]), 0, 1)
    return np.asarray(cv2.filter2D(image, -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT), np.float32)


def moved(image: FloatImage, length: float, rng: np.random.Generator) -> FloatImage:
    """Motion blur along a straight line in any direction."""
    if length < 1.2:
        return image
    reach = int(np.ceil(length / 2)) + 1
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    angle = rng.uniform(0, np.pi)
    step = np.array([np.cos(angle), np.sin(angle)]) * length / 2
    start, end = (np.array([reach, reach]) - step), (np.array([reach, reach]) + step)
    fixed = 4  # fractional bits of OpenCV's line ends
    points = [tuple(int(v) for v in np.round(p * 2**fixed)) for p in (start, end)]
    cv2.line(kernel, points[0], points[1], 1.0, 1, cv2.LINE_8, fixed)
    return np.asarray(cv2.filter2D(image, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REFLECT), np.float32)


def glare(image: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Add a saturated blob of light with soft edges."""
    height, width = image.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = rng.uniform(0, np.pi)
    cx, cy = rng.uniform(0, width), rng.uniform(0, height)
    along, across = rng.uniform(0.05, 0.45, 2) * max(height, width)
    u = ((x - cx) * np.cos(angle) + (y - cy) * np.sin(angle)) / along
    v = (-(x - cx) * np.sin(angle) + (y - cy) * np.cos(angle)) / across
    light = np.exp(-((u * u + v * v) ** rng.uniform(0.6, 2.0)))
    strength = rng.uniform(0.3, 1.6)
    lifted = image * (1 - 0.7 * np.minimum(strength, 1) * light) + strength * light
    return np.asarray(np.minimum(lifted, 1.0), np.float32)


def lamp(image: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Show a lamp, or its reflection, in a picture that is dark beside it: what it outshines is white."""
    height, width = image.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    cx, cy = rng.uniform(0, width), rng.uniform(0, height)
    distance = np.hypot(x - cx, y - cy) / (rng.uniform(0.03, 0.25) * max(height, width))
    core = 1 / (1 + np.exp(np.clip(rng.uniform(6, 40) * (distance - 1), -30, 30)))
    halo = rng.uniform(0.0, 0.3) / (1 + distance**2)
    dim = np.exp(rng.uniform(np.log(0.04), np.log(0.5)))
    return np.asarray(np.minimum(dim * image + core + halo * image, 1.0), np.float32)


def shaded(image: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Uneven light: a gradient, and sometimes the hard or soft edge of a shadow."""
    height, width = image.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = rng.uniform(0, 2 * np.pi)
    ramp = ((x / width - 0.5) * np.cos(angle) + (y / height - 0.5) * np.sin(angle)).astype(np.float32)
    if rng.random() < 0.5:
        factor = 1.0 + rng.uniform(0.2, 1.2) * ramp
    else:
        edge = rng.uniform(2, 60)
        depth = rng.uniform(0.25, 0.95)
        bent = ramp + rng.uniform(-0.3, 0.3) + 0.1 * np.sin(rng.uniform(2, 9) * (x - y) / width)
        factor = 1.0 - depth / (1.0 + np.exp(-np.clip(edge * bent, -30, 30)))
    return np.asarray(np.clip(image * factor, 0, 1), np.float32)


def moire(image: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Add the beat of a monitor's grid with the sensor's."""
    height, width = image.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    result = image
    for _ in range(int(rng.integers(1, 3))):
        angle, period = rng.uniform(0, np.pi), rng.uniform(2.2, 30)
        wave = np.sin(2 * np.pi * (x * np.cos(angle) + y * np.sin(angle)) / period + rng.uniform(0, 6.3))
        result = result * (1 + rng.uniform(0.05, 0.3) * wave)
    return np.clip(result, 0, 1).astype(np.float32)


def worn(image: FloatImage, rng: np.random.Generator) -> FloatImage:
    """Scratches, flaking and dirt: strokes and spots lighter or darker than what they cover."""
    result = image.copy()
    height, width = image.shape
    span = max(height, width)
    for _ in range(int(rng.integers(1, 7))):
        grey = float(rng.random())
        points = rng.uniform(-0.1, 1.1, (int(rng.integers(2, 5)), 2)) * (width, height)
        if rng.random() < 0.6:
            thick = max(1, int(span * rng.uniform(0.002, 0.03)))
            cv2.polylines(result, [points.astype(np.int32)], False, grey, thick, cv2.LINE_AA)
        else:
            axes = tuple(int(v) for v in np.maximum(1, span * rng.uniform(0.005, 0.08, 2)))
            centre = tuple(int(v) for v in points[0])
            cv2.ellipse(result, centre, axes, float(rng.uniform(0, 180)), 0, 360, grey, -1, cv2.LINE_AA)
    if rng.random() < 0.4:  # flaking: noise thresholded at a scale of some pixels
        coarse = rng.random((max(2, height // 6), max(2, width // 6))).astype(np.float32)
        field = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
        result = np.where(field > rng.uniform(0.8, 0.95), float(rng.random()), result)
    return np.asarray(result, np.float32)


def occluded(image: FloatImage, rng: np.random.Generator, share: float = 0.3) -> FloatImage:
    """Something lies on the picture: a finger, a sticker, a fold."""
    result: FloatImage = image.copy()
    height, width = image.shape
    centre = rng.uniform(0, 1, 2) * (width, height)
    reach = rng.uniform(0.05, share) * np.array([width, height])
    corners = centre + rng.uniform(0.5, 1.0, (5, 1)) * reach * np.array(
        [[np.cos(a), np.sin(a)] for a in np.sort(rng.uniform(0, 2 * np.pi, 5))]
    )
    cv2.fillPoly(result, [corners.astype(np.int32)], float(rng.random()), cv2.LINE_AA)
    return result


def camera(image: FloatImage, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Exposure, gamma, sensor noise, sharpening, quantisation and JPEG: the last steps to an 8-bit picture."""
    result = image
    if rng.random() < 0.5:
        result = np.power(np.clip(result, 0, 1), np.exp(rng.uniform(np.log(0.3), np.log(3.0))))
    if rng.random() < 0.3:
        dim = np.exp(rng.uniform(np.log(0.03), np.log(0.7)))
        result = result * dim
    elif rng.random() < 0.15:
        result = np.minimum(result * rng.uniform(1.1, 1.8), 1)
    noise = rng.choice([0.0, 0.01, 0.025, 0.05, 0.09], p=[0.2, 0.3, 0.28, 0.16, 0.06])
    if noise:
        level = result.mean() + 0.15
        result = result + (rng.standard_normal(result.shape, np.float32) * np.float32(noise * min(1.0, level)))
        if rng.random() < 0.3:  # noise reduction leaves blotches
            result = cv2.GaussianBlur(result.astype(np.float32), (0, 0), rng.uniform(0.4, 0.9))
    if rng.random() < 0.25:
        result = result + rng.uniform(0.3, 1.2) * (result - cv2.GaussianBlur(result.astype(np.float32), (0, 0), 1.2))
    picture: npt.NDArray[np.uint8] = np.clip(result * 255 + 0.5, 0, 255).astype(np.uint8)
    if rng.random() < 0.55:
        quality = int(rng.integers(20, 95))
        _, encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
        picture = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE), np.uint8)
    return picture
