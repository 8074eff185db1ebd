"""What got better or worse between two reports, and whether that is more than noise.

Only what both reports hold is compared, pair by pair: the same code of the same picture, the same step of the same
ladder, the same picture's time. A change counts as worse when it is larger than the tolerance *and* too large for
chance:

- codes read: an exact one-sided McNemar test on the codes that one report read and the other did not;
- times: a bootstrap interval over pictures of the ratio on a typical picture, in all and in the tail. Another reader,
  timed in turn with the one that is judged, takes the machine's own change of speed out of the ratio;
- wrong payloads, false reads, texts that are not there: any that are new.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from rich.console import Console
from rich.table import Table

from .latency import REFERENCE
from .micro import FASTQR
from .report import DRAWN, Report

Verdict = Literal["better", "worse", "same", "not judged"]


@dataclass(frozen=True)
class Tolerances:
    """What may get worse, and how sure a verdict has to be."""

    rate: float = 0.005  # share of codes on photographs
    ladder: float = 0.05  # share of a ladder's pictures
    time: float = 0.10  # of the ratio of times
    micro: float = 0.30  # of a hot loop's least time: single loops swing more than sums do
    instructions: float = 0.05  # of a clean picture's: what two starts of Python differ by is some 2 % of them
    memory: float = 0.20
    chance: float = 0.05  # probability of a false alarm of each test on rates


@dataclass(frozen=True)
class Change:
    """One line of a comparison."""

    subject: str
    before: float
    after: float
    verdict: Verdict
    note: str = ""


FEWEST_PICTURES = 8  # below that many pairs of times nothing is said of them


def compare(
    before: Report, after: Report, *, reader: str = FASTQR, tolerances: Tolerances = Tolerances()
) -> list[Change]:
    """All changes of one reader from one report to another."""
    same_machine = before["machine"]["processor"] == after["machine"]["processor"]
    changes: list[Change] = []
    if "read_rate" in before and "read_rate" in after:
        changes += _read_rate(before["read_rate"], after["read_rate"], reader, tolerances)
        rows = before["read_rate"]["rows"], after["read_rate"]["rows"]
        changes += _times("photographs", rows, reader, tolerances.time, same_machine)
    for section in (*DRAWN, "changes"):
        if section in before and section in after:
            changes += _shown(section, before[section], after[section], reader, tolerances, same_machine)
    if "ladders" in before and "ladders" in after:
        changes += _ladders(before["ladders"], after["ladders"], reader, tolerances)
    if "latency" in before and "latency" in after:
        changes += _latency(before["latency"], after["latency"], reader, tolerances, same_machine)
    if "micro" in before and "micro" in after and reader == FASTQR:
        changes += _micro(before["micro"], after["micro"], tolerances, same_machine)
        changes += _instructions(before["micro"], after["micro"], tolerances, same_machine)
    return changes


# Rates --------------------------------------------------------------------------------------------------------------


def chance_of_loss(lost: int, gained: int) -> float:
    """Probability that at least `lost` of all differing pairs are losses when losses and gains are equally likely."""
    pairs = lost + gained
    return sum(math.comb(pairs, k) for k in range(lost, pairs + 1)) / 2**pairs


def judge_pairs(lost: int, gained: int, pairs: int, tolerance: float, chance: float) -> Verdict:
    """Verdict on `pairs` codes of which some were lost and some gained."""
    net = (gained - lost) / pairs if pairs else 0.0
    if net < -tolerance and chance_of_loss(lost, gained) < chance:
        return "worse"
    if net > tolerance and chance_of_loss(gained, lost) < chance:
        return "better"
    return "same"


def _read_rate(
    before: Mapping[str, Any], after: Mapping[str, Any], reader: str, tolerances: Tolerances
) -> Iterator[Change]:
    old, new = _photographs(before, reader), _photographs(after, reader)
    for dataset in dict.fromkeys(name for name, _ in old):
        common = [key for key in old if key[0] == dataset and key in new]
        if not common:
            continue
        codes = sum(old[key]["codes"] for key in common)
        if codes:
            read = [(set(old[key]["read"]), set(new[key]["read"])) for key in common]
            lost, gained = sum(len(a - b) for a, b in read), sum(len(b - a) for a, b in read)
            yield Change(
                f"{dataset}: codes read (micro)",
                sum(len(a) for a, _ in read) / codes,
                sum(len(b) for _, b in read) / codes,
                judge_pairs(lost, gained, codes, tolerances.rate, tolerances.chance),
                f"{gained} gained, {lost} lost of {codes}",
            )
            yield Change(f"{dataset}: codes read (macro)", _macro(old, common), _macro(new, common), "not judged")
        for what, count in (("wrong payloads", _wrong), ("false reads", _false)):
            yield _count(f"{dataset}: {what}", *(sum(count(rows[key]) for key in common) for rows in (old, new)))


def _photographs(section: Mapping[str, Any], reader: str) -> dict[tuple[str, str], dict[str, Any]]:
    names = [dataset["name"] for dataset in section["datasets"]]
    return {(names[row["dataset"]], row["picture"]): row for row in section["rows"] if row["reader"] == reader}


def _macro(rows: Mapping[tuple[str, str], dict[str, Any]], keys: Iterable[tuple[str, str]]) -> float:
    chosen = pd.DataFrame([rows[key] for key in keys if rows[key]["codes"]])
    sums = chosen.assign(read=chosen["read"].map(len)).groupby("category")[["read", "codes"]].sum()
    return float((sums["read"] / sums["codes"]).mean())


def _wrong(row: Mapping[str, Any]) -> int:
    return len(row["wrong"])


def _false(row: Mapping[str, Any]) -> int:
    return len(row["stray"]) if row["layout"] == "negative" else 0


def _shown(
    section: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    reader: str,
    tolerances: Tolerances,
    same_machine: bool,
) -> Iterator[Change]:
    """Changes on drawn pages of one seed, or on changed photographs: codes read, what is not there, and times."""
    if before.get("seed") != after.get("seed"):
        return
    subject = section.replace("_", " ")
    old, new = ({row["picture"]: row for row in part["rows"] if row["reader"] == reader} for part in (before, after))
    common = [picture for picture in old if picture in new]
    codes = sum(old[picture]["codes"] for picture in common)
    if not codes:
        return
    read = [(set(old[picture]["read"]), set(new[picture]["read"])) for picture in common]
    lost, gained = sum(len(a - b) for a, b in read), sum(len(b - a) for a, b in read)
    yield Change(
        f"{subject}: codes read",
        sum(len(a) for a, _ in read) / codes,
        sum(len(b) for _, b in read) / codes,
        judge_pairs(lost, gained, codes, tolerances.rate, tolerances.chance),
        f"{gained} gained, {lost} lost of {codes}",
    )
    # A photograph may show a code that nobody marked, a drawn page does not.
    for what, name in (
        ("wrong payloads", "wrong"),
        *([("texts that are not there", "extra")] if "seed" in before else []),
    ):
        yield _count(f"{subject}: {what}", *(sum(len(rows[key][name]) for key in common) for rows in (old, new)))
    yield from _times(subject, (before["rows"], after["rows"]), reader, tolerances.time, same_machine)


def _count(subject: str, before: int, after: int) -> Change:
    """Change of a number of which any increase is a regression."""
    return Change(subject, before, after, "worse" if after > before else "better" if after < before else "same")


def _ladders(
    before: Mapping[str, Any], after: Mapping[str, Any], reader: str, tolerances: Tolerances
) -> Iterator[Change]:
    if before["seed"] != after["seed"]:
        return
    old, new = _steps(before, reader), _steps(after, reader)
    names = list(dict.fromkeys(key[0] for key in old))
    for ladder in [*names, None]:
        common = [key for key in old if key in new and ladder in (key[0], None)]
        if not common:
            continue
        lost = sum(old[key] and not new[key] for key in common)
        gained = sum(new[key] and not old[key] for key in common)
        # One ladder of many is easily unlucky; all together are the stricter test.
        chance = tolerances.chance if ladder is None else tolerances.chance / len(names)
        tolerance = tolerances.rate if ladder is None else tolerances.ladder
        yield Change(
            f"ladder: {ladder}" if ladder is not None else "all ladders",
            float(np.mean([old[key] for key in common])),
            float(np.mean([new[key] for key in common])),
            judge_pairs(lost, gained, len(common), tolerance, chance),
            f"{gained} gained, {lost} lost of {len(common)}",
        )


def _steps(section: Mapping[str, Any], reader: str) -> dict[tuple[str, float, int], bool]:
    return {
        (row["ladder"], row["amount"], row["trial"]): row["read"] for row in section["rows"] if row["reader"] == reader
    }


# Times --------------------------------------------------------------------------------------------------------------

Times = npt.NDArray[np.float64]
Statistic = Callable[[Times, Times], Times]  # times before and after (..., K) of the same K pictures -> ratio (...)


def typical(before: Times, after: Times) -> Times:
    """Median of the pictures' own ratios: the most telling, for each picture is compared with itself."""
    ratio: Times = np.median(after / before, axis=-1)
    return ratio


