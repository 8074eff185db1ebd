"""Instructions that one clean picture takes, Python's among them: a measure that a busy machine does not change.

Callgrind counts those of a whole process. A picture's are the difference of two processes, of which the second decodes
it some times more.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .clean import clean_pictures

__all__ = ["measure", "table"]

WARM = 2  # calls after which all tables are made
MORE = {True: 256, False: 32}  # calls by which the two processes differ, of small pictures and others
SMALL = 100_000  # pixels; what two starts of Python differ by is 2 % of the calls of either
TIMEOUT_S = 600


class CountError(Exception):
    """Callgrind did not count."""


def measure() -> dict[str, Any]:
    """Count the instructions of a call of `Scanner.decode` for each clean picture; or say why not."""
    if shutil.which("valgrind") is None:
        return {"rows": [], "left_out": "valgrind is not installed"}
    rows = []
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "picture.npy"
            for name, picture in clean_pictures().items():
                np.save(path, picture)
                more = MORE[picture.shape[0] * picture.shape[1] < SMALL]
                once, often = (_counted(path, times) for times in (WARM, WARM + more))
                rows.append({"picture": name, "instructions": (often - once) / more})
    except (CountError, subprocess.TimeoutExpired) as error:
        return {"rows": [], "left_out": str(error)}
    return {"rows": rows, "left_out": None}


def table(section: dict[str, Any]) -> pd.DataFrame:
    """Thousands of instructions, a row a picture."""
    rows = pd.DataFrame(section["rows"], columns=["picture", "instructions"]).set_index("picture")
    return (rows / 1e3).rename(columns={"instructions": "thousand instructions"})


def _counted(picture: Path, times: int) -> int:
    """Instructions of a process that decodes a picture so many times."""
    worker = Path(__file__).with_name("decode_often.py")
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable, str(worker)]
    # The order of sets, and with it what a dictionary of names costs, must be the same in both.
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    result = subprocess.run(
        [*command, str(picture), str(times)], env=environment, capture_output=True, text=True, timeout=TIMEOUT_S
    )
    found = re.search(r"Collected : (\d+)", result.stderr)
    if result.returncode or found is None:
        raise CountError(f"callgrind ended with {result.returncode}: {result.stderr[-500:]}")
    return int(found[1])
