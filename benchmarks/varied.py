"""A small, varied set of pictures on which values are compared: no photograph is shown as it was taken.

Codes on the ladders about the step at which they are lost, small printed pages, scenes whose symbols hold no message,
and photographs that are made smaller, turned, relit and compressed at random. All of it follows from a seed.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fastqr.training.scenes import make_scene

from .changes import change_named, moved_with
from .completeness import judge
from .crew import Outcome
from .ladders.climb import picture_on
from .ladders.degradations import LADDERS
from .photographs import Photograph, Quads, Score, evenly, photographs_in, score
from .readers import Picture
from .scenes.pages import random_page

LONGEST = (300.0, 900.0)  # pixels of a photograph's longer side
PAGE = (0.2, 1.0)  # megapixels
SCENE = 320  # pixels of a scene's longer side
LADDER_STEPS = slice(1, -1)  # the first step everybody climbs, the last nobody


@dataclass(frozen=True)
class VariedPicture:
    """One picture, how many codes can be read in it, and what a reader's texts and quads are worth on it."""

    name: str
    pixels: Picture
    codes: int
    score: Callable[[list[str], list[Quads]], Score]


def varied_pictures(folder: Path | None, *, seed: int = 1, size: int = 1) -> Iterator[VariedPicture]:
    """Give the set: some 50 pictures drawn and, of a folder of photographs, 70; so many times that at a larger size."""
    yield from _on_ladders(seed, size)
    for number in range(15 * size):
        yield _page(f"page/{number}", seed)
    for number in range(8 * size):
        yield _scene(f"scene/{number}", seed)
    if folder is not None:
        with_codes = [photo for photo in photographs_in(folder)[0] if photo.codes]
        yield from _photographs(with_codes, seed, 70 * size)


def _generator(name: str, seed: int) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def _on_ladders(seed: int, size: int) -> Iterator[VariedPicture]:
    """Every step of every ladder but the easiest and the hardest, at amounts between the steps."""
    for ladder in LADDERS:
        steps = ladder.steps[LADDER_STEPS]
        for number in range(3 * size):
            name = f"ladder/{ladder.name}/{number}"
            rng = _generator(name, seed)
            at = float(rng.uniform(0, len(steps) - 1))
            amount = float(np.interp(at, range(len(steps)), steps))
            if ladder.name == "version":
                amount = min(round(amount), 20)
            picture, text = picture_on(ladder, amount, seed, number)
            yield VariedPicture(name, picture, 1, _by_text(text))


def _by_text(text: str) -> Callable[[list[str], list[Quads]], Score]:
    def score_of(texts: list[str], _: list[Quads]) -> Score:
        read = text in texts
        return Score([0] * read, [] if read else [0], [(0, text, got) for got in texts if got != text], [])

    return score_of


def _page(name: str, seed: int) -> VariedPicture:
    page = random_page(_generator(name, seed), megapixels=PAGE, most=20)

    def score_of(texts: list[str], quads: list[Quads]) -> Score:
        return judge(page, Outcome(texts, quads, ms=0.0))

    return VariedPicture(name, page.picture, len(page.codes), score_of)


def _scene(name: str, seed: int) -> VariedPicture:
    """Whatever is read of symbols without a message is wrong."""
    scene = make_scene(_generator(name, seed), None, SCENE)
    return VariedPicture(name, scene.picture, 0, lambda texts, _: Score([], [], [], texts))


def _photographs(photographs: Sequence[Photograph], seed: int, count: int) -> Iterator[VariedPicture]:
    for number, photo in enumerate(evenly(list(photographs), count)):
        name = f"photograph/{number}/{photo.name}"
        rng = _generator(name, seed)
        picture = photo.pixels()
        longest = float(np.exp(rng.uniform(*np.log(LONGEST))))
        names = [f"x{min(1.0, longest / max(picture.shape[:2])):.4f}"]
        turn = rng.choice(["none", "right", "any"], p=[0.3, 0.3, 0.4])
        if turn != "none":
            names.append(f"turn {90 * rng.integers(1, 4) if turn == 'right' else rng.uniform(-180, 180):.1f}")
        names.append(f"gamma {np.exp(rng.uniform(-0.5, 0.5)):.3f}")
        names += [light for light in ("dim", "gradient") if rng.random() < 0.15]
        if rng.random() < 0.1:
            names.append("inverted")
        names.append(f"jpeg {rng.uniform(40, 95):.0f}")
        for change in names:
            picture, matrix = change_named(change).apply(picture)
            photo = moved_with(photo, matrix)
        yield VariedPicture(name, picture, photo.codes, _by_corners(photo))


def _by_corners(photo: Photograph) -> Callable[[list[str], list[Quads]], Score]:
    def score_of(texts: list[str], quads: list[Quads]) -> Score:
        result = score(photo, texts, quads)
        return Score(result.read, result.missed, result.wrong, [])  # not every code of a photograph is marked

    return score_of
