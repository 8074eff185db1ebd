"""How often Python calls into C++ for a picture: ``python -m benchmarks.crossings --data DIR...``.

Every function, method, constructor and property of ``fastqr._core`` is counted by its name while fastqr decodes drawn
pages and the photographs of the folders, and so are the runs of the networks. A clean picture is one call from its
pixels to its symbols; one that the networks look at is prepared and taken once a run.
"""

from __future__ import annotations

import argparse
import collections
import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.progress import track

import fastqr
from fastqr import _core
from fastqr.models import Network

from .golden import pictures
from .readers import Picture

RUNS = "runs of networks"  # which are no crossings, but what those should be measured by
HIDDEN = ("__init__", "__iter__", "__next__", "__len__")  # special methods that cross as well


@contextmanager
def counted() -> Iterator[collections.Counter[str]]:
    """Count what is called in C++ while the ``with`` block runs, properties under names with a dot in front."""
    counter: collections.Counter[str] = collections.Counter()
    undo: list[Callable[[], None]] = []
    for name, value in vars(_core).items():
        if isinstance(value, type):
            for member, held in list(vars(value).items()):
                if not member.startswith("__") or member in HIDDEN:
                    undo.append(_replace(value, member, held, _counting(held, f"{name}.{member}", counter)))
        elif callable(value):
            shown = _counting(value, name, counter)
            for module in [m for n, m in sys.modules.items() if n.split(".")[0] == "fastqr"]:
                undo += [_replace(module, n, value, shown) for n, held in list(vars(module).items()) if held is value]
    undo.append(_replace(Network, "__call__", Network.__call__, _counting(Network.__call__, RUNS, counter)))
    try:
        yield counter
    finally:
        for put_back in undo:
            put_back()


def _replace(holder: Any, name: str, old: Any, new: Any) -> Callable[[], None]:
    setattr(holder, name, new)
    return functools.partial(setattr, holder, name, old)


def _counting(called: Any, name: str, counter: collections.Counter[str]) -> Any:
    """The same thing, which counts each call of it."""
    if isinstance(called, property):
        return property(_counting(called.fget, f".{name}", counter))
    if not callable(called):
        return called

    @functools.wraps(called)
    def call(*arguments: Any, **keywords: Any) -> Any:
        counter[name] += 1
        return called(*arguments, **keywords)

    return call


def crossings(shown: Iterable[tuple[str, Picture]], scanner: fastqr.Scanner) -> pd.DataFrame:
    """Calls of each name (rows) for each picture (columns)."""
    counts = {}
    for name, picture in shown:
        with counted() as counter:
            scanner.decode(picture)
        counts[name] = {RUNS: 0, **counter}
    return pd.DataFrame(counts).fillna(0).astype(int)


def summary(counts: pd.DataFrame) -> pd.DataFrame:
    """Means a picture, by what the picture asked for: no network or some; totals first, then the names."""
    kinds = pd.Series(np.where(counts.loc[RUNS] > 0, "with networks", "without"), counts.columns)
    own = counts.drop(index=RUNS)
    properties = own.index.str.startswith(".")
    totals = pd.DataFrame(
        {"pictures": 1, RUNS: counts.loc[RUNS], "calls": own[~properties].sum(), "properties": own[properties].sum()}
    ).T
    means = pd.concat([totals, own]).T.groupby(kinds).mean().T
    means.loc["pictures"] = kinds.value_counts()
    return means.loc[[*totals.index, *own.mean(axis=1).sort_values(ascending=False).index]]


def main(arguments: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crossings", description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", default=[], metavar="DIR", help="folders of photographs")
    parser.add_argument("--effort", default="balanced", help="of the search (default %(default)s)")
    parser.add_argument("--pages", type=int, default=10, metavar="N", help="drawn pages of each kind")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(arguments)
    shown = pictures(args.data, seed=args.seed, trials=0, pages=args.pages)
    counts = crossings(track(shown, description="crossings", total=None), fastqr.Scanner(effort=args.effort))
    print(summary(counts).round(2).to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main())
