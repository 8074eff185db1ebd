"""The ladders: what grows worse, in which steps, and how it is applied to a clean scene."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from .rendering import Code, Develop, Grey, Paint, Points, Scene, random_code

Apply = Callable[[Scene, float, np.random.Generator], Scene]

VERSION = 4  # of the codes on all ladders but one: 33 modules, one alignment pattern
TURN = 10.0  # degrees that a code may lie off upright


@dataclass(frozen=True)
class Ladder:
    """One degradation: its steps from harmless to hopeless, in its unit."""

    name: str
    unit: str
    steps: tuple[float, ...]
    apply: Apply


def scene_on(ladder: Ladder, amount: float, rng: np.random.Generator) -> Scene:
    """The scene of one step; with equal seeds, steps differ in the amount alone."""
    version = int(amount) if ladder.name == "version" else VERSION
    code: Code = random_code(rng, version)
    clean = Scene(code, degrees=float(rng.uniform(-TURN, TURN)))
    return ladder.apply(clean, amount, rng)


def _pixels_per_module(scene: Scene, amount: float, rng: np.random.Generator) -> Scene:
    return replace(scene, pixels_per_module=amount)


def _version(scene: Scene, amount: float, rng: np.random.Generator) -> Scene:
    return replace(scene, pixels_per_module=4.0)


def _noise(scene: Scene, amount: float, rng: np.random.Generator) -> Scene:
    return replace(scene, noise=amount / 255)


def _contrast(scene: Scene, amount: float, rng: np.random.Generator) -> Scene:
    return replace(scene, contrast=amount)


def _tilt(scene: Scene, amount: float, rng: np.random.Generator) -> Scene:
    return replace(scene, tilt=amount, tilt_axis=float(rng.uniform(0, 360)))


def _dots(scene: Scene, amount: float, rng: np.random.Generator) -> Scene:
    return replace(scene, dot=amount)


# Optics -------------------------------------------------------------------------------------------------------------


def _defocus(scene: Scene, amount: float, rng: np.random.Generator) -> Scene:
    """A disc, as an open aperture draws each point."""
    radius = amount * scene.pixels_per_module
    return replace(scene, develop=[_filtered(_drawn_kernel(radius, lambda x, y: np.hypot(x, y) <= radius))])


def _motion(scene: Scene, amount: float, rng: np.random.Generator) -> Scene:
    """A line of one pixel's width in any direction."""
    length, angle = amount * scene.pixels_per_module, rng.uniform(0, np.pi)
    along = np.array([np.cos(angle), np.sin(angle)])

    def on_line(x: Grey, y: Grey) -> npt.NDArray[np.bool_]:
        return (np.abs(x * along[0] + y * along[1]) <= length / 2) & (np.abs(y * along[0] - x * along[1]) <= 0.5)

    return replace(scene, develop=[_filtered(_drawn_kernel(length / 2, on_line))])


def _drawn_kernel(reach: float, inside: Callable[[Grey, Grey], npt.NDArray[np.bool_]]) -> Grey:
    """A blur of a shape in pixels, each pixel's share found by 8 x 8 looks."""
    half = int(np.ceil(reach + 0.5))
    ticks = (np.arange((2 * half + 1) * 8) + 0.5) / 8 - half - 0.5
    shape = inside(*np.meshgrid(ticks, ticks)).astype(np.float64)
    kernel: Grey = shape.reshape(2 * half + 1, 8, 2 * half + 1, 8).mean((1, 3))
    return kernel / kernel.sum()


def _filtered(kernel: Grey) -> Develop:
    return lambda picture: cv2.filter2D(picture, -1, kernel, borderType=cv2.BORDER_REPLICATE)


# The sheet ----------------------------------------------------------------------------------------------------------


def _curvature(scene: Scene, amount: float, rng: np.random.Generator) -> Scene:
    """Around a cylinder, of which the symbol takes `amount` degrees, its axis in any direction."""
    arc, angle = np.radians(amount), rng.uniform(0, np.pi)
    if arc == 0:
        return scene
    radius = scene.code.size / arc
    across = np.array([np.cos(angle), np.sin(angle)])

    def bend(places: Points) -> Points:
        off_axis = places @ across
        visible = np.abs(off_axis) < radius
        unrolled = radius * np.arcsin(np.clip(off_axis / radius, -1, 1))
        moved = places + (unrolled - off_axis)[..., None] * across
        return np.where(visible[..., None], moved, 1e6)  # beyond the horizon lies the table

    return replace(scene, bend=bend)


def _wrinkle(scene: Scene, amount: float, rng: np.random.Generator) -> Scene:
    """Waves of 6 to 14 modules in all directions that move each place by `amount` modules, root mean square."""
    waves = 6
    angles, phases = rng.uniform(0, 2 * np.pi, waves), rng.uniform(0, 2 * np.pi, (waves, 2))
    lengths = rng.uniform(6, 14, waves)
    directions = np.stack([np.cos(angles), np.sin(angles)], axis=-1) * (2 * np.pi / lengths)[:, None]

    def bend(places: Points) -> Points:
        moved = places.copy()
        for direction, phase in zip(directions, phases, strict=True):
            moved += amount / np.sqrt(waves) * np.sin((places @ direction)[..., None] + phase)
        return moved

    return replace(scene, bend=bend)


