"""What asking for more confidence costs: reads of photographs that are lost, against wrong payloads that are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import pandas as pd

import fastqr

from ..photographs import Photograph, UnreadableError, photographs_in, score

THRESHOLDS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True)
class PhotographRead:
    """A result on a photograph. `wrong`: it contradicts the known text; a code without one cannot contradict."""

    picture: str
    confidence: float
    wrong: bool


def reads_of(root: Path, track: Callable[[Iterable[Photograph]], Iterable[Photograph]]) -> list[PhotographRead]:
    """Read the photographs of a folder in any of the benchmarks' layouts; results on codes that are marked count."""
    cv2.setNumThreads(1)
    scanner = fastqr.Scanner()
    rows = []
    for photo in track(photographs_in(root)[0]):
        try:
            symbols = scanner.decode(photo.pixels())
        except UnreadableError:
            continue
        texts, quads = [symbol.text for symbol in symbols], [symbol.quad for symbol in symbols]
        for symbol, text, quad in zip(symbols, texts, quads, strict=True):
            assert quad is not None
            alone = score(photo, [text], [quad])
            if alone.read or alone.wrong:
                rows.append(PhotographRead(photo.name, symbol.confidence, bool(alone.wrong)))
    return rows


def by_threshold(trials: pd.DataFrame, photographs: list[PhotographRead]) -> pd.DataFrame:
    """A row a threshold: wrong payloads that have at least so much confidence, and the shares of reads that have less.

    Parameters
    ----------
    trials : DataFrame
        Rows of `study.Chunk`.
    photographs : list of PhotographRead
    """
    wrong = [row["confidence"] for rows in trials["wrong"] for row in rows]
    right = pd.DataFrame(trials["right_by_confidence"].tolist()).sum()
    rows: dict[float, dict[str, Any]] = {}
    for threshold in THRESHOLDS:
        kept = [read for read in photographs if read.confidence >= threshold]
        rows[threshold] = {
            "wrong payloads": sum(confidence >= threshold for confidence in wrong),
            "trial reads lost": _share(right[right.index < round(100 * threshold)].sum(), right.sum()),
        }
        if photographs:
            rows[threshold] |= {
                "wrong on photographs": sum(read.wrong for read in kept),
                "photograph reads": len(kept),
                "photograph reads lost": _share(len(photographs) - len(kept), len(photographs)),
            }
    return pd.DataFrame(rows).T.rename_axis("least confidence")


def _share(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else 0.0


def rows_of(reads: list[PhotographRead]) -> list[dict[str, Any]]:
    """Rows for the report."""
    return [asdict(read) for read in reads]
