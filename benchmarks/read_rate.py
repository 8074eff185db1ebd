"""Which codes each reader reads on photographs, what it reads wrongly, and where fastqr loses what it misses."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.progress import track

from .crew import Crew, Outcome, Worker
from .photographs import Photograph, UnreadableError, evenly, photographs_in, score
from .readers import Picture, Quad


def measure(
    roots: Iterable[Path],
    negatives: Iterable[Path],
    crew: Crew,
    *,
    pictures: int | None = None,
    explain: bool = True,
    seconds: float = float("inf"),
) -> dict[str, Any]:
    """Ask every reader about every photograph once, in turn.

    Parameters
    ----------
    roots, negatives : iterable of Path
        Folders whose layout says what is in a picture, and folders without a code.
    pictures : int, optional
        Photographs of each folder, evenly over its categories; all by default.
    explain : bool
        Ask at which stage each missed code was lost, which takes longer than the reading.
    seconds : float
        No further photograph is begun after so long; how many were left out is part of the result.
    """
    folders = [(root, False) for root in roots] + [(root, True) for root in negatives]
    datasets: list[dict[str, Any]] = []
    queues: list[list[tuple[int, Photograph]]] = []
    for number, (root, negative) in enumerate(folders):
        photographs, left_out = photographs_in(root, negative=negative)
        queues.append([(number, photo) for photo in evenly(photographs, pictures or len(photographs))])
        datasets.append({"name": root.name, "folder": str(root), "pictures": 0, "left_out": left_out})
    # Folders take turns, so that no folder is left out where time ends.
    queue = [entry for turn in itertools.zip_longest(*queues) for entry in turn if entry is not None]
    end = time.monotonic() + seconds
    rows: list[dict[str, Any]] = []
    for number, photo in track(queue, description="read rate"):
        dataset = datasets[number]
        if time.monotonic() > end:
            _leave_out(dataset, "out of time")
            continue
        try:
            picture = photo.pixels()
        except UnreadableError:
            _leave_out(dataset, "not a picture that OpenCV reads")
            continue
        rows += [row | {"dataset": number} for row in _rows(photo, picture, crew, explain)]
        dataset["pictures"] += 1
    return {"datasets": datasets, "rows": rows}


def _leave_out(dataset: dict[str, Any], reason: str) -> None:
    dataset["left_out"][reason] = dataset["left_out"].get(reason, 0) + 1


def _rows(photo: Photograph, picture: Picture, crew: Crew, explain: bool) -> Iterator[dict[str, Any]]:
    outcomes = crew.least_of(picture, 1)
    quads = _known_quads(photo, outcomes) if explain else {}
    for worker in crew:
        yield _row(photo, picture, worker, outcomes[worker.name], quads)


def _known_quads(photo: Photograph, outcomes: dict[str, Outcome]) -> dict[int, Quad]:
    """Corners of the codes: those marked, or else those of a result with the expected text."""
    if photo.layout == "corners":
        return dict(enumerate(photo.quads))
    found = [
        quad
        for outcome in outcomes.values()
        for text, quad in zip(outcome.texts, outcome.quads, strict=True)
        if text == photo.texts.get(0)
    ]
    return {0: found[0]} if found else {}


def _row(
    photo: Photograph, picture: Picture, worker: Worker, outcome: Outcome, quads: dict[int, Quad]
) -> dict[str, Any]:
    result = score(photo, outcome.texts, outcome.quads)
    row: dict[str, Any] = {
        "category": photo.category,
        "picture": photo.name,
        "layout": photo.layout,
        "megapixels": round(picture.shape[0] * picture.shape[1] / 1e6, 4),
        "reader": worker.name,
        "status": outcome.status,
        "error": outcome.error,
        "ms": round(outcome.ms, 4),
        "codes": photo.codes,
        "read": result.read,
        "missed": result.missed,
        "wrong": result.wrong,
        "stray": result.stray,
    }
    lost = [index for index in result.missed if index in quads]
    if lost and worker.explains:
        row["lost_at"] = worker.explain(
            picture, [quads[index] for index in lost], [photo.texts.get(index) for index in lost]
        )
    return row


# What the rows say --------------------------------------------------------------------------------------------------


def frame(section: dict[str, Any]) -> pd.DataFrame:
    """Rows as a table, with counts of what they list."""
    rows = pd.DataFrame(section["rows"])
    for column in ("read", "missed", "wrong", "stray"):
        rows[f"{column}_count"] = rows[column].map(len)
    return rows


def category_counts(rows: pd.DataFrame) -> pd.DataFrame:
    """Codes read by category and reader, and the number of codes there."""
    rows = rows[rows["codes"] > 0]
    read = rows.pivot_table(
        index="category", columns="reader", values="read_count", aggfunc="sum", sort=False, observed=True
    )
    codes = rows.groupby(["category", "reader"], sort=False)["codes"].sum().unstack().max(axis=1)
    return read.assign(codes=codes).astype(int)


def rates(rows: pd.DataFrame) -> pd.DataFrame:
    """Macro and micro rate, wrong payloads, false reads and times of each reader."""
    summary = {}
    for reader, mine in rows.groupby("reader", sort=False):
        with_codes = mine[mine["codes"] > 0]
        sums = with_codes.groupby("category")[["read_count", "codes"]].sum()
        ms = mine["ms"].astype(float)
        summary[reader] = {
            "macro": (sums["read_count"] / sums["codes"]).mean() if len(sums) else np.nan,
            "micro": sums["read_count"].sum() / sums["codes"].sum() if len(sums) else np.nan,
            "read": int(sums["read_count"].sum()),
            "codes": int(sums["codes"].sum()),
            "wrong": int(mine["wrong_count"].sum()),
            "false reads": int(mine.loc[mine["layout"] == "negative", "stray_count"].sum()),
            "failures": int((mine["status"] != "ok").sum()),
            "ms median": ms.median(),
            "ms mean": ms.mean(),
            "ms p95": ms.quantile(0.95),
            "ms p99": ms.quantile(0.99),
            "ms worst": ms.max(),
        }
    return pd.DataFrame(summary).T


def codes_by_reader(rows: pd.DataFrame) -> dict[tuple[str, int], dict[str, bool]]:
    """For every code, named by picture and index: whether each reader read it."""
    codes: dict[tuple[str, int], dict[str, bool]] = {}
    for row in rows.itertuples():
        for index in row.read:
            codes.setdefault((row.picture, index), {})[row.reader] = True
        for index in row.missed:
            codes.setdefault((row.picture, index), {})[row.reader] = False
    return codes


def only_reader(rows: pd.DataFrame, reader: str, *, read: bool) -> list[tuple[str, int]]:
    """Codes that only this reader read, or only this reader missed, of those that were shown to all."""
    return [
        code
        for code, by in codes_by_reader(rows).items()
        if len(by) > 1
        and by.get(reader) is read
        and all(value is not read for name, value in by.items() if name != reader)
    ]


def losses(rows: pd.DataFrame) -> pd.DataFrame:
    """How many codes were lost at each stage, by category, of the reader that tells."""
    if "lost_at" not in rows:
        return pd.DataFrame()
    told = rows[rows["lost_at"].map(lambda stages: isinstance(stages, list))]
    pairs = told[["category", "lost_at"]].explode("lost_at")
    return pd.crosstab(pairs["category"], pairs["lost_at"])