def in_all(before: Times, after: Times) -> Times:
    """Ratio of sums, in which the slow pictures count most."""
    ratio: Times = after.sum(-1) / before.sum(-1)
    return ratio


def tail(before: Times, after: Times) -> Times:
    """Ratio of 95th percentiles."""
    ratio: Times = np.quantile(after, 0.95, axis=-1) / np.quantile(before, 0.95, axis=-1)
    return ratio


STATISTICS: tuple[tuple[str, Statistic, Callable[[Times], float]], ...] = (
    ("ms of a typical picture", typical, lambda times: float(np.median(times))),
    ("ms in all", in_all, lambda times: float(times.sum())),
    ("ms p95", tail, lambda times: float(np.quantile(times, 0.95))),
)


def ratio_interval(
    before: Times, after: Times, statistic: Statistic, machine: Times | None = None
) -> tuple[float, float, float]:
    """Ratio of times and its 95 % interval over pictures, by bootstrap with a fixed seed.

    Parameters
    ----------
    before, after : ndarray, shape (K,)
        Milliseconds of the same K pictures.
    statistic : callable
        One of the above.
    machine : ndarray, shape (K,), optional
        Ratios of another reader's times on the same pictures, whose median is divided out.
    """
    draws = np.random.default_rng(0).integers(0, len(before), (2000, len(before)))

    def ratio(chosen: npt.NDArray[np.int64]) -> Times:
        raw = statistic(before[chosen], after[chosen])
        return raw if machine is None else raw / np.median(machine[chosen], axis=-1)

    low, high = np.quantile(ratio(draws), [0.025, 0.975])
    return float(ratio(np.arange(len(before)))), float(low), float(high)


