"""What the scanner is given: pictures, the corners of the place to look at, and the payloads that may be read there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from fastqr.training.scenes import make_scene
from fastqr.training.synthesis import degradations as world
from fastqr.training.synthesis.textures import background

from ..empty_scenes import bare_picture
from . import formats, modules
from .modules import NOTHING, Generator, cut
from .patterns import other_symbology, power_noise
from .symbols import random_symbol, two_symbols

Grey: TypeAlias = npt.NDArray[np.float32]  # 0 dark to 1 light
Quad: TypeAlias = npt.NDArray[np.float32]  # 4x2

VERSIONS = (1, 6)  # of the symbols that are drawn: larger ones take longer and are no other
FORMAT_VERSIONS = (1, 10)  # of those whose format is changed: levels are near one another up to here, mostly
SMALL, LARGE = 64, 160  # sides of a picture without a symbol, in pixels
SCENE = 128  # the same of a scene
QUIET = 4  # modules


@dataclass(frozen=True)
class Shot:
    """A picture and the place that is looked at. Any payload but those that are allowed is a wrong one."""

    picture: npt.NDArray[np.uint8]
    corners: Quad
    allowed: frozenset[bytes]


# No symbol ----------------------------------------------------------------------------------------------------------


def noise(rng: Generator) -> Shot:
    """Noise of any spectrum, in two levels or in greys."""
    height, width = (int(side) for side in rng.integers(SMALL, LARGE, 2))
    field = power_noise(rng, (height, width), float(rng.choice([0.0, 0.5, 1.0, 2.0])))
    grain = int(rng.choice([1, 1, 2, 4]))
    field = np.kron(field, np.ones((grain, grain)))[:height, :width]
    grey = (field > 0) * 1.0 if rng.random() < 0.5 else np.clip(0.5 + 0.25 * field, 0, 1)
    return Shot(world.camera(grey.astype(np.float32), rng), _any_corners(rng, height, width), NOTHING)


def other_symbologies(rng: Generator) -> Shot:
    """Another symbology before a texture, tilted and taken by a camera."""
    drawn = other_symbology(rng)
    pixels = rng.uniform(60, 160) / max(drawn.shape)
    grey, corners = _before_a_texture(drawn.astype(np.float32) / 255, max(0.7, pixels), rng)
    return Shot(world.camera(grey, rng), corners, NOTHING)


def without_message(rng: Generator) -> Shot:
    """A scene of symbols with every function pattern in place and coin tosses for data."""
    scene = make_scene(rng, None, SCENE)
    height, width = scene.picture.shape
    corners = scene.codes[0].quad if scene.codes else _any_corners(rng, height, width)
    return Shot(scene.picture, corners, NOTHING)


def bare(rng: Generator) -> Shot:
    """A scene without any symbol."""
    picture = bare_picture(rng, SCENE, None)
    return Shot(picture, _any_corners(rng, *picture.shape), NOTHING)


# Damage -------------------------------------------------------------------------------------------------------------


def _damaged(damage: Callable[[Generator], modules.Modules]) -> Callable[[Generator], Shot]:
    """Print what one of the module level's kinds makes of a symbol, in greys where it is in doubt."""

    def shot(rng: Generator) -> Shot:
        made = damage(rng)
        while len(made.dark) > 17 + 4 * VERSIONS[1]:
            made = damage(rng)
        grey, corners = _photographed(1 - np.nan_to_num(made.dark, nan=0.5), rng)
        return Shot(world.camera(grey, rng), corners, made.allowed)

    return shot


def format_changed(rng: Generator) -> Shot:
    """Print a symbol whose format information is lost, another level's, or fits two."""
    kinds = list(formats.KINDS.values())
    made = kinds[rng.integers(len(kinds))](rng, FORMAT_VERSIONS)
    grey, corners = _photographed(1 - np.nan_to_num(made.dark, nan=0.5), rng)
    return Shot(world.camera(grey, rng), corners, made.allowed)


def covered(rng: Generator) -> Shot:
    """Something lies on the picture, and it is scratched and dirty."""
    whole = random_symbol(rng, VERSIONS)
    grey, corners = _photographed(1 - whole.modules.astype(np.float32), rng)
    for _ in range(int(rng.integers(1, 4))):
        grey = world.occluded(grey, rng) if rng.random() < 0.6 else world.worn(grey, rng)
    return Shot(world.camera(grey, rng), corners, frozenset({whole.payload}))


def blurred(rng: Generator) -> Shot:
    """Out of focus, moved, or under a gleam, past what can be read."""
    whole = random_symbol(rng, VERSIONS)
    grey, corners = _photographed(1 - whole.modules.astype(np.float32), rng)
    pixels = float(np.linalg.norm(corners[1] - corners[0])) / len(whole.modules)
    kind = rng.random()
    if kind < 0.4:
        grey = world.defocused(grey, pixels * float(rng.uniform(0.4, 1.5)), rng)
    elif kind < 0.8:
        grey = world.moved(grey, pixels * float(rng.uniform(1, 5)), rng)
    else:
        grey = world.glare(world.glare(grey, rng), rng)
    return Shot(world.camera(grey, rng), corners, frozenset({whole.payload}))