# What lies on it ----------------------------------------------------------------------------------------------------


def _occlusion(scene: Scene, amount: float, rng: np.random.Generator) -> Scene:
    """A disc over `amount` of the symbol's area, in any grey, as far from the finder patterns as it gets."""
    size = scene.code.size
    radius = size * np.sqrt(amount / np.pi)
    centre = size * np.array([0.58, 0.58]) + rng.uniform(-2, 2, 2)
    shade = float(rng.uniform(0.2, 0.8))
    return replace(scene, paint=[_covered(lambda at: np.linalg.norm(at - centre, axis=-1) <= radius, shade)])


def _covered_finder(scene: Scene, amount: float, rng: np.random.Generator) -> Scene:
    """A straight edge over `amount` of one finder pattern's width, from two modules outside of it."""
    size, depth = scene.code.size, 7 * amount
    corner, along_x = int(rng.integers(3)), bool(rng.integers(2))
    right, bottom = corner == 1, corner == 2

    def under(at: Points) -> npt.NDArray[np.bool_]:
        x = size - at[..., 0] if right else at[..., 0]
        y = size - at[..., 1] if bottom else at[..., 1]
        across, along = (x, y) if along_x else (y, x)
        return (across < depth) & (across > -2) & (along > -2) & (along < 8)

    return replace(scene, paint=[_covered(under, 0.5)])


def _covered(under: Callable[[Points], npt.NDArray[np.bool_]], shade: float) -> Paint:
    return lambda places, printed: np.where(under(places), shade, printed)


# Light --------------------------------------------------------------------------------------------------------------


def _glare(scene: Scene, amount: float, rng: np.random.Generator) -> Scene:
    """A lamp's reflection, white to a radius of `amount` sides, gone at one and a half of that."""
    size = scene.code.size
    centre, radius = size * rng.uniform(0.35, 0.75, 2), size * amount

    def lit(places: Points, printed: Grey) -> Grey:
        share = np.clip((1.5 * radius - np.linalg.norm(places - centre, axis=-1)) / (0.5 * radius), 0, 1)
        return printed + (1 - printed) * share

    return replace(scene, paint=[lit] if amount else [])


def _shadow(scene: Scene, amount: float, rng: np.random.Generator) -> Scene:
    """Half of the symbol in a shadow with an edge of one module, in which `amount` of the light is left."""
    size, angle = scene.code.size, rng.uniform(0, 2 * np.pi)
    normal = np.array([np.cos(angle), np.sin(angle)])
    edge = size / 2 * normal.sum() + rng.uniform(-0.15, 0.15) * size

    def shaded(places: Points, printed: Grey) -> Grey:
        share = np.clip(places @ normal - edge + 0.5, 0, 1)
        return printed * (1 - (1 - amount) * share)

    return replace(scene, paint=[shaded])


LADDERS: tuple[Ladder, ...] = (
    Ladder("pixels per module", "px", (6, 4, 3, 2.5, 2, 1.75, 1.5, 1.25, 1), _pixels_per_module),
    Ladder("defocus", "modules radius", (0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75, 2), _defocus),
    Ladder("motion", "modules length", (0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4), _motion),
    Ladder("noise", "grey levels", (10, 20, 40, 60, 80, 110, 150, 200), _noise),
    Ladder("contrast", "of the range", (0.5, 0.3, 0.2, 0.1, 0.06, 0.04, 0.02, 0.01), _contrast),
    Ladder("tilt", "degrees", (15, 30, 40, 50, 57, 64, 70, 75), _tilt),
    Ladder("curvature", "degrees of arc", (20, 50, 80, 110, 130, 145, 160, 170), _curvature),
    Ladder("wrinkle", "modules rms", (0.1, 0.2, 0.35, 0.5, 0.7, 1, 1.3, 1.7), _wrinkle),
    Ladder("occlusion", "of the area", (0.02, 0.05, 0.08, 0.11, 0.14, 0.17, 0.2, 0.25), _occlusion),
    Ladder("covered finder", "of its width", (0, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 1), _covered_finder),
    Ladder("glare", "sides radius", (0.05, 0.1, 0.13, 0.16, 0.19, 0.22, 0.26, 0.3), _glare),
    Ladder("shadow", "of the light left", (0.5, 0.3, 0.2, 0.12, 0.08, 0.05, 0.03, 0.02), _shadow),
    Ladder("dots", "modules diameter", (1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3), _dots),
    Ladder("version", "", (2, 7, 10, 15, 20, 25, 30, 35, 40), _version),
)
