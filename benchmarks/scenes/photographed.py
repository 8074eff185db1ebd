"""Small photographs of one code: tilted, turned, out of focus, noisy, on a textured ground, as the web serves them."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import numpy.typing as npt

from ..ladders.degradations import LADDERS, Apply
from ..ladders.rendering import QUIET, SURROUNDINGS, Grey, Paint, Points, Scene, render
from .printed import Page, PrintedCode, random_symbol

SIDES = {"200 px": (160, 260), "300 px": (260, 400), "500 px": (400, 700)}  # of the picture
VERSIONS = (1, 11)
FINEST, COARSEST = 2.5, 16.0  # pixels a module
TEXTURES = (3, 9, 27, 81)  # cells of cloudy noise along a side
DEGRADED: dict[str, Apply] = {ladder.name: ladder.apply for ladder in LADDERS}


def photographed(rng: np.random.Generator, sides: tuple[int, int]) -> Page:
    """One photograph with a side of so many pixels, BGR, of a code of which no pose but the turn is noted."""
    while True:
        code = random_symbol(rng, int(rng.integers(*VERSIONS)), "p")
        module = float(np.exp(rng.uniform(*np.log(sides)))) / ((code.size + 2 * QUIET) * SURROUNDINGS)
        if FINEST < module < COARSEST:
            break
    scene = Scene(
        code,
        pixels_per_module=module,
        degrees=float(rng.normal(0, 10) if rng.random() < 0.7 else rng.uniform(0, 360)),
        contrast=float(rng.uniform(0.35, 1.0)),
        noise=float(rng.uniform(0.5, 8.0)) / 255,
    )
    scene = DEGRADED["tilt"](scene, float(np.abs(rng.normal(0, 22)).clip(0, 50)), rng)
    blurred = DEGRADED["motion" if rng.random() < 0.3 else "defocus"](scene, float(rng.uniform(0.05, 0.7)), rng)
    develop, paint = blurred.develop, [_ground(rng, code.size), _light(rng, code.size)]
    if rng.random() < 0.3:
        paint[:0] = DEGRADED["occlusion"](scene, float(rng.uniform(0.01, 0.08)), rng).paint
    paper = rng.random()
    if paper < 0.2:
        scene = DEGRADED["curvature"](scene, float(rng.uniform(5, 40)), rng)
    elif paper < 0.4:
        scene = DEGRADED["wrinkle"](scene, float(rng.uniform(0.02, 0.25)), rng)
    scene = dataclasses.replace(scene, develop=develop, paint=paint)
    picture = _served(render(scene, rng), rng)
    return Page(picture, [PrintedCode(code, (picture.shape[1] / 2, picture.shape[0] / 2), module, scene.degrees)])


def _ground(rng: np.random.Generator, size: int) -> Paint:
    """Cloudy noise and edges on what lies about the sheet of paper, and a paper of any margin from a module upwards."""
    texture = np.full((256, 256), rng.uniform(0.15, 0.85), np.float32)
    for cells in TEXTURES:
        coarse = rng.standard_normal((cells, cells)).astype(np.float32)
        texture += rng.uniform(0, 0.2) * cv2.resize(coarse, texture.shape, interpolation=cv2.INTER_CUBIC)
    for _ in range(int(rng.integers(0, 10))):
        a, b = (tuple(int(v) for v in corner) for corner in rng.uniform(0, 256, (2, 2)))
        cv2.rectangle(texture, a, b, float(rng.random()), int(rng.choice([-1, 1, 3])))
    margin = float(rng.uniform(1.5, QUIET))

    def painted(places: Points, printed: Grey) -> Grey:
        beyond = ((places < -margin) | (places > size + margin)).any(-1)
        x, y = np.clip((places / size + 0.5) * 128, 0, 255).astype(int).transpose(2, 0, 1)
        return np.where(beyond, np.clip(texture[y, x], 0, 1), printed)

    return painted


def _light(rng: np.random.Generator, size: int) -> Paint:
    """Light that falls off along a direction."""
    angle, fall = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.5)
    direction = np.array([np.cos(angle), np.sin(angle)]) / size

    def lit(places: Points, printed: Grey) -> Grey:
        return printed * np.clip(1 - fall * (0.5 + (places - size / 2) @ direction), 0.2, 1)

    return lit


def _served(picture: npt.NDArray[np.uint8], rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """The picture in a tint, after JPEG or WebP."""
    tinted = np.clip(picture * rng.uniform(0.85, 1.0, 3), 0, 255).astype(np.uint8)
    suffix, quality = (".jpg", cv2.IMWRITE_JPEG_QUALITY) if rng.random() < 0.5 else (".webp", cv2.IMWRITE_WEBP_QUALITY)
    _, encoded = cv2.imencode(suffix, tinted, [quality, int(rng.integers(60, 96))])
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
