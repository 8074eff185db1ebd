"""What fastqr reads on each of many pictures, written down so that a refactoring can be told from a change.

``python -m benchmarks.golden record before.jsonl --data DIR...`` writes one line of JSON a picture: of the rendered
ladders, of drawn pages and of every photograph in the folders. A line holds the symbols that were read, with their
corners to half a pixel, and the trace of the search: each step, the places that it looked at and what became of them.
``python -m benchmarks.golden compare before.jsonl after.jsonl`` says what was lost, gained, moved or otherwise changed,
and with ``--steps`` where a search first went another way; exit status 1 where anything was read otherwise.
"""

from __future__ import annotations

import argparse
import collections
import itertools
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from rich.progress import track

import fastqr
from fastqr.search import PLAN
from fastqr.trace import StepTrace

from .completeness import SECTIONS
from .ladders.climb import picture_on
from .ladders.degradations import LADDERS
from .photographs import UnreadableError, photographs_in
from .readers import Picture

GRID = 0.5  # pixels to which corners are rounded
MOVED = 1.0  # pixels by which a corner may lie elsewhere without being a change
SHORT = 60  # letters of a text that is printed
SAME_CODE = 20.0  # pixels between the centres of two symbols of one text that are one symbol

Line = dict[str, Any]


# Recording ----------------------------------------------------------------------------------------------------------


def pictures(folders: Iterable[Path], *, seed: int, trials: int, pages: int) -> Iterator[tuple[str, Picture]]:
    """Names and pictures, the same for the same seed.

    Parameters
    ----------
    folders : iterable of Path
        Photographs, in the layouts of photographs.py.
    trials, pages : int
        Codes of each step of the ladders, and drawn pages of each kind.
    """
    for ladder in LADDERS:
        for amount in ladder.steps:
            for trial in range(trials):
                yield f"ladder/{ladder.name}/{amount:g}/{trial}", picture_on(ladder, amount, seed, trial)[0]
    for drawing in SECTIONS["pages"].drawings(pages):
        yield f"page/{drawing.name}", drawing.page(seed).picture
    for folder in folders:
        for photo in photographs_in(folder)[0]:
            try:
                yield f"{folder.name}/{photo.name}", photo.pixels()
            except UnreadableError:
                continue


def line_of(name: str, picture: Picture, scanner: fastqr.Scanner) -> Line:
    """What the scanner makes of one picture, and how."""
    search = scanner._searched(picture, PLAN)
    found = [
        {
            "text": symbol.text,
            "quad": _on_grid(symbol.quad),
            "version": symbol.version,
            "level": symbol.ec_level,
            "inverted": symbol.inverted,
            "mirrored": symbol.mirrored,
        }
        for symbol in scanner._symbols(search)
    ]
    return {
        "picture": name,
        "found": found,
        "steps": [_step(step) for step in search.trace.steps],
        "ended": search.trace.ended,
    }


def _step(step: StepTrace) -> dict[str, Any]:
    looks = [{"outcome": look.outcome, "quad": _on_grid(look.quad)} for look in step.looks]
    return {"name": step.name, "skipped": step.skipped, "looks": looks}


def _on_grid(quad: npt.NDArray[Any] | None) -> list[list[float]]:
    return [] if quad is None else (np.round(quad / GRID) * GRID).tolist()


# Comparing ----------------------------------------------------------------------------------------------------------


def differences(before: Line, after: Line, moved: float = MOVED) -> list[tuple[str, str]]:
    """What became of the symbols of one picture: kinds of change and a sentence for each."""
    left = list(after["found"])
    told: list[tuple[str, str]] = []
    for old in before["found"]:
        same = [new for new in left if new["text"] == old["text"] and _distance(old, new, centre=True) < SAME_CODE]
        if not same:
            told.append(("lost", _named(old)))
            continue
        new = min(same, key=lambda other: _distance(old, other))
        left.remove(new)
        facts = [f"{name} {old[name]} → {new[name]}" for name in _FACTS if old[name] != new[name]]
        if facts:
            told.append(("changed", f"{_named(old)}: {', '.join(facts)}"))
        if (distance := _distance(old, new)) > moved:
            told.append(("moved", f"{_named(old)}: by {distance:.1f} pixels"))
    told += [("gained", _named(new)) for new in left]
    for old, new in itertools.zip_longest(before["steps"], after["steps"]):
        if not _same_step(old, new, moved):
            words = _words(old), _words(new)
            told.append(("other steps", f"{words[0]} → {words[1] if words[1] != words[0] else 'elsewhere'}"))
            return told
    if before["ended"] != after["ended"]:
        told.append(("other steps", f"ended: {before['ended']} → {after['ended']}"))
    return told


