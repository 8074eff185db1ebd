"""The report as one HTML file that needs nothing else: tables, curves and pictures of codes."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from .. import changes, completeness, latency, micro, read_rate, stages
from ..ladders import climb
from ..micro import FASTQR
from ..readers import READERS
from ..report import Report
from . import curves, pictures

TOLD_APART = 24  # pictures of each kind on a contact sheet
MOST_LOST = 200  # lost codes of a section that are listed


def write(report: Report, path: Path) -> Path:
    """Write the page of a report; pictures are shown where the photographs still lie where they were."""
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    template = environment.from_string(resources.files(__name__).joinpath("page.html.j2").read_text(encoding="utf-8"))
    colours = {name: curves.colour(name) for name in READERS}
    path.write_text(
        template.render(
            report=report,
            colours=colours,
            read_rates=_read_rates(report["read_rate"]) if "read_rate" in report else [],
            stages=_stages(report["stages"]) if report.get("stages", {}).get("rows") else None,
            drawn=[_drawn(name, report[name]) for name in completeness.SECTIONS if name in report],
            changes=_changes(report["changes"]) if "changes" in report else None,
            ladders=_ladders(report["ladders"]) if "ladders" in report else None,
            latency=_latency(report["latency"]) if "latency" in report else None,
            micro=_micro(report["micro"]) if "micro" in report else None,
            reference=latency.REFERENCE,
        ),
        encoding="utf-8",
    )
    return path


def _read_rates(section: dict[str, Any]) -> list[dict[str, Any]]:
    rows = read_rate.frame(section)
    found = []
    for number, dataset in enumerate(section["datasets"]):
        mine = rows[rows["dataset"] == number]
        if mine.empty:
            continue
        rates = read_rate.rates(mine).sort_values("macro", ascending=False)
        atlas = pictures.Atlas(Path(dataset["folder"]))
        found.append(
            {
                "dataset": dataset,
                "rates": rates.to_dict("index"),
                "chart": curves.rate_over_time(rates) if mine["codes"].sum() else None,
                "categories": read_rate.category_counts(mine).to_dict("index") if mine["codes"].sum() else {},
                "wrong": _wrong(mine),
                "false": _false(mine),
                "failures": mine[mine["status"] != "ok"][["reader", "picture", "status", "error"]].to_dict("records"),
                "only": [_only(mine, str(reader), atlas) for reader in rates.index] if len(rates) > 1 else [],
                "losses": _losses(mine),
                "lost": _lost(mine, atlas),
            }
        )
    return found


def _stages(section: dict[str, Any]) -> dict[str, Any]:
    return {
        "section": section,
        "rates": stages.summary(section).to_dict("index"),
        "chart": curves.stages(stages.shares(section)),
    }


def _wrong(rows: pd.DataFrame) -> list[dict[str, Any]]:
    wrong = [
        {"reader": row.reader, "picture": row.picture, "expected": expected, "got": got}
        for row in rows.itertuples()
        for _, expected, got in row.wrong
    ]
    return sorted(wrong, key=lambda item: (item["reader"] != FASTQR, item["reader"]))


def _false(rows: pd.DataFrame) -> list[dict[str, Any]]:
    negative = rows[rows["layout"] == "negative"]
    return [
        {"reader": row.reader, "picture": row.picture, "got": text}
        for row in negative.itertuples()
        for text in row.stray
    ]


def _only(rows: pd.DataFrame, reader: str, atlas: pictures.Atlas) -> dict[str, Any]:
    read, missed = (read_rate.only_reader(rows, reader, read=kind) for kind in (True, False))
    return {
        "reader": reader,
        "read": len(read),
        "missed": len(missed),
        "read_sheet": atlas.sheet(read[:TOLD_APART]),
        "missed_sheet": atlas.sheet(missed[:TOLD_APART]),
    }


def _losses(rows: pd.DataFrame) -> dict[str, Any] | None:
    table = read_rate.losses(rows)
    if table.empty:
        return None
    stages = sorted(table.columns, key=lambda stage: -int(table[stage].sum()))
    return {"stages": stages, "rows": table[stages].to_dict("index"), "sum": table[stages].sum().to_dict()}


def _lost(rows: pd.DataFrame, atlas: pictures.Atlas) -> list[pictures.Tile]:
    if "lost_at" not in rows:
        return []
    told = [
        (row.picture, index, stage)
        for row in rows.itertuples()
        if isinstance(row.lost_at, list) and row.layout == "corners"
        for index, stage in zip(row.missed, row.lost_at, strict=True)
    ]
    told.sort(key=lambda item: item[2])
    tiles = atlas.sheet([(picture, index) for picture, index, _ in told[: 2 * TOLD_APART]])
    captions = {(picture, index): stage for picture, index, stage in told}
    return [
        pictures.Tile(tile.image, f"{tile.caption}: {captions[(tile.picture, tile.index)]}", tile.picture, tile.index)
        for tile in tiles
    ]


def _drawn(name: str, section: dict[str, Any]) -> dict[str, Any]:
    lost = completeness.lost_codes(section)
    return {
        "name": name,
        "title": completeness.SECTIONS[name].title,
        "section": section,
        "table": _by_group(completeness.summary(section)),
        "classes": _share_table(completeness.by_module_size(section)) if name == "pages" else None,
        "lost": sorted(lost, key=lambda code: FASTQR not in code["missed_by"])[:MOST_LOST],
        "lost_in_all": len(lost),
        "not_there": completeness.not_there(section["rows"]),
    }


def _changes(section: dict[str, Any]) -> dict[str, Any]:
    scales = changes.scales(section)
    return {
        "section": section,
        "table": _by_group(changes.kept(section)),
        "chart": curves.scales(scales) if len(scales) > 2 else None,
        "wrong": [item for item in completeness.not_there(section["rows"]) if item["expected"] is not None],
    }


def _by_group(table: pd.DataFrame) -> dict[str, Any]:
    """A table of rows by group and reader for the template."""
    cells = table.astype(object).where(table.notna(), None)
    groups: dict[str, dict[str, Any]] = {}
    for (group, reader), row in cells.iterrows():
        groups.setdefault(group, {})[reader] = row.to_dict()
    return {"columns": list(table.columns), "groups": groups}


def _share_table(table: pd.DataFrame) -> dict[str, Any]:
    columns = [str(column) for column in table.columns]
    return {"columns": columns, "rows": {str(index): list(row) for index, row in table.iterrows()}}


def _ladders(section: dict[str, Any]) -> dict[str, Any]:
    half = climb.half_read(section)
    return {
        "section": section,
        "half": half.astype(object).where(half.notna(), None).to_dict("index"),
        "readers": list(half.columns),
        "chart": curves.ladders(section),
        "strips": {
            ladder["name"]: pictures.strip(ladder["name"], ladder["steps"], section["seed"])
            for ladder in section["ladders"]
        },
    }


def _latency(section: dict[str, Any]) -> dict[str, Any]:
    times = latency.times(section)
    return {
        "section": section,
        "times": times.sort_values("median").to_dict("index") if len(times) else {},
        "pictures": len({row["picture"] for row in section["photographs"]}),
        "stages": latency.stages(section).to_dict("index"),
        "tables": [
            {"title": title, "note": note, "columns": list(table.columns), "rows": table.T.to_dict("list")}
            for title, note, table in _more_times(section)
            if len(table)
        ],
        "growth": curves.growth(section),
        "threads": latency.growth(section, "threads").to_dict("index"),
        "start": section["start"],
    }


def _more_times(section: dict[str, Any]) -> list[tuple[str, str, pd.DataFrame]]:
    """Titles, remarks and tables whose cells are plain numbers."""
    ratios = f"Milliseconds of fastqr, and its times over those of {latency.REFERENCE}."
    copy = f"Nanoseconds a pixel of {latency.FRAME_MEGAPIXELS:.0f} megapixels; copy: NumPy's plain copy of the frame."
    codes = "Between the two largest numbers of codes in one picture."
    video = f"Megabytes after the first frames, of which there are at most {latency.WARM_UP}, and at the end."
    return [
        ("Folder by folder", ratios, latency.groups(section)),
        ("Camera frames", copy, latency.frames(section)),
        ("One code more", codes, latency.per_code(section)),
        ("A long video", video, latency.steady(section)),
    ]


def _micro(section: dict[str, Any]) -> list[dict[str, Any]]:
    table = micro.table(section).reset_index()
    return [
        {"task": task, "rows": rows.sort_values("us_min").to_dict("records")}
        for task, rows in table.groupby("task", sort=False)
    ]