def judge_interval(low: float, high: float, tolerance: float) -> Verdict:
    """Verdict on a ratio of costs that lies between two bounds."""
    if low > 1 + tolerance:
        return "worse"
    return "better" if high < 1 / (1 + tolerance) else "same"


def _times(
    subject: str,
    rows: tuple[Iterable[Mapping[str, Any]], Iterable[Mapping[str, Any]]],
    reader: str,
    tolerance: float,
    same_machine: bool,
) -> Iterator[Change]:
    """Changes of the times in rows of two reports, each with ``picture``, ``reader`` and ``ms``."""
    old, new = (_by_picture(part, reader) for part in rows)
    common = [picture for picture in old if picture in new]
    if not common:
        return
    before, after = (np.array([times[picture] for picture in common]) for times in (old, new))
    steady = [_by_picture(part, REFERENCE) for part in rows]
    machine = None
    if reader != REFERENCE and all(picture in part for part in steady for picture in common):
        machine = np.array([steady[1][picture] / steady[0][picture] for picture in common])
    note = "" if machine is None else f", by {REFERENCE}'s"
    if not same_machine:
        note += ", another machine"
    for name, statistic, shown in STATISTICS:
        ratio, low, high = ratio_interval(before, after, statistic, machine)
        judged = same_machine and len(common) >= FEWEST_PICTURES
        yield Change(
            f"{subject}: {name}",
            shown(before),
            shown(after),
            judge_interval(low, high, tolerance) if judged else "not judged",
            f"ratio {ratio:.3f} ({low:.3f} to {high:.3f}) of {len(common)} pictures{note}",
        )