def _same_step(old: dict[str, Any] | None, new: dict[str, Any] | None, moved: float) -> bool:
    """Whether two steps looked at the same places, and the same became of each."""
    if old is None or new is None:
        return old is new
    if (old["name"], old["skipped"], len(old["looks"])) != (new["name"], new["skipped"], len(new["looks"])):
        return False
    return all(
        a["outcome"] == b["outcome"] and bool(a["quad"]) == bool(b["quad"]) and _distance(a, b) <= moved
        for a, b in zip(old["looks"], new["looks"], strict=True)
    )


def _words(step: dict[str, Any] | None) -> str:
    if step is None:
        return "none"
    if step["skipped"] is not None:
        return f"{step['name']}: left out, {step['skipped']}"
    counts = collections.Counter(look["outcome"] for look in step["looks"])
    return f"{step['name']}: " + (", ".join(f"{number} {outcome}" for outcome, number in counts.items()) or "nothing")


_FACTS = ("version", "level", "inverted", "mirrored")


def _named(symbol: dict[str, Any]) -> str:
    text = symbol["text"]
    return repr(text if len(text) <= SHORT else text[:SHORT] + "…")


def _distance(a: dict[str, Any], b: dict[str, Any], *, centre: bool = False) -> float:
    """Pixels by which corners lie apart, the farthest of them, or the centres."""
    quads = np.array(a["quad"], np.float64).reshape(-1, 2), np.array(b["quad"], np.float64).reshape(-1, 2)
    if not (len(quads[0]) and len(quads[1])):
        return 0.0
    if centre:
        return float(np.linalg.norm(quads[0].mean(0) - quads[1].mean(0)))
    return float(np.linalg.norm(quads[0] - quads[1], axis=1).max())


def compare(
    before: dict[str, Line], after: dict[str, Line], moved: float = MOVED
) -> tuple[list[tuple[str, str, str]], dict[str, collections.Counter[str]]]:
    """All differences as (kind, picture, sentence), and their numbers by the first part of the picture's name."""
    told: list[tuple[str, str, str]] = []
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for picture, old in before.items():
        count = counts[picture.split("/")[0]]
        if picture not in after:
            count["not in both"] += 1
            continue
        count["pictures"] += 1
        count["read before"] += len(old["found"])
        count["read after"] += len(after[picture]["found"])
        for kind, sentence in differences(old, after[picture], moved):
            told.append((kind, picture, sentence))
            count[kind] += 1
    for picture in after.keys() - before.keys():
        counts[picture.split("/")[0]]["not in both"] += 1
    return told, counts


def load(path: Path) -> dict[str, Line]:
    """Lines of a recording by their picture."""
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {line["picture"]: line for line in lines}


# Commands -----------------------------------------------------------------------------------------------------------


def _record(args: argparse.Namespace) -> int:
    cv2.setNumThreads(1)
    scanner = fastqr.Scanner(models=args.models)
    args.recording.parent.mkdir(parents=True, exist_ok=True)
    shown = pictures(args.data, seed=args.seed, trials=args.trials, pages=args.pages)
    with args.recording.open("w", encoding="utf-8") as out:
        for name, picture in track(shown, description="golden", total=None):
            out.write(json.dumps(line_of(name, picture, scanner)) + "\n")
    return 0


def _compare(args: argparse.Namespace) -> int:
    told, counts = compare(load(args.before), load(args.after), args.moved)
    for kind, picture, sentence in sorted(told):
        if kind != "other steps" or args.steps:
            print(f"{kind:12s} {picture}: {sentence}")
    for group, count in counts.items():
        print(f"{group}: " + ", ".join(f"{number} {what}" for what, number in count.items()))
    return 1 if any(kind != "other steps" for kind, _, _ in told) else 0


def main(arguments: list[str] | None = None) -> int:
    """Record or compare; 0 is success, 1 a difference."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.golden", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    recording = commands.add_parser("record", help="write down what is read on each picture")
    recording.add_argument("recording", type=Path, metavar="OUT.jsonl")
    recording.add_argument("--data", type=Path, nargs="+", default=[], metavar="DIR", help="folders of photographs")
    recording.add_argument("--models", metavar="DIR", help="networks instead of the shipped ones")
    recording.add_argument("--seed", type=int, default=1, help="of all that is rendered")
    recording.add_argument("--trials", type=int, default=2, metavar="N", help="codes a step of a ladder")
    recording.add_argument("--pages", type=int, default=10, metavar="N", help="drawn pages of each kind")
    recording.set_defaults(action=_record)
    comparing = commands.add_parser("compare", help="tell what was lost, gained, moved or changed")
    comparing.add_argument("before", type=Path, metavar="A.jsonl")
    comparing.add_argument("after", type=Path, metavar="B.jsonl")
    comparing.add_argument("--moved", type=float, default=MOVED, metavar="PX", help="pixels that are no change")
    comparing.add_argument("--steps", action="store_true", help="list where a search first went another way")
    comparing.set_defaults(action=_compare)
    args = parser.parse_args(arguments)
    status: int = args.action(args)
    return status


if __name__ == "__main__":
    sys.exit(main())
