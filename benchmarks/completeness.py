"""Drawn pages on which no code may be lost: which codes each reader reads, and what it reads that is not there.

Each section shows pages of one kind (scenes/) to every reader in turn, so that a busy moment of the machine hits all.
Codes count by their exact text. ``wrong`` is another text at the place of a code, ``extra`` a text where no code is, or
the text of one code a second time.
"""

from __future__ import annotations

import itertools
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from rich.progress import track

from .crew import Crew, Outcome
from .latency import REFERENCE
from .photographs import Score, contains
from .scenes import crowded, dense, mishaps, pages, photographed, screens, styled
from .scenes.printed import Page

Draw = Callable[[np.random.Generator], Page]

MODULE_SIZES = (2.0, 2.5, 3.0, 4.0, 6.0, np.inf)  # pixels a module at which the classes of the table begin


@dataclass(frozen=True)
class Drawing:
    """One page to be drawn: its group in the tables, and its name, from which its random numbers come."""

    group: str
    name: str
    draw: Draw

    def page(self, seed: int) -> Page:
        """The page: the same for the same seed, whatever else is measured."""
        return self.draw(np.random.default_rng([seed, zlib.crc32(self.name.encode())]))


@dataclass(frozen=True)
class Kinds:
    """What a section draws: each of its groups, and how to draw a page of it."""

    title: str
    draw: Callable[[np.random.Generator, Any], Page]
    groups: Mapping[str, Any]  # name of the group -> what `draw` is told

    def drawings(self, each: int) -> Iterator[Drawing]:
        """So many pages of each group, the groups taking turns."""
        for number, (name, what) in itertools.product(range(each), self.groups.items()):
            yield Drawing(name, f"{name} {number}", partial(_draw, self.draw, what))


def _draw(draw: Callable[[np.random.Generator, Any], Page], what: Any, rng: np.random.Generator) -> Page:
    return draw(rng, what)


SECTIONS: dict[str, Kinds] = {
    "pages": Kinds("Printed pages", pages.page_of_shape, {shape: shape for shape in pages.SHAPES}),
    "screens": Kinds("Screens, web graphics and labels", screens.screen, {kind: kind for kind in screens.KINDS}),
    "small_photographs": Kinds("Small photographs of one code", photographed.photographed, photographed.SIDES),
    "sheets": Kinds("Sheets of labels", crowded.sheet, {f"{count} labels": count for count in crowded.LABELS}),
    "strips": Kinds("Strips and plans", pages.strip, {name: name for name in pages.STRIPS}),
    "mixed_sizes": Kinds("A small code beside a large one", crowded.mixed_sizes, {n: n for n in crowded.SIZES}),
    "decoys": Kinds(
        "One readable code among others", crowded.decoys, {f"{count} unreadable": count for count in crowded.UNREADABLE}
    ),
    "nested": Kinds("Codes within codes", crowded.nested, {name: name for name in crowded.NESTED}),
    "dense": Kinds("Dense symbols on paper in the hand", dense.dense, {kind: kind for kind in dense.KINDS}),
    "kinds": Kinds("Kinds of drawing", styled.styled, {name: name for name in styled.STYLES}),
    "mishaps": Kinds("What befalls a code", mishaps.mishap, {name: name for name in mishaps.KINDS}),
}


def measure(
    crew: Crew, kinds: Kinds, *, seed: int = 1, each: int = 3, seconds: float = float("inf"), title: str | None = None
) -> dict[str, Any]:
    """Show `each` pages of every group to every reader once, in turn.

    Where time ends, the last pages are left out, but never the first; how many is part of the result.
    """
    drawings = list(kinds.drawings(each))
    end = time.monotonic() + seconds
    pictures: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for drawing in track(drawings, description=title or kinds.title.lower()):
        if pictures and time.monotonic() > end:
            break
        page = drawing.page(seed)
        pictures.append({"picture": drawing.name, "group": drawing.group} | _described(page))
        for name, outcome in crew.least_of(page.picture, 1).items():
            score = judge(page, outcome)
            about = {"group": drawing.group, "picture": drawing.name, "codes": len(page.codes)}
            rows.append(about | row_of(name, outcome, score))
    return {"seed": seed, "each": each, "left_out": len(drawings) - len(pictures), "pictures": pictures, "rows": rows}


def _described(page: Page) -> dict[str, Any]:
    codes = [
        {
            "version": printed.version,
            "pixels_per_module": round(printed.pixels_per_module, 3),
            "degrees": round(printed.degrees, 1),
            "centre": [round(value) for value in printed.centre],
        }
        for printed in page.codes
    ]
    return {"size": list(page.picture.shape), "codes": codes}


def row_of(reader: str, outcome: Outcome, score: Score) -> dict[str, Any]:
    """What one reader made of one picture, as the sections' rows hold it."""
    return {
        "reader": reader,
        "status": outcome.status,
        "error": outcome.error,
        "ms": round(outcome.ms, 4),
        "read": score.read,
        "missed": score.missed,
        "wrong": score.wrong,
        "extra": score.stray,
    }


