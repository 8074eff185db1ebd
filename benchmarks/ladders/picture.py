"""All ladders of a report in one picture: ``python -m benchmarks.ladders.picture report.json ladders.png``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import matplotlib

from .climb import rates

matplotlib.use("Agg")
import matplotlib.pyplot as plt

COLUMNS = 7


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("out", type=Path)
    args = parser.parse_args()
    section = json.loads(args.report.read_text())["ladders"]
    ladders = section["ladders"]
    rows = -(-len(ladders) // COLUMNS)
    figure, axes = plt.subplots(rows, COLUMNS, figsize=(2.3 * COLUMNS, 2.5 * rows), dpi=80, sharey=True, squeeze=False)
    for place, ladder in zip(axes.ravel(), ladders, strict=False):
        table = rates(section, ladder)
        for reader in table.columns:
            ours = reader == "fastqr"
            style = {"lw": 2.4, "zorder": 3} if ours else {"lw": 1, "zorder": 2}
            place.plot(range(len(table)), table[reader], marker="o", ms=3, label=reader, **style)
        place.set_title(ladder["name"], fontsize=10)
        place.set_xticks(range(len(table)), [f"{amount:g}" for amount in table.index], fontsize=6)
        place.set_xlabel(ladder["unit"], fontsize=7)
    for place in axes[:, 0]:
        place.set_ylabel("share read")
    axes[0, 0].legend(fontsize=7)
    figure.tight_layout()
    figure.savefig(args.out)


if __name__ == "__main__":
    main()
