"""The command ``fastqr``: which sub-commands there are; `fastqr.commands` has one file for each."""

from __future__ import annotations

import argparse
import glob
import importlib
import io
import os
import sys
from collections.abc import Sequence

from . import FastQRError, __version__
from .commands import FAILED, INTERRUPTED
from .commands.console import complain
from .picture_files import STANDARD_INPUT

__all__ = ["main"]

COMMANDS = {
    "scan": "read the codes of picture files",
    "batch": "read archives of pictures on all cores or a Ray cluster, and write Parquet",
    "video": "read the codes of a video file or camera, frame by frame",
    "demo": "render a cluttered scene of codes, read it, write the annotated picture",
    "info": "versions, build and networks, as JSON",
}
COMPLETING = "_ARGCOMPLETE"  # set by a shell that asks what may come next


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0 when something was read, 1 when nothing was, 2 on an error.

    Ctrl-C ends it with 130.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if _are_pictures(given):
        given.insert(0, "scan")
    if isinstance(sys.stdout, io.TextIOWrapper):  # a name or text that the terminal has no letters for is no error
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        options = _parser(given).parse_args(given)
        status: int = options.run(options)
    except FastQRError as error:
        complain(str(error))
        return FAILED
    except BrokenPipeError:
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    return status


def _are_pictures(arguments: list[str]) -> bool:
    """Whether ``scan`` may be left out: no sub-command is named, and something that may be a file is."""
    return not any(argument in COMMANDS for argument in arguments) and any(map(_may_be_a_file, arguments))


def _may_be_a_file(argument: str) -> bool:
    if argument.startswith("-"):
        return argument == STANDARD_INPUT
    return os.path.lexists(argument) or glob.has_magic(argument) or os.path.splitext(argument)[1] != ""


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser; only a sub-command that may be meant is imported, for imports take most of the time."""
    parser = argparse.ArgumentParser(
        prog="fastqr",
        description="Find and read QR codes in pictures. `fastqr PATH…` is short for `fastqr scan PATH…`.",
    )
    parser.add_argument("--version", action="version", version=f"fastqr {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    completing = COMPLETING in os.environ
    for name, what in COMMANDS.items():
        command = commands.add_parser(name, help=what, description=what.capitalize() + ".")
        if completing or name in arguments:
            module = importlib.import_module(f"fastqr.commands.{name}")
            module.add_arguments(command)
            command.set_defaults(run=module.run)
    if completing:
        _complete(parser)
    return parser


def _complete(parser: argparse.ArgumentParser) -> None:
    """Answer the shell and end the process, where the extra ``cli`` is installed."""
    try:
        import argcomplete
    except ImportError:
        return
    argcomplete.autocomplete(parser)
