"""The sub-commands of ``fastqr``, one file each, imported when it is called.

A file has ``add_arguments(parser)`` and ``run(options)``, which returns one of the statuses below; `fastqr.cli` lists
its name and what it does in a few words. What a person sees is printed by `console`, what a program reads by `output`.
"""

from __future__ import annotations

__all__ = ["FAILED", "INTERRUPTED", "NOTHING_READ", "READ"]

READ, NOTHING_READ, FAILED = 0, 1, 2
INTERRUPTED = 130  # what shells give a program that Ctrl-C ended
