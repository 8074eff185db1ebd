"""``fastqr info``: versions, build and networks, as JSON."""

from __future__ import annotations

import argparse
import json

from fastqr import build_info

from . import READ

__all__ = ["add_arguments", "run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what the command takes: nothing."""


def run(_: argparse.Namespace) -> int:
    """Print what this build is."""
    print(json.dumps(build_info(), indent=2))
    return READ
