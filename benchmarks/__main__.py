"""The benchmark suite's command line: ``python -m benchmarks --help``."""

from __future__ import annotations

import argparse
import dataclasses
import functools
import shlex
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import pandas as pd
from rich.console import Console
from rich.table import Table

from . import changes, compare, completeness, environments, latency, micro, page, read_rate, report, stages, video
from .crew import Crew
from .ladders import climb
from .ladders.degradations import LADDERS
from .readers import READERS, Options

QUICK_SECONDS = {
    "read_rate": 25.0,
    "pages": 8.0,
    "changes": 10.0,
    "ladders": 12.0,
    "latency": 35.0,
}  # in all two minutes
QUICK_OTHER_SECONDS = 10.0  # of a section that a quick run has only where it is asked for
QUICK_PICTURES = 32  # two of each category of the public benchmark
QUICK_LIMIT_S = 3.0
QUICK_TRIALS = 2
QUICK_EFFORT = latency.Effort(pictures=16, bare=8, frames=50, repeats=2, starts=1, throughput_s=0.3)
FAILED, MISUSED = 1, 2

console = Console(width=None if sys.stdout.isatty() else 200)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 is success, 1 a regression, 2 an error."""
    args = _parser().parse_args(arguments)
    try:
        status: int = args.action(args)
    except (report.ReportError, micro.MicroError, ValueError, OSError) as error:
        console.print(f"[red]{error}")
        return MISUSED
    return status


# Commands -----------------------------------------------------------------------------------------------------------


def run(args: argparse.Namespace) -> int:
    """Measure the sections asked for and write report.json and report.html."""
    began = time.monotonic()
    cv2.setNumThreads(1)
    made = report.begin("python -m benchmarks " + shlex.join(sys.argv[1:]))
    sections: list[str] = args.sections or ([*QUICK_SECONDS, "micro"] if args.quick else list(report.SECTIONS))
    if "read_rate" in sections and not (args.data or args.negatives):
        raise ValueError("the read rate needs photographs: give --data or --negatives")
    for section in ("changes", "stages"):
        if section in sections and not args.data:
            raise ValueError(f"{section} are measured on photographs: give --data, or name other --sections")
    with _crew(args) as crew:
        made["readers"] = crew.described()
        for name, reason in crew.absent.items():
            console.print(f"[yellow]{name} is absent:[/] {reason}")
        measures: dict[str, Callable[[], dict[str, object]]] = {
            "read_rate": lambda: _read_rate(args, crew),
            "stages": lambda: _stages(args),
            **{name: functools.partial(_drawn, args, crew, name) for name in completeness.SECTIONS},
            "changes": lambda: _changes(args, crew),
            "ladders": lambda: _ladders(args, crew),
            "latency": lambda: _latency(args, crew),
            "video": lambda: video.measure(
                crew, seed=args.seed, frames=args.film_frames, seconds=_seconds(args, "video")
            ),
            "micro": lambda: micro.measure(quick=args.quick),
        }
        for section in sections:
            made[section] = measures[section]()
            report.write(made, args.out, began)  # what is done is kept, whatever happens next
    _show(made)
    path = report.write(made, args.out, began)
    console.print(path, page.write(made, args.out / "report.html"), sep="\n")
    return 0


def _crew(args: argparse.Namespace) -> Crew:
    pythons = {name: str(Path(path).absolute()) for name, _, path in (pair.partition("=") for pair in args.python)}
    options = Options(args.models, args.threads, args.wechat_models)
    limit = min(args.limit, QUICK_LIMIT_S) if args.quick else args.limit
    names = [] if args.sections and set(args.sections) <= {"micro", "stages"} else args.readers
    return Crew(names, pythons, options, limit)


def _read_rate(args: argparse.Namespace, crew: Crew) -> dict[str, object]:
    pictures = min(args.pictures or QUICK_PICTURES, QUICK_PICTURES) if args.quick else args.pictures
    seconds = _seconds(args, "read_rate")
    return read_rate.measure(
        args.data, args.negatives, crew, pictures=pictures, explain=not args.quick, seconds=seconds
    )


def _stages(args: argparse.Namespace) -> dict[str, object]:
    pictures = min(args.pictures or QUICK_PICTURES, QUICK_PICTURES) if args.quick else args.pictures
    return stages.measure(
        args.data, models=args.models, threads=args.threads, pictures=pictures, seconds=_seconds(args, "stages")
    )


def _drawn(args: argparse.Namespace, crew: Crew, section: str) -> dict[str, object]:
    kinds = completeness.SECTIONS[section]
    wanted = {"pages": args.pages, "screens": args.screens}.get(section)
    each = args.scenes if wanted is None else -(-wanted // len(kinds.groups))
    return completeness.measure(crew, kinds, seed=args.seed, each=each, seconds=_seconds(args, section))


def _changes(args: argparse.Namespace, crew: Crew) -> dict[str, object]:
    return changes.measure(
        args.data, crew, names=args.changes, pictures=args.changed_pictures, seconds=_seconds(args, "changes")
    )


def _ladders(args: argparse.Namespace, crew: Crew) -> dict[str, object]:
    chosen = [ladder for ladder in LADDERS if args.ladders is None or ladder.name in args.ladders]
    if args.quick:
        chosen = [dataclasses.replace(ladder, steps=ladder.steps[::2]) for ladder in chosen]
    trials = min(args.trials, QUICK_TRIALS) if args.quick else args.trials
    return climb.measure(crew, seed=args.seed, trials=trials, ladders=chosen, seconds=_seconds(args, "ladders"))


def _latency(args: argparse.Namespace, crew: Crew) -> dict[str, object]:
    effort = (
        QUICK_EFFORT
        if args.quick
        else latency.Effort(pictures=args.latency_pictures, bare=args.bare, frames=args.frames, repeats=args.repeats)
    )
    effort = dataclasses.replace(effort, seconds=_seconds(args, "latency"))
    return latency.measure(args.data, args.negatives, crew, seed=args.seed, effort=effort)


def _seconds(args: argparse.Namespace, section: str) -> float:
    return min(args.seconds, QUICK_SECONDS.get(section, QUICK_OTHER_SECONDS)) if args.quick else args.seconds


def compare_reports(args: argparse.Namespace) -> int:
    """Compare two reports; a regression is a failure."""
    tolerances = compare.Tolerances(
        **{field.name: getattr(args, f"{field.name}_tolerance") for field in dataclasses.fields(compare.Tolerances)}
    )
    before, after = report.load(args.before), report.load(args.after)
    changes = compare.compare(before, after, reader=args.reader, tolerances=tolerances)
    if not changes:
        raise ValueError(f"the reports have nothing of {args.reader} in common")
    compare.show(changes, console)
    worse = [change.subject for change in changes if change.verdict == "worse"]
    console.print(f"[red]worse: {'; '.join(worse)}" if worse else "[green]no regression")
    return FAILED if worse else 0


def make_page(args: argparse.Namespace) -> int:
    """Write the page of a report anew."""
    console.print(page.write(report.load(args.report), args.report.with_suffix(".html")))
    return 0


def make_environments(args: argparse.Namespace) -> int:
    """Make the environments of readers that need their own."""
    environments.make(args.names)
    return 0


# What is printed ----------------------------------------------------------------------------------------------------


def _show(made: report.Report) -> None:
    if "read_rate" in made:
        rows = read_rate.frame(made["read_rate"])
        for number, dataset in enumerate(made["read_rate"]["datasets"]):
            mine = rows[rows["dataset"] == number]
            if len(mine):
                _print(f"{dataset['name']}: {dataset['pictures']} pictures", read_rate.rates(mine))
    if "stages" in made:
        _print("what each stage contributes", stages.summary(made["stages"]))
    for name, kinds in completeness.SECTIONS.items():
        if name in made:
            _print(kinds.title.lower(), completeness.summary(made[name]))
    if "pages" in made:
        _print("printed pages: share read by pixels a module", completeness.by_module_size(made["pages"]))
    if "changes" in made:
        _print("changed photographs", changes.kept(made["changes"]))
    if "ladders" in made:
        _print("ladders: half are read at", climb.half_read(made["ladders"]))
    if "latency" in made:
        section = made["latency"]
        _print("latency, ms", latency.times(section))
        _print(f"fastqr by folder, ms, and its ratio to {latency.REFERENCE}", latency.groups(section))
        _print(f"{latency.FRAME_MEGAPIXELS:.0f} megapixels, ns a pixel", latency.frames(section))
        _print("one code more", latency.per_code(section))
        _print("a long video", latency.steady(section))
    if "video" in made:
        _print("films", video.summary(made["video"]))
        _print(f"films, beside {made['video']['reference']} on each frame", video.ratios(made["video"]))
    if "micro" in made:
        _print("hot loops", micro.table(made["micro"]))
        counted = made["micro"]["instructions"]
        if counted["left_out"]:
            console.print(f"[yellow]instructions are not counted:[/] {counted['left_out']}")
        else:
            _print("instructions of a clean picture", micro.instructions.table(counted))


def _print(title: str, frame: pd.DataFrame) -> None:
    if frame.empty:
        return
    table = Table(*[""] * frame.index.nlevels, *map(str, frame.columns), title=title, title_justify="left")
    for index, row in frame.iterrows():
        names = index if isinstance(index, tuple) else (str(index),)
        table.add_row(*names, *("–" if pd.isna(value) else f"{value:.4g}" for value in row))
    console.print(table)


# Arguments ----------------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="How good and how fast fastqr is.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, sections, help_ in (
        ("run", None, "read rate on photographs, completeness, ladders, latency and hot loops in one report"),
        ("ladders", ["ladders"], "rendered codes in which one thing grows worse"),
        ("latency", ["latency"], "time, its growth, memory and start"),
        ("micro", ["micro"], "hot loops beside OpenCV and NumPy"),
    ):
        _add_run(
            commands.add_parser(name, help=help_, formatter_class=argparse.ArgumentDefaultsHelpFormatter), sections
        )
    _add_compare(commands.add_parser("compare", help="what got better or worse between two reports"))
    again = commands.add_parser("page", help="write the page of a report anew")
    again.add_argument("report", type=Path, metavar="REPORT.json")
    again.set_defaults(action=make_page)
    making = commands.add_parser("environments", help="make environments for readers that need their own")
    making.add_argument("names", nargs="+", choices=environments.REQUIREMENTS)
    making.set_defaults(action=make_environments)
    return parser


def _add_run(parser: argparse.ArgumentParser, sections: list[str] | None) -> None:
    add = parser.add_argument
    add("--out", type=Path, default=Path("benchmarks/out"), help="folder of report.json and report.html")
    add("--quick", action="store_true", help="a sample of everything in less than two minutes")
    add("--data", type=Path, nargs="+", default=[], metavar="DIR", help="folders of photographs whose codes are known")
    add("--negatives", type=Path, nargs="+", default=[], metavar="DIR", help="folders of pictures without a code")
    add("--readers", type=_readers, default=list(READERS), help="comma-separated")
    add("--python", action="append", default=[], metavar="NAME=PATH", help="Python of a reader or environment")
    add("--models", metavar="DIR", help="fastqr's networks, instead of the shipped ones")
    add("--threads", type=int, default=1, help="fastqr's threads within one call")
    add("--wechat-models", metavar="DIR", help="folder of WeChat's four model files")
    add("--limit", type=float, default=30.0, metavar="S", help="seconds after which a call is given up")
    add("--seconds", type=float, default=float("inf"), metavar="S", help="of a section after which it ends early")
    add("--seed", type=int, default=1, help="of all that is rendered")
    add(
        "--pictures", type=int, metavar="N", help="photographs of each folder for the read rate, evenly over categories"
    )
    add("--pages", type=int, default=60, metavar="N", help="printed pages")
    add("--screens", type=int, default=100, metavar="N", help="screens, web graphics and labels")
    add("--scenes", type=int, default=3, metavar="N", help="drawings of each kind of the other drawn sections")
    add("--changed-pictures", type=int, default=32, metavar="N", help="photographs of each folder that are changed")
    add(
        "--changes",
        type=_changes_named,
        default=list(changes.DEFAULT),
        metavar="NAMES",
        help="comma-separated: scales (0.5 to 2.5 in steps of 5 %%), x1.05, turn 7, gamma 2, jpeg 30, inverted, ...",
    )
    add("--latency-pictures", type=int, default=48, metavar="N", help="photographs of each folder for the latency")
    add("--bare", type=int, default=100, metavar="N", help="rendered scenes without a code for the latency")
    add("--frames", type=int, default=1000, metavar="N", help="frames over which memory may not grow; try 100000")
    add("--film-frames", type=int, default=150, metavar="N", help="frames of each film")
    add("--repeats", type=int, default=5, metavar="K", help="calls a photograph for the latency, of which one counts")
    add("--trials", type=int, default=10, metavar="N", help="codes a step of a ladder")
    add("--ladders", type=lambda text: text.split(","), metavar="NAMES", help="comma-separated; all by default")
    if sections is None:
        accepted = ", ".join(report.SECTIONS).replace("_", "-")
        add("--sections", type=_sections, help=f"comma-separated, of {accepted}; all, or a sample with --quick")
    else:
        parser.set_defaults(sections=sections)
    parser.set_defaults(action=run)


def _add_compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", type=Path, metavar="A.json")
    parser.add_argument("after", type=Path, metavar="B.json")
    parser.add_argument("--reader", default=micro.FASTQR, choices=list(READERS), help="whose changes are judged")
    for field in dataclasses.fields(compare.Tolerances):
        parser.add_argument(
            f"--{field.name}-tolerance", type=float, default=field.default, metavar="X", help=f"default {field.default}"
        )
    parser.set_defaults(action=compare_reports)


def _readers(text: str) -> list[str]:
    return _choices(text, list(READERS))


def _sections(text: str) -> list[str]:
    return _choices(text.replace("-", "_"), list(report.SECTIONS))


def _changes_named(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    try:
        changes.changes_named(names)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return names


def _choices(text: str, accepted: list[str]) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in accepted]:
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(unknown)}; accepted: {', '.join(accepted)}")
    return names


if __name__ == "__main__":
    sys.exit(main())