def burst(rng: Generator) -> Shot:
    """A band across the picture is noise, or is another part of the picture: a frame torn while it was read out."""
    whole = random_symbol(rng, VERSIONS)
    grey, corners = _photographed(1 - whole.modules.astype(np.float32), rng)
    height = len(grey)
    band = int(height * rng.uniform(0.08, 0.5))
    top = int(rng.integers(height - band))
    if rng.random() < 0.5:
        grey[top : top + band] = rng.random((band, grey.shape[1]), np.float32)
    else:
        grey[top : top + band] = np.roll(grey, int(rng.integers(1, grey.shape[1])), 1)[top : top + band]
    return Shot(world.camera(grey, rng), corners, frozenset({whole.payload}))


# Mixtures of two ----------------------------------------------------------------------------------------------------


def halves(rng: Generator) -> Shot:
    """One symbol's picture on one side of a line, another's on the other, at the same place."""
    first, second = two_symbols(rng, VERSIONS)
    seed = rng.integers(2**32)
    left, corners = _photographed(1 - first.modules.astype(np.float32), np.random.default_rng(seed))
    right, _ = _photographed(1 - second.modules.astype(np.float32), np.random.default_rng(seed))
    if rng.random() < 0.3:  # not quite at the same place
        right = np.roll(right, rng.integers(-6, 7, 2), (0, 1))
    grey = np.where(cut(rng, left.shape), left, right).astype(np.float32)
    return Shot(world.camera(grey, rng), corners, frozenset({first.payload, second.payload}))


# How they are seen --------------------------------------------------------------------------------------------------


def _photographed(light: Grey, rng: Generator) -> tuple[Grey, Quad]:
    """A symbol with its quiet zone before a texture, and its corners there."""
    return _before_a_texture(light, float(rng.uniform(2.5, 5)), rng, quiet=QUIET)


def _before_a_texture(light: Grey, pixels: float, rng: Generator, quiet: int = 0) -> tuple[Grey, Quad]:
    """Lay a drawing, turned and tilted, before a texture."""
    fine = 4  # pixels a module before it is seen
    drawing = np.kron(np.pad(light, quiet, constant_values=1.0), np.ones((fine, fine), np.float32))
    tall, wide = drawing.shape
    extent = np.array([wide, tall]) / fine * pixels
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * extent / 2 * rng.uniform(0.85, 1.0, (4, 1)) @ turn
    room = np.ceil(np.ptp(square, axis=0) + rng.uniform(4, 20, 2)).astype(int)
    target = square - square.min(0) + (room - np.ptp(square, axis=0)) / 2
    source = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], np.float32)
    to_picture = cv2.getPerspectiveTransform(source, target.astype(np.float32))
    size = (int(room[0]), int(room[1]))
    smooth = cv2.GaussianBlur(drawing, (0, 0), max(0.3, 0.5 * fine / pixels))
    seen = cv2.warpPerspective(smooth, to_picture, size, flags=cv2.INTER_LINEAR)
    cover = cv2.warpPerspective(np.ones_like(drawing), to_picture, size, flags=cv2.INTER_LINEAR)
    ink, paper = rng.uniform(0, 0.3), rng.uniform(0.6, 1.0)
    ground = background(rng, size[1], size[0], None)
    grey = ground * (1 - cover) + (ink + (paper - ink) * seen) * cover
    inset = quiet * fine
    inner = np.array(
        [[inset, inset], [wide - inset, inset], [wide - inset, tall - inset], [inset, tall - inset]], np.float32
    )
    corners = cv2.perspectiveTransform(inner[None], to_picture)[0]
    return grey.astype(np.float32), np.asarray(corners, np.float32)


def _any_corners(rng: Generator, height: int, width: int) -> Quad:
    """A quadrilateral somewhere in a picture, as wide as half of it or more."""
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]) + rng.uniform(-0.1, 0.1, (4, 2))
    share = rng.uniform(0.5, 0.9)
    return ((corners * share + rng.uniform(0, 1 - share, 2)) * (width, height)).astype(np.float32)


KINDS: dict[str, Callable[[Generator], Shot]] = {
    "noise": noise,
    "patterns without a message": without_message,
    "no symbol": bare,
    "other symbologies": other_symbologies,
    "codewords wrong": _damaged(modules.codewords_wrong),
    "modules flipped": _damaged(modules.modules_flipped),
    "burst": burst,
    "format changed": format_changed,
    "covered": covered,
    "blurred": blurred,
    "halves of two": halves,
    "codewords of two": _damaged(modules.codewords_of_two),
}