def _by_picture(rows: Iterable[Mapping[str, Any]], reader: str) -> dict[str, float]:
    return {row["picture"]: row["ms"] for row in rows if row["reader"] == reader and row["ms"]}


def _latency(
    before: Mapping[str, Any], after: Mapping[str, Any], reader: str, tolerances: Tolerances, same_machine: bool
) -> Iterator[Change]:
    rows = before["photographs"], after["photographs"]
    yield from _times("latency", rows, reader, tolerances.time, same_machine)
    rendered = _rendered(before), _rendered(after)
    yield from _times("latency, rendered", rendered, reader, tolerances.time, same_machine)
    old, new = ({row["reader"]: row["peak_mb"] for row in section["start"]}.get(reader) for section in (before, after))
    if old and new:
        yield Change("latency: peak MB", old, new, judge_interval(new / old, new / old, tolerances.memory))


def _rendered(section: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of growing scenes, each amount as a picture."""
    return [row | {"picture": f"{row['by']} {row['amount']}"} for row in section["growth"] if "ms" in row]


def _micro(
    before: Mapping[str, Any], after: Mapping[str, Any], tolerances: Tolerances, same_machine: bool
) -> Iterator[Change]:
    tables = [
        {(row["task"], row["contender"]): row["us_min"] for row in section["rows"]} for section in (before, after)
    ]
    common = [key for key in tables[0] if key in tables[1]]
    others = [tables[1][key] / tables[0][key] for key in common if key[1] != FASTQR]
    machine = float(np.median(others)) if others else 1.0
    for key in common:
        if key[1] != FASTQR:
            continue
        a, b = (table[key] for table in tables)
        verdict = judge_interval(b / a / machine, b / a / machine, tolerances.micro) if same_machine else "not judged"
        yield Change(f"micro: {key[0]}, us", a, b, verdict, f"ratio {b / a / machine:.3f}, by the contenders'")


def _instructions(
    before: Mapping[str, Any], after: Mapping[str, Any], tolerances: Tolerances, same_machine: bool
) -> Iterator[Change]:
    """Instructions of clean pictures, where both reports have counted them: no machine is busy there."""
    old, new = (
        {row["picture"]: row["instructions"] for row in section.get("instructions", {}).get("rows", [])}
        for section in (before, after)
    )
    for picture in (name for name in old if name in new):
        ratio = new[picture] / old[picture]
        verdict = judge_interval(ratio, ratio, tolerances.instructions) if same_machine else "not judged"
        yield Change(f"instructions: {picture}", old[picture], new[picture], verdict, f"ratio {ratio:.3f}")


# Telling ------------------------------------------------------------------------------------------------------------

COLOURS: dict[Verdict, str] = {"better": "green", "worse": "red", "same": "", "not judged": "dim"}


def show(changes: list[Change], console: Console) -> None:
    """Print a table, regressions last so that they are seen."""
    table = Table("what", "before", "after", "verdict", "note")
    for change in sorted(changes, key=lambda change: change.verdict == "worse"):
        colour = COLOURS[change.verdict]
        cells = (change.subject, f"{change.before:.4g}", f"{change.after:.4g}", change.verdict, change.note)
        table.add_row(*cells, style=colour)
    console.print(table)
