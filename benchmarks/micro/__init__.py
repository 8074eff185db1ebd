"""Each hot loop beside the best thing that a Python user has for it: ``python -m benchmarks micro``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from . import instructions

FASTQR = "fastqr"


class MicroError(Exception):
    """The micro benchmarks did not run."""


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Run the benchmarks under pytest-benchmark and keep what it measured; count instructions unless it is `quick`."""
    effort = ["--benchmark-max-time=0.2", "--benchmark-min-rounds=3"] if quick else ["--benchmark-max-time=1.0"]
    folder = Path(__file__).parent
    with tempfile.TemporaryDirectory() as out:
        report = Path(out) / "micro.json"
        command = [
            *(sys.executable, "-m", "pytest", str(folder), "-q", "-o", "addopts=", "-p", "no:cacheprovider"),
            *("--benchmark-only", "--benchmark-warmup=on", "--benchmark-warmup-iterations=3"),
            *("--benchmark-columns=min,median", f"--benchmark-json={report}", *effort),
        ]
        result = subprocess.run(command, cwd=folder.parent.parent, env=os.environ, capture_output=True, text=True)
        if not report.exists() or not report.stat().st_size:
            raise MicroError(f"pytest ended with {result.returncode}: {result.stdout[-2000:]}{result.stderr[-2000:]}")
        measured = json.loads(report.read_text())["benchmarks"]
    rows = [
        {
            "task": bench["group"],
            "contender": bench["params"]["contender"],
            "us_min": bench["stats"]["min"] * 1e6,
            "us_median": bench["stats"]["median"] * 1e6,
            "rounds": bench["stats"]["rounds"],
        }
        for bench in measured
    ]
    left_out = {"rows": [], "left_out": "left out of a quick run"}
    return {"rows": rows, "instructions": left_out if quick else instructions.measure()}


def table(section: dict[str, Any]) -> pd.DataFrame:
    """Least microseconds, a row a task and contender, and how many times as long as fastqr each takes."""
    rows = pd.DataFrame(section["rows"])
    if rows.empty:
        return rows
    own = rows[rows["contender"] == FASTQR].set_index("task")["us_min"]
    rows["times fastqr"] = rows["us_min"] / rows["task"].map(own)
    return rows.set_index(["task", "contender"])[["us_min", "us_median", "times fastqr", "rounds"]]
