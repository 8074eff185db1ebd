"""``fastqr batch``: read archives of pictures on all cores or a cluster, and write Parquet."""

from __future__ import annotations

import argparse

from fastqr.batch import PART, Progress
from fastqr.batch import run as run_batch

from . import NOTHING_READ, READ
from .console import Console, counted
from .scan import add_search_options, scanner_options

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes."""
    parser.epilog = (
        "A run that was ended goes on where it stopped when the same command is given again. The exit status is 0 when "
        "something was read, 1 when nothing was, 2 when the job could not be done; pictures that cannot be read are "
        "rows with an error."
    )
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="IN",
        help="pictures, folders, globs, Parquet and Arrow tables, tar archives, PDF documents (extra `pdf`)",
    )
    parser.add_argument("out", metavar="OUT", help="a folder for Parquet files: a row a symbol, one a picture without")
    parser.add_argument("--column", metavar="NAME", help="column of a table that holds pictures or their paths")
    parser.add_argument("--workers", type=int, metavar="N", help="processes (default: as many as cores)")
    parser.add_argument(
        "--ray", nargs="?", const=True, default=False, metavar="ADDRESS", help="run on Ray (extra `ray`), here or there"
    )
    parser.add_argument("--dpi", type=float, default=200, help="of a document's pages (default %(default)s)")
    parser.add_argument(
        "--part", type=int, default=PART, metavar="N", help="most pictures of one Parquet file (default %(default)s)"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar, no summary, no notes")
    add_search_options(parser)


def run(options: argparse.Namespace) -> int:
    """Do the job, or what is left of it."""
    with Console(quiet=options.quiet) as console:
        begun = False

        def progress(state: Progress) -> None:
            nonlocal begun
            if not begun and state.before:
                console.note(f"{state.before:,} of {state.total:,} pictures were read before: going on")
            if not begun:
                console.expect(state.total, "pictures", done=state.before)
            begun = True
            console.advance_to(state.before + state.read)

        state = run_batch(
            options.inputs,
            options.out,
            workers=options.workers,
            column=options.column,
            dpi=options.dpi,
            part=options.part,
            ray=options.ray,
            progress=progress,
            skipped=console.note,
            **scanner_options(options),
        )
        errors = f", {counted(state.errors, 'error')}" if state.errors else ""
        console.summarise(f"{counted(state.symbols, 'code')} in {counted(state.read, 'picture')}{errors}")
    return READ if state.symbols or state.before else NOTHING_READ
