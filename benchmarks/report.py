"""The report of one run: a JSON file with every row, and the page made of it.

Schema 1. Sections are present where they were measured::

    {"schema": 1, "commit", "command", "began", "seconds", "machine", "fastqr", "readers",
     "read_rate": {"datasets", "rows"}, "stages": {"left_out", "rows"},
     "changes": {"changes", "photographs", "left_out", "rows"},
     "pages" and every other drawn section: {"seed", "each", "left_out", "pictures", "rows"},
     "ladders": {"seed", "trials", "ladders", "rows"},
     "latency": {"seed", "repeats", "photographs", "bare", "frames", "growth", "steady", "start"},
     "video": {"seed", "frames", "reference", "left_out", "rows"},
     "micro": {"rows", "instructions": {"rows", "left_out"}}}
"""

from __future__ import annotations

import datetime
import json
import math
import time
from pathlib import Path
from typing import Any

from .machine import commit, fastqr_build, machine

SCHEMA = 1
DRAWN = (
    "pages",
    "screens",
    "small_photographs",
    "sheets",
    "strips",
    "mixed_sizes",
    "decoys",
    "nested",
    "dense",
    "kinds",
    "mishaps",
)
SECTIONS = ("read_rate", "stages", *DRAWN, "changes", "ladders", "latency", "video", "micro")

Report = dict[str, Any]


class ReportError(ValueError):
    """A file is not a report of this suite."""


def begin(command: str) -> Report:
    """A report without sections: where, when and with what it is made."""
    return {
        "schema": SCHEMA,
        "commit": commit(),
        "command": command,
        "began": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "seconds": 0.0,
        "machine": machine(),
        "fastqr": fastqr_build(),
        "readers": {},
    }


def write(report: Report, folder: Path, began: float) -> Path:
    """Write ``report.json`` into a folder, with the seconds since `began` on the monotonic clock."""
    report["seconds"] = round(time.monotonic() - began, 1)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "report.json"
    path.write_text(json.dumps(plain(report), allow_nan=False, separators=(",", ":")))
    return path


def load(path: Path) -> Report:
    """Read a report.

    Raises
    ------
    ReportError
        The file cannot be read, or is none of ours.
    """
    try:
        report = json.loads(path.read_text())
    except OSError as error:
        raise ReportError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise ReportError(f"{path} is not JSON: {error}") from error
    if not isinstance(report, dict) or report.get("schema") != SCHEMA:
        raise ReportError(f"{path} is not a report of schema {SCHEMA}")
    return report


def plain(value: Any) -> Any:
    """The value as JSON holds it: no NaN, no NumPy scalars."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
