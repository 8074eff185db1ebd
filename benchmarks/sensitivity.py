"""What a third more or less of each setting does: ``python -m benchmarks.sensitivity --data PHOTOGRAPHS``.

Every setting of `fastqr.settings` is made 0.7 and 1.3 times as large, one at a time, on a small varied set of pictures
(varied.py), and codes, wrong payloads, work and processor time are counted. One job on one thread; ``--out`` keeps
every run as a line of JSON and goes on where it was cut off, ``--table docs/settings.md`` rewrites the table there.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
from rich.progress import track

import fastqr
from fastqr.search import PLAN
from fastqr.settings import Description, Settings

from .varied import VariedPicture, varied_pictures

FACTORS = (0.7, 1.3)
BEGIN, END = "<!-- table: python -m benchmarks.sensitivity -->", "<!-- end of the table -->"


@dataclass(frozen=True)
class Outcome:
    """What one run over all pictures read and cost."""

    read: dict[str, int]  # codes of each picture
    wrong: int
    samples: float
    macs: float
    seconds: float  # of the processor


def run(pictures: Iterable[VariedPicture], settings: Settings) -> Outcome:
    """Read every picture once."""
    scanner = fastqr.Scanner(settings=settings)
    read: dict[str, int] = {}
    wrong, samples, macs = 0, 0.0, 0.0
    start = time.process_time()
    for picture in pictures:
        search = scanner._searched(picture.pixels, PLAN)
        symbols = scanner._symbols(search)
        quads = [symbol.quad for symbol in symbols if symbol.quad is not None]
        score = picture.score([symbol.text for symbol in symbols], quads)
        read[picture.name] = len(score.read)
        wrong += len(score.wrong) + len(score.stray)
        samples, macs = samples + search.account.samples, macs + search.account.macs
    return Outcome(read, wrong, samples, macs, time.process_time() - start)


def changed_value(value: float, factor: float, described: Description) -> float:
    """The value times the factor, within what is accepted; whole numbers change by one at least."""
    changed = value * factor
    if isinstance(value, int):
        changed = round(changed)
        if changed == value:
            changed += 1 if factor > 1 else -1
    return min(max(changed, described.least), described.most)


def changes(settings: Settings, only: Sequence[str] = ()) -> Iterator[tuple[str, float, Settings]]:
    """Every setting's name, as ``stage.name``, its changed value, and all settings with it."""
    usual = settings.to_dict()
    for stage, names in Settings.described().items():
        for name, described in names.items():
            if only and not any(f"{stage}.{name}".startswith(start) for start in only):
                continue
            for factor in FACTORS:
                value = changed_value(usual[stage][name], factor, described)
                if value != usual[stage][name]:
                    yield f"{stage}.{name}", value, Settings.from_dict(usual | {stage: usual[stage] | {name: value}})


def compared(before: Outcome, after: Outcome) -> str:
    """Codes lost and gained, wrong payloads and work, in a few letters."""
    lost = sum(max(0, count - after.read[name]) for name, count in before.read.items())
    gained = sum(max(0, count - before.read[name]) for name, count in after.read.items())
    parts = [f"−{lost}" * (lost > 0), f"+{gained}" * (gained > 0), f"{after.wrong} wrong" * (after.wrong > 0)]
    for sign, old, new in (("px", before.samples, after.samples), ("mac", before.macs, after.macs)):
        percent = 100 * (new / old - 1) if old else 0.0
        if abs(percent) >= 1:
            parts.append(f"{percent:+.0f} % {sign}".replace("-", "−"))
    return ", ".join(part for part in parts if part) or "same"


def table(usual: Outcome, runs: dict[str, list[tuple[float, Outcome]]]) -> Iterator[str]:
    """Every setting in a row of Markdown: value, unit, meaning, and what less and more of it did."""
    values = Settings().to_dict()
    for stage, names in Settings.described().items():
        yield f"### {stage}\n"
        yield "| setting | value | unit | what it decides, and why | less | more |"
        yield "|---|---|---|---|---|---|"
        for name, (unit, meaning, _, _) in names.items():
            told = {"less": "", "more": ""}
            for value, outcome in runs.get(f"{stage}.{name}", []):
                side = "less" if value < values[stage][name] else "more"
                told[side] = f"{value:.4g}: {compared(usual, outcome)}"
            yield f"| `{name}` | {values[stage][name]:.6g} | {unit} | {meaning} | {told['less']} | {told['more']} |"
        yield ""


def main(arguments: list[str] | None = None) -> int:
    """Measure, and print or rewrite the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sensitivity", description=__doc__)
    parser.add_argument("--data", type=Path, metavar="DIR", help="photographs whose codes are known")
    parser.add_argument("--seed", type=int, default=1, help="of all pictures")
    parser.add_argument("--size", type=int, default=1, metavar="N", help="times the usual number of pictures")
    parser.add_argument("--only", nargs="*", default=[], metavar="STAGE.NAME", help="beginnings of settings' names")
    parser.add_argument("--out", type=Path, metavar="RUNS.jsonl", help="where runs are kept, and found again")
    parser.add_argument("--table", type=Path, metavar="DOC.md", help="a file whose table is rewritten")
    args = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    kept: dict[tuple[str, float], Outcome] = {}
    if args.out and args.out.exists():
        for line in args.out.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            kept[entry["setting"], entry["value"]] = Outcome(**entry["outcome"])
    pictures = list(varied_pictures(args.data, seed=args.seed, size=args.size))

    def outcome_of(name: str, value: float, settings: Settings) -> Outcome:
        if (name, value) not in kept:
            kept[name, value] = run(pictures, settings)
            if args.out:
                with args.out.open("a", encoding="utf-8") as out:
                    out.write(json.dumps({"setting": name, "value": value, "outcome": vars(kept[name, value])}) + "\n")
        return kept[name, value]

    usual = outcome_of("usual", 0.0, Settings())
    runs: dict[str, list[tuple[float, Outcome]]] = {}
    for name, value, settings in track(list(changes(Settings(), args.only)), description="settings"):
        runs.setdefault(name, []).append((value, outcome_of(name, value, settings)))
    codes, read = sum(picture.codes for picture in pictures), sum(usual.read.values())
    lines = [
        f"{len(pictures)} pictures, {codes} codes marked, {read} read, {usual.wrong} wrong; "
        f"{usual.samples / 1e6:.0f} million grey values, {usual.macs / 1e9:.0f} billion multiply-accumulates, "
        f"{usual.seconds:.1f} s of one processor core.",
        "",
        *table(usual, runs),
    ]
    text = os.linesep.join(lines)
    if args.table is None:
        print(text)
    else:
        before, after = args.table.read_text(encoding="utf-8").split(BEGIN)
        args.table.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after.split(END)[1]}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
