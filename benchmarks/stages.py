"""What each stage of fastqr contributes: finder patterns alone, the networks alone, and both, on photographs."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from rich.progress import track

from . import read_rate
from .photographs import UnreadableError, evenly, photographs_in, score

METHODS = {
    "finder patterns": ("finder_patterns",),
    "networks": ("networks",),
    "both": ("finder_patterns", "networks"),
}


def measure(
    roots: Iterable[Path],
    *,
    models: str | None = None,
    threads: int = 1,
    pictures: int | None = None,
    seconds: float = float("inf"),
) -> dict[str, Any]:
    """Read every photograph by each of the methods; arguments as for `read_rate.measure`."""
    import fastqr

    scanners = {
        name: fastqr.Scanner(methods=methods, models=models, threads=threads) for name, methods in METHODS.items()
    }
    end = time.monotonic() + seconds
    rows: list[dict[str, Any]] = []
    left_out: dict[str, int] = {}
    for root in roots:
        photographs, reasons = photographs_in(root)
        for reason, count in reasons.items():
            left_out[reason] = left_out.get(reason, 0) + count
        for photo in track(list(evenly(photographs, pictures or len(photographs))), description="stages"):
            try:
                picture = None if time.monotonic() > end else photo.pixels()
            except UnreadableError:
                picture = None
            if picture is None:
                left_out["out of time or unreadable"] = left_out.get("out of time or unreadable", 0) + 1
                continue
            for name, scanner in scanners.items():
                start = time.perf_counter()
                symbols = [symbol for symbol in scanner.decode(picture) if symbol.quad is not None]
                ms = (time.perf_counter() - start) * 1e3
                result = score(photo, [symbol.text for symbol in symbols], [symbol.quad for symbol in symbols])
                rows.append(
                    {
                        "category": photo.category,
                        "picture": photo.name,
                        "layout": photo.layout,
                        "reader": name,
                        "status": "ok",
                        "ms": round(ms, 3),
                        "codes": photo.codes,
                        "read": result.read,
                        "missed": result.missed,
                        "wrong": result.wrong,
                        "stray": result.stray,
                    }
                )
    return {"left_out": left_out, "rows": rows}


def summary(section: dict[str, Any]) -> pd.DataFrame:
    """Read rates and times of each method."""
    rates = read_rate.rates(read_rate.frame(section))
    return rates[["macro", "micro", "read", "codes", "wrong", "false reads", "ms median", "ms p99"]]


def shares(section: dict[str, Any]) -> pd.DataFrame:
    """Share of each category's codes that each method reads."""
    counts = read_rate.category_counts(read_rate.frame(section))
    return counts[list(METHODS)].div(counts["codes"], axis=0)
