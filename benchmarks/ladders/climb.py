"""How far up each ladder a reader gets."""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.progress import track

from ..crew import Crew
from .degradations import LADDERS, Ladder, scene_on
from .rendering import render


def picture_on(ladder: Ladder, amount: float, seed: int, trial: int) -> tuple[npt.NDArray[np.uint8], str]:
    """The picture of one step and the text in it: the same for the same seed, whatever else is measured."""
    rng = np.random.default_rng([seed, zlib.crc32(ladder.name.encode()), trial])
    scene = scene_on(ladder, amount, rng)
    return render(scene, rng), scene.code.text


def measure(
    crew: Crew,
    *,
    seed: int = 1,
    trials: int = 10,
    ladders: Sequence[Ladder] = LADDERS,
    seconds: float = float("inf"),
) -> dict[str, Any]:
    """Show every step of every ladder to every reader, `trials` codes a step.

    Where time ends, the last trials are left out, but never the first.
    """
    rows: list[dict[str, Any]] = []
    end, done = time.monotonic() + seconds, 0
    jobs = [(trial, ladder) for trial in range(trials) for ladder in ladders]
    for trial, ladder in track(jobs, description="ladders"):
        if time.monotonic() > end and trial > 0:
            break
        for amount in ladder.steps:
            rows += _rows(ladder, amount, seed, trial, crew)
        done += 1
    described = [{"name": ladder.name, "unit": ladder.unit, "steps": list(ladder.steps)} for ladder in ladders]
    return {"seed": seed, "trials": trials, "left_out": len(jobs) - done, "ladders": described, "rows": rows}


def _rows(ladder: Ladder, amount: float, seed: int, trial: int, crew: Crew) -> list[dict[str, Any]]:
    picture, text = picture_on(ladder, amount, seed, trial)
    rows = []
    for worker in crew:
        outcome = worker.read(picture)
        got = [result for result in outcome.texts if result]
        rows.append(
            {
                "ladder": ladder.name,
                "amount": amount,
                "trial": trial,
                "reader": worker.name,
                "read": text in got,
                "wrong": sum(result != text for result in got),
                "status": outcome.status,
                "ms": round(outcome.ms, 4),
            }
        )
    return rows


def rates(section: dict[str, Any], ladder: dict[str, Any]) -> pd.DataFrame:
    """Share of codes read, a row a step and a column a reader."""
    rows = pd.DataFrame(section["rows"])
    mine = rows[rows["ladder"] == ladder["name"]]
    table = mine.pivot_table(index="amount", columns="reader", values="read", aggfunc="mean", sort=False)
    return table.reindex([amount for amount in ladder["steps"] if amount in table.index])


def half_read_at(amounts: Sequence[float], shares: Sequence[float]) -> float | None:
    """The amount at which half of the codes are still read: between the last step that reads half and the next.

    None where not even the first step reads half; the last amount where all do.
    """
    reached = [share >= 0.5 for share in shares]
    if not reached or not reached[0]:
        return None
    last = reached.index(False) - 1 if False in reached else len(reached) - 1
    if last == len(reached) - 1:
        return float(amounts[last])
    drop = shares[last] - shares[last + 1]
    return float(amounts[last] + (amounts[last + 1] - amounts[last]) * (shares[last] - 0.5) / drop)


def half_read(section: dict[str, Any]) -> pd.DataFrame:
    """`half_read_at` of every ladder, a row, and reader, a column."""
    table = {}
    for ladder in section["ladders"]:
        shares = rates(section, ladder)
        table[ladder["name"]] = {
            reader: half_read_at(list(shares.index), list(shares[reader])) for reader in shares.columns
        }
    return pd.DataFrame(table).T