def judge(page: Page, outcome: Outcome) -> Score:
    """Which codes of a page were read, by their texts; every result counts once."""
    results = [(text, quad) for text, quad in zip(outcome.texts, outcome.quads, strict=True) if text]
    unread = {printed.code.text: index for index, printed in enumerate(page.codes)}
    surplus = [(text, quad) for text, quad in results if unread.pop(text, None) is None]
    wrong, stray = [], []
    for text, quad in surplus:
        centre = quad.mean(0)
        there = [k for k, code in enumerate(page.codes) if contains(code.corners().astype(np.float32), centre)]
        texts = [page.codes[k].code.text for k in there]
        if there and text not in texts:
            wrong.append((there[0], texts[0], text))
        else:
            stray.append(text)
    missed = sorted(unread.values())
    return Score([k for k in range(len(page.codes)) if k not in unread.values()], missed, wrong, stray)


# What the rows say --------------------------------------------------------------------------------------------------


def summary(section: Mapping[str, Any]) -> pd.DataFrame:
    """Codes read of each group and of all, a row a group and reader.

    ``lost`` counts codes that the reader misses and another reads; ``ratio`` is of the total time to the reference's
    on the same pictures.
    """
    rows = frame(section)
    if rows.empty:
        return rows
    groups = [*rows.groupby("group", sort=False)]
    if len(groups) > 1:
        groups.append(("all", rows))
    table = {(name, reader): _of_reader(mine, reader) for name, mine in groups for reader in rows["reader"].unique()}
    return pd.DataFrame(table).T


def frame(section: Mapping[str, Any]) -> pd.DataFrame:
    """Rows as a table, with the codes that each reader lost and another read."""
    rows = pd.DataFrame(section["rows"])
    if rows.empty:
        return rows
    by_any = {picture: set().union(*mine["read"]) for picture, mine in rows.groupby("picture")}
    rows["lost"] = [sorted(by_any[row.picture] - set(row.read)) for row in rows.itertuples()]
    return rows


def _of_reader(rows: pd.DataFrame, reader: str) -> dict[str, float]:
    mine = rows[rows["reader"] == reader]
    counts = {name: int(mine[name].map(len).sum()) for name in ("read", "lost", "wrong", "extra")}
    codes = int(mine["codes"].sum())
    ms = mine.set_index("picture")["ms"].astype(float).dropna()
    reference = rows[rows["reader"] == REFERENCE].set_index("picture")["ms"].astype(float).dropna()
    both = ms.index.intersection(reference.index)
    return {
        "codes": codes,
        "read": counts["read"],
        "share": counts["read"] / codes if codes else np.nan,
        **{name: counts[name] for name in ("lost", "wrong", "extra")},
        "failures": int((mine["status"] != "ok").sum()),
        "ms": ms.sum(),
        "ratio": ms[both].sum() / reference[both].sum() if len(both) else np.nan,
    }


def by_module_size(section: Mapping[str, Any]) -> pd.DataFrame:
    """Share of the codes read by each reader, a row a class of pixels a module, and how many codes are in it."""
    sizes = {
        (picture["picture"], index): code["pixels_per_module"]
        for picture in section["pictures"]
        for index, code in enumerate(picture["codes"])
    }
    found: list[dict[str, Any]] = [
        {"reader": row["reader"], "px": sizes[row["picture"], index], "read": index in set(row["read"])}
        for row in section["rows"]
        for index in range(row["codes"])
    ]
    rows = pd.DataFrame(found)
    if rows.empty:
        return rows
    edges = list(itertools.pairwise(MODULE_SIZES))
    names = [f"{low:g} to {high:g} px" if high < np.inf else f"{low:g} px and more" for low, high in edges]
    rows["class"] = pd.cut(rows["px"], MODULE_SIZES, right=False, labels=names)
    shares = rows.pivot_table(index="class", columns="reader", values="read", aggfunc="mean", observed=True, sort=False)
    count = rows[rows["reader"] == rows["reader"].iloc[0]].groupby("class", observed=True)["read"].count()
    return shares.reindex([name for name in names if name in shares.index]).assign(codes=count)


def lost_codes(section: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every code that a reader missed: where and what it is, and who missed it."""
    missed: dict[tuple[str, int], list[str]] = {}
    for row in section["rows"]:
        for index in row["missed"]:
            missed.setdefault((row["picture"], index), []).append(row["reader"])
    pictures = {picture["picture"]: picture for picture in section["pictures"]}
    return [
        {"picture": picture, "size": pictures[picture]["size"], "missed_by": readers}
        | pictures[picture]["codes"][index]
        for (picture, index), readers in missed.items()
    ]


def not_there(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Every text that was read and is not there, or not twice."""
    return [
        {"reader": row["reader"], "picture": row["picture"], "expected": expected, "got": got}
        for row in rows
        for expected, got in [
            *((expected, got) for _, expected, got in row["wrong"]),
            *((None, got) for got in row["extra"]),
        ]
    ]
