"""Scenes in which nothing may be read: ``python -m benchmarks.empty_scenes --scenes 10000 --backgrounds DIR``.

They come from the training's generator, whose symbols have every function pattern in place and coin tosses for data:
what looks most like a code and is none. With ``--bare`` they are the photographs and textures alone, under the same
light and through the same camera. Whatever is read is a false read.
"""

from __future__ import annotations

import argparse
import functools
import multiprocessing
import time
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from rich.progress import track

import fastqr
from fastqr.training.scenes import Scene, make_scene
from fastqr.training.synthesis import degradations as world
from fastqr.training.synthesis.textures import background


def read_scene(
    number: int, *, seed: int, side: int, backgrounds: Path | None, bare: bool
) -> tuple[int, list[str], float]:
    """Symbols without a message in one scene, the texts read all the same, and the milliseconds spent."""
    rng = np.random.default_rng([seed, number])
    scene = Scene(bare_picture(rng, side, backgrounds), []) if bare else make_scene(rng, backgrounds, side)
    start = time.perf_counter()
    texts = [symbol.text for symbol in _scanner().decode(scene.picture)]
    return len(scene.codes), texts, (time.perf_counter() - start) * 1e3


def bare_picture(rng: np.random.Generator, side: int, backgrounds: Path | None) -> npt.NDArray[np.uint8]:
    """A photograph or texture without any symbol, lit, blurred and taken as the training's scenes are."""
    picture = background(rng, int(side * rng.uniform(0.6, 1.0)), side, backgrounds)
    if rng.random() < 0.3:
        picture = world.shaded(picture, rng)
    if rng.random() < 0.12:
        picture = world.glare(picture, rng)
    if rng.random() < 0.05:
        picture = world.moire(picture, rng)
    if rng.random() < 0.25:
        picture = world.defocused(picture, float(rng.uniform(0.3, 2.5)), rng)
    return world.camera(picture, rng)


@functools.cache
def _scanner() -> fastqr.Scanner:
    """Return the scanner of this process."""
    cv2.setNumThreads(1)
    return fastqr.Scanner()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--scenes", type=int, default=10_000)
    parser.add_argument("--side", type=int, default=256, help="longer side of a scene in pixels")
    parser.add_argument("--backgrounds", type=Path, help="folder of photographs without codes; textures without it")
    parser.add_argument("--seed", type=int, default=99, help="of the scenes; the training's seeds are small")
    parser.add_argument("--bare", action="store_true", help="no symbols at all")
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    work = functools.partial(read_scene, seed=args.seed, side=args.side, backgrounds=args.backgrounds, bare=args.bare)
    with multiprocessing.get_context("spawn").Pool(args.processes) as pool:
        rows = list(track(pool.imap_unordered(work, range(args.scenes), chunksize=16), total=args.scenes))
    symbols = sum(row[0] for row in rows)
    false = [text for row in rows for text in row[1]]
    p50, p99 = np.percentile([row[2] for row in rows], [50, 99])
    print(
        f"{args.scenes} scenes with {symbols} symbols without a message: {len(false)} false reads",
        *false[:20],
        sep="\n  ",
    )
    print(f"ms median {p50:.1f}, p99 {p99:.1f}, worst {max(row[2] for row in rows):.1f}")
    raise SystemExit(1 if false else 0)


if __name__ == "__main__":
    main()
