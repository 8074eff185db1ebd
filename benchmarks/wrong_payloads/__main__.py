from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.progress import track
from rich.table import Table

from .. import machine
from ..photographs import Photograph
from ..report import plain
from . import __doc__ as about
from . import confidence, study

WRONG = 1  # exit status
SHOWN = 20  # wrong payloads that are printed
console = Console()


def main() -> int:
    args = _parser().parse_args()
    began = time.monotonic()
    args.out.mkdir(parents=True, exist_ok=True)
    commit = machine.commit()
    path = args.out / "chunks.jsonl"
    found = study.load(path, commit)
    todo = [task for task in study.tasks(args.seed, args.trials, args.levels, args.kinds) if task not in found]
    with path.open("a") as file:
        file.write("\n")  # ends a line that was cut off
        for chunk in study.run(todo, args.jobs, _tracked_chunks) if todo else ():
            file.write(study.line_of(chunk, commit))
            file.flush()
            found[study.Task(chunk.seed, chunk.level, chunk.kind, chunk.number)] = chunk
    photographs = [read for root in args.photographs for read in confidence.reads_of(root, _tracked_photographs)]

    rows = pd.DataFrame([asdict(chunk) for chunk in found.values()])
    counts = table(rows)
    thresholds = confidence.by_threshold(rows, photographs)
    wrong = [
        row | {"level": c.level, "kind": c.kind, "seed": c.seed, "number": c.number}
        for c in found.values()
        for row in c.wrong
    ]
    report = {
        "commit": commit,
        "machine": machine.machine(),
        "seconds": round(time.monotonic() - began, 1),
        "seeds": sorted(set(rows["seed"].tolist())),
        "kinds": counts.reset_index().to_dict("records"),
        "thresholds": thresholds.reset_index().to_dict("records"),
        "wrong": wrong,
        "photographs": confidence.rows_of(photographs),
    }
    (args.out / "report.json").write_text(json.dumps(plain(report), indent=1, allow_nan=False))
    _print(counts, "trials by level and kind")
    _print(thresholds, "least confidence that is accepted")
    for row in wrong[:SHOWN]:
        where = f"{row['level']}, {row['kind']}, seed {row['seed']}, chunk {row['number']}, trial {row['trial']}"
        console.print(
            f"wrong: {where}: {bytes.fromhex(row['payload'])!r}, confidence {row['confidence']:.2f}", markup=False
        )
    console.print(f"{len(wrong)} wrong payloads in {int(rows['trials'].sum()):,} trials, {report['seconds']} s")
    return WRONG if wrong else 0


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """Counts by level and kind, sums of the levels and of all, and what they bound the share of wrong payloads by."""
    rows = rows.assign(wrong=rows["wrong"].map(len))
    numbers = ["trials", "nothing", "right", "own", "wrong"]
    kinds = rows.groupby(["level", "kind"], sort=False)[numbers].sum()
    levels = rows.groupby("level", sort=False)[numbers].sum()
    sums = {(level, "all"): levels.loc[level] for level in levels.index} | {("all", "all"): rows[numbers].sum()}
    counts = pd.concat([kinds, pd.DataFrame(sums).T.rename_axis(["level", "kind"])]).astype(int)
    # None in n trials: with a confidence of 95 % fewer than 3 in n (the rule of three).
    bound = [
        3 / trials if not wrong else float("nan")
        for trials, wrong in zip(counts["trials"], counts["wrong"], strict=True)
    ]
    return counts.assign(**{"share below": bound})


def _print(frame: pd.DataFrame, title: str) -> None:
    shown = Table(*map(str, frame.index.names), *map(str, frame.columns), title=title, title_justify="left")
    for index, row in frame.iterrows():
        names = index if isinstance(index, tuple) else (index,)
        shown.add_row(*map(str, names), *(_cell(value) for value in row))
    console.print(shown)


def _cell(value: Any) -> str:
    return "–" if pd.isna(value) else f"{value:,.0f}" if float(value).is_integer() else f"{value:.3g}"


def _tracked_chunks(chunks: Iterable[study.Chunk], total: int) -> Iterable[study.Chunk]:
    return track(chunks, total=total, description="trials", console=console)


def _tracked_photographs(photographs: Iterable[Photograph]) -> Iterable[Photograph]:
    return track(list(photographs), description="photographs", console=console)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.wrong_payloads",
        description=about,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--trials",
        type=_positive,
        default=1_000_000,
        metavar="N",
        help="at least; every kind is rounded up to whole chunks",
    )
    add("--jobs", type=_positive, default=2, metavar="N", help="processes")
    add("--seed", type=int, default=1, help="of all trials; other seeds' chunks in the same folder add to the report")
    add("--levels", type=_levels, default=list(study.KINDS), help="comma-separated: modules, corners, picture")
    add("--kinds", type=_kinds, metavar="NAMES", help="comma-separated, as the table names them; all by default")
    add(
        "--photographs", type=Path, nargs="+", default=[], metavar="DIR", help="what more confidence would cost on them"
    )
    add(
        "--out",
        type=Path,
        default=Path("benchmarks/out/wrong_payloads"),
        help="of chunks.jsonl, from which a run that was cut short goes on, and report.json",
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, got {number}")
    return number


def _levels(text: str) -> list[str]:
    return _names(text, list(study.KINDS))


def _kinds(text: str) -> list[str]:
    return _names(text, sorted({kind for kinds in study.KINDS.values() for kind in kinds}))


def _names(text: str, accepted: list[str]) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names or not set(names) <= set(accepted):
        raise argparse.ArgumentTypeError(f"must be among {', '.join(accepted)}, got {text!r}")
    return names


if __name__ == "__main__":
    sys.exit(main())
