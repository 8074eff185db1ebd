"""One scanner, many threads, the same results: ``python -m benchmarks.threads --frames 10000``.

Every frame is read by one thread alone, and then all of them by many threads at once with the same scanner. Payload,
quad, confidence and every other number have to be equal to the last bit.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import numpy.typing as npt
from rich.progress import track

import fastqr

from .ladders.rendering import Code, Scene, random_code, render

Picture = npt.NDArray[np.uint8]
Facts = list[tuple[object, ...]]

BLOCK = 250  # frames that are held at a time
EMPTY = 0.1  # share of frames without a code


def frame(number: int, seed: int) -> Picture:
    """A small frame, the same for each number: a code of version 1 to 5, sharp to hopeless, or none."""
    rng = np.random.default_rng([seed, number])
    blank = Code("", np.zeros((25, 25), np.bool_))
    scene = Scene(
        blank if rng.random() < EMPTY else random_code(rng, int(rng.integers(1, 6)), str(rng.choice(list("LMQH")))),
        pixels_per_module=float(rng.uniform(1.5, 4)),
        degrees=float(rng.uniform(0, 360)),
        tilt=float(rng.uniform(0, 55)),
        tilt_axis=float(rng.uniform(0, 360)),
        noise=float(rng.uniform(1, 40)) / 255,
        contrast=float(rng.uniform(0.1, 1)),
    )
    picture = cv2.GaussianBlur(render(scene, rng), (0, 0), float(rng.uniform(0.3, 1.8)))
    return np.asarray(picture, np.uint8)


def facts(symbols: list[fastqr.Symbol]) -> Facts:
    """All that a result says, in a form that compares exactly."""
    return [
        (
            *(symbol.text, symbol.data, symbol.version, symbol.ec_level, symbol.mask, symbol.confidence),
            *(symbol.corrected_codewords, symbol.erased_codewords, symbol.inverted, symbol.mirrored),
            *(None if points is None else points.tobytes() for points in (symbol.quad, symbol.landmarks)),
            symbol.modules.tobytes(),
        )
        for symbol in symbols
    ]


def differences(pictures: list[Picture], scanner: fastqr.Scanner, pool: ThreadPoolExecutor) -> tuple[int, list[int]]:
    """How many symbols one thread reads, and the indices of pictures that threads side by side read otherwise."""
    alone = [facts(scanner.decode(picture)) for picture in pictures]
    together = pool.map(lambda picture: facts(scanner.decode(picture)), pictures)
    return sum(map(len, alone)), [i for i, (a, b) in enumerate(zip(alone, together, strict=True)) if a != b]


def blocks(frames: int) -> Iterator[range]:
    return (range(first, min(first + BLOCK, frames)) for first in range(0, frames, BLOCK))


def main(arguments: list[str] | None = None) -> int:
    """Compare, print what was seen, and return 1 where anything differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--seed", type=int, default=8)
    args = parser.parse_args(arguments)
    scanner = fastqr.Scanner()
    wall, cpu = time.perf_counter(), time.process_time()
    symbols, other = 0, []
    with ThreadPoolExecutor(args.threads) as pool:
        for numbers in track(list(blocks(args.frames)), description="frames"):
            read, differ = differences([frame(number, args.seed) for number in numbers], scanner, pool)
            symbols += read
            other += [numbers[i] for i in differ]
    print(
        f"{args.frames} frames, {symbols} symbols by one thread; {len(other)} frames that {args.threads} threads read "
        f"otherwise; {time.process_time() - cpu:.0f} CPU seconds, {time.perf_counter() - wall:.0f} seconds"
    )
    if other:
        print("frames:", *other[:20])
    return 1 if other else 0


if __name__ == "__main__":
    raise SystemExit(main())
