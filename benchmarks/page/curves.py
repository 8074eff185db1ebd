"""The report's charts, each as the address of an embedded SVG picture."""

from __future__ import annotations

import base64
import io
from typing import Any

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from .. import latency
from ..ladders import climb
from ..micro import FASTQR
from ..readers import READERS

# Okabe and Ito's colours, which people who see fewer colours tell apart.
PALETTE = ("#d55e00", "#0072b2", "#009e73", "#56b4e9", "#e69f00", "#cc79a7", "#7f7f7f", "#333333")
MARKERS = "os^vD<>P"

plt.rcParams.update(
    {
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "grid.alpha": 0.25,
        "svg.fonttype": "none",
        "font.family": "sans-serif",
        "font.sans-serif": ["Helvetica", "Arial", "DejaVu Sans", "sans-serif"],
    }
)


def colour(reader: str) -> str:
    return PALETTE[list(READERS).index(reader) % len(PALETTE)] if reader in READERS else PALETTE[-1]


def _marker(reader: str) -> str:
    return MARKERS[list(READERS).index(reader) % len(MARKERS)] if reader in READERS else "x"


def _embedded(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", bbox_inches="tight")
    plt.close(figure)
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()


def _line(axes: Axes, x: pd.Index, y: pd.Series, reader: str) -> None:
    own = reader == FASTQR
    axes.plot(
        *(x, y),
        color=colour(reader),
        marker=_marker(reader),
        markersize=4,
        linewidth=4 if own else 1.3,  # wide and behind, so that none hides another
        alpha=0.75 if own else 1,
        zorder=2 if own else 3,
        label=reader,
    )


def rate_over_time(rates: pd.DataFrame) -> str:
    """Macro read rate over the median time: better is up and to the left."""
    figure, axes = plt.subplots(figsize=(6.4, 3.2))
    for reader, row in rates.iterrows():
        axes.scatter(
            row["ms median"], row["macro"], s=70, color=colour(str(reader)), marker=_marker(str(reader)), zorder=3
        )
        axes.annotate(str(reader), (row["ms median"], row["macro"]), (6, 4), textcoords="offset points")
    axes.set(xscale="log", xlabel="median ms a picture", ylabel="read rate, macro", ylim=(0, 1.02))
    axes.set_xlim(rates["ms median"].min() / 1.5, rates["ms median"].max() * 2)  # room for the names
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    return _embedded(figure)


def ladders(section: dict[str, Any]) -> str:
    """Share of codes read over the steps of each ladder, harmless to hopeless from left to right."""
    columns, count = 3, len(section["ladders"])
    figure, grid = plt.subplots(-(-count // columns), columns, figsize=(12, 2.5 * -(-count // columns)), sharey=True)
    flat = list(grid.flat) if count > 1 else [grid]
    for axes, ladder in zip(flat, section["ladders"], strict=False):
        shares = climb.rates(section, ladder)
        ticks = range(len(shares))
        for reader in shares.columns:
            _line(axes, pd.Index(ticks), shares[reader], reader)
        axes.axhline(0.5, color="#999999", linewidth=0.8, linestyle=":")
        axes.set_title(ladder["name"], loc="left", fontweight="bold")
        axes.set(xticks=list(ticks), xticklabels=[f"{amount:g}" for amount in shares.index], xlabel=ladder["unit"])
        axes.set(ylim=(-0.04, 1.04))
        if axes in flat[::columns]:
            axes.set_ylabel("share read")
    for axes in flat[count:]:
        axes.axis("off")
    handles, labels = flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="upper center", ncols=len(labels), frameon=False)
    figure.tight_layout(rect=(0, 0, 1, 0.975))
    return _embedded(figure)


def scales(shares: pd.DataFrame) -> str:
    """Share of the codes kept over the scale of the photographs."""
    figure, axes = plt.subplots(figsize=(6.4, 3.2))
    for reader in shares.columns:
        _line(axes, shares.index, shares[reader], str(reader))
    axes.axhline(1, color="#999999", linewidth=0.8, linestyle=":")
    axes.set(xscale="log", xlabel="scale", ylabel="codes kept", ylim=(0, None))
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.legend(frameon=False)
    return _embedded(figure)


def stages(shares: pd.DataFrame) -> str:
    """Share of each category's codes that finder patterns, networks and both read."""
    return _embedded(stages_figure(shares))


def stages_figure(shares: pd.DataFrame) -> Figure:
    """Bars of the methods beside each other, by category."""
    figure, axes = plt.subplots(figsize=(10, 3.2))
    width = 0.8 / len(shares.columns)
    for k, (name, tone) in enumerate(zip(shares.columns, (PALETTE[1], PALETTE[4], PALETTE[0]), strict=True)):
        places = [number + (k - (len(shares.columns) - 1) / 2) * width for number in range(len(shares))]
        axes.bar(places, shares[name], width, color=tone, label=f"{name}: mean {shares[name].mean():.3f}")
    axes.set(ylabel="share of the codes read", ylim=(0, 1.02))
    axes.set_xticks(range(len(shares)), [str(name).replace("_", " ") for name in shares.index], rotation=30, ha="right")
    axes.grid(axis="x", visible=False)
    axes.legend(frameon=False, ncols=len(shares.columns), loc="lower center", bbox_to_anchor=(0.5, 1))
    return figure


def growth(section: dict[str, Any]) -> str | None:
    """Milliseconds over the picture's size and over the number of codes."""
    tables = {by: latency.growth(section, by) for by in ("megapixels", "codes")}
    tables = {by: table for by, table in tables.items() if len(table)}
    if not tables:
        return None
    figure, grid = plt.subplots(1, len(tables), figsize=(6 * len(tables), 3.6), squeeze=False)
    for axes, (by, table) in zip(grid.flat, tables.items(), strict=True):
        for reader in table.columns:
            _line(axes, table.index, table[reader], reader)
        axes.set(xscale="log", yscale="log", xlabel={"codes": "codes in 2 megapixels"}.get(by, by), ylabel="ms")
        axes.set_xticks(list(table.index), [f"{amount:g}" for amount in table.index])
        axes.minorticks_off()
    grid.flat[0].legend(frameon=False)
    figure.tight_layout()
    return _embedded(figure)
