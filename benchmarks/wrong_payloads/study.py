"""Trials in chunks: each is the same wherever and whenever it is run, and chunks of several runs add up."""

from __future__ import annotations

import functools
import json
import multiprocessing
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import cv2
import numpy as np

import fastqr
from fastqr import _core

from . import formats, modules, pictures

Read: TypeAlias = list[tuple[bytes, float]]  # payloads and confidences

CHUNK = {"modules": 1000, "corners": 50, "picture": 50}
SHARES = {"modules": 0.9, "corners": 0.06, "picture": 0.04}  # of all trials; a look at a picture takes ten times longer
OF_MODULES = modules.KINDS | formats.KINDS
KINDS: dict[str, list[str]] = {
    "modules": list(OF_MODULES),
    "corners": list(pictures.KINDS),
    "picture": list(pictures.KINDS),
}
KEPT = 1000  # wrong payloads of a chunk that are written down in full


@dataclass(frozen=True)
class Task:
    """Trials of one level and kind; `number` tells the chunks of a seed apart."""

    seed: int
    level: str
    kind: str
    number: int

    def run(self) -> Chunk:
        """Make the trials, read each, and count."""
        rng = np.random.default_rng([self.seed, self.number, *self.level.encode(), 0, *self.kind.encode()])
        chunk = Chunk(**asdict(self))
        attempt: Callable[[np.random.Generator], tuple[Read, frozenset[bytes], frozenset[bytes]]]
        attempt = functools.partial(ATTEMPTS[self.level], self.kind)
        for _ in range(CHUNK[self.level]):
            chunk.add(*attempt(rng))
        return chunk


@dataclass
class Chunk:
    """What came of one task."""

    seed: int
    level: str
    kind: str
    number: int
    trials: int = 0
    nothing: int = 0  # trials in which nothing was read
    right: int = 0  # payloads of what the trial was made of
    own: int = 0  # payloads of mixtures that are symbols themselves
    right_by_confidence: list[int] = field(default_factory=lambda: [0] * 101)  # in hundredths
    wrong: list[dict[str, Any]] = field(default_factory=list)

    def add(self, read: Read, allowed: frozenset[bytes], own: frozenset[bytes]) -> None:
        """Count one trial."""
        self.nothing += not read
        for payload, confidence in read:
            if payload in allowed:
                self.right += 1
                self.right_by_confidence[int(100 * confidence)] += 1
            elif payload in own:
                self.own += 1
            elif len(self.wrong) < KEPT:
                texts = sorted(text.hex() for text in allowed)
                row = {"trial": self.trials, "confidence": confidence, "payload": payload.hex(), "allowed": texts}
                self.wrong.append(row)
        self.trials += 1


# The three ways to read ---------------------------------------------------------------------------------------------


def _modules(kind: str, rng: np.random.Generator) -> tuple[Read, frozenset[bytes], frozenset[bytes]]:
    made = OF_MODULES[kind](rng)
    record = _core.decode_modules(made.dark)
    read = [] if record is None else [(b"".join(data for _, _, data in record.segments), record.confidence)]
    return read, made.allowed, made.own


def _corners(kind: str, rng: np.random.Generator) -> tuple[Read, frozenset[bytes], frozenset[bytes]]:
    shot = pictures.KINDS[kind](rng)
    symbol = _scanner().decode_quad(shot.picture, shot.corners)
    return [] if symbol is None else [(symbol.data, symbol.confidence)], shot.allowed, modules.NOTHING


def _picture(kind: str, rng: np.random.Generator) -> tuple[Read, frozenset[bytes], frozenset[bytes]]:
    shot = pictures.KINDS[kind](rng)
    symbols = _scanner().decode(shot.picture)
    return [(symbol.data, symbol.confidence) for symbol in symbols], shot.allowed, modules.NOTHING


ATTEMPTS = {"modules": _modules, "corners": _corners, "picture": _picture}


@functools.cache
def _scanner() -> fastqr.Scanner:
    """Return the scanner of this process."""
    cv2.setNumThreads(1)
    return fastqr.Scanner()


# All of them --------------------------------------------------------------------------------------------------------


def tasks(
    seed: int, trials: int, levels: Iterable[str] = tuple(KINDS), kinds: Container[str] | None = None
) -> list[Task]:
    """Chunks of at least so many trials, shared among the levels and evenly among each level's kinds."""
    chosen = {level: [kind for kind in KINDS[level] if kinds is None or kind in kinds] for level in levels}
    chosen = {level: names for level, names in chosen.items() if names}
    whole = sum(SHARES[level] for level in chosen)
    found = []
    for level, names in chosen.items():
        of_kind = trials * SHARES[level] / whole / len(names)
        chunks = max(1, int(np.ceil(of_kind / CHUNK[level])))
        found += [Task(seed, level, kind, number) for number in range(chunks) for kind in names]
    return found


def run(todo: list[Task], jobs: int, track: Callable[[Iterable[Chunk], int], Iterable[Chunk]]) -> Iterator[Chunk]:
    """Run tasks in processes; `track` may show how far they are."""
    # What takes longest first, so that no process waits for another at the end.
    ordered = sorted(todo, key=lambda task: (task.level == "modules", task.number))
    with multiprocessing.get_context("spawn").Pool(jobs) as pool:
        yield from track(pool.imap_unordered(Task.run, ordered), len(ordered))


# What was found before ----------------------------------------------------------------------------------------------


def load(path: Path, commit: str | None) -> dict[Task, Chunk]:
    """Chunks that were written for a commit, by their tasks; a line that was cut off counts for nothing."""
    found: dict[Task, Chunk] = {}
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if row.pop("commit") == commit:
            chunk = Chunk(**row)
            found[Task(chunk.seed, chunk.level, chunk.kind, chunk.number)] = chunk
    return found


def line_of(chunk: Chunk, commit: str | None) -> str:
    """Return the line that `load` reads."""
    return json.dumps({"commit": commit, **asdict(chunk)}, separators=(",", ":")) + "\n"
