"""Instructions that one clean picture takes, Python's among them: a measure that a busy machine does not change.

Callgrind counts those of a whole process. Each picture's are the difference of two processes, of which the second
decodes it a few times more.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from .clean import clean_pictures

__all__ = ["measure", "table"]

MORE = 4  # calls by which the two processes differ
TIMEOUT_S = 600


class CountError(Exception):
    """Callgrind did not count."""


def measure() -> dict[str, Any]:
    """Count the instructions of a call of `Scanner.decode` for each clean picture; or say why not."""
    if shutil.which("valgrind") is None:
        return {"rows": [], "left_out": "valgrind is not installed"}
    try:
        base = _counted([])
        rows = [
            {"picture": name, "instructions": (_counted([str(i), str(MORE)]) - base) / MORE}
            for i, name in enumerate(clean_pictures())
        ]
    except (CountError, subprocess.TimeoutExpired) as error:
        return {"rows": [], "left_out": str(error)}
    return {"rows": rows, "left_out": None}


def table(section: dict[str, Any]) -> pd.DataFrame:
    """Thousands of instructions, a row a picture."""
    rows = pd.DataFrame(section["rows"], columns=["picture", "instructions"]).set_index("picture")
    return (rows / 1e3).rename(columns={"instructions": "thousand instructions"})


def _counted(arguments: list[str]) -> int:
    """Instructions of a process that decodes each picture once, and one of them a few times more."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, "-m", __name__]
    folder = Path(__file__).parent.parent.parent
    # The order of sets, and with it what a dictionary of names costs, must be the same in both.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    result = subprocess.run(
        [*command, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S
    )
    found = re.search(r"Collected : (\d+)", result.stderr)
    if result.returncode or found is None:
        raise CountError(f"callgrind ended with {result.returncode}: {result.stderr[-500:]}")
    return int(found[1])


def _decode() -> None:
    import fastqr

    pictures = list(clean_pictures().values())
    scanner = fastqr.Scanner()
    for picture in pictures:  # tables that are made once are made
        if not scanner.decode(picture):
            raise CountError("a clean picture is not read")
    if len(sys.argv) == 3:
        which, times = int(sys.argv[1]), int(sys.argv[2])
        for _ in range(times):
            scanner.decode(pictures[which])


if __name__ == "__main__":
    _decode()
