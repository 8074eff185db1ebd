"""Read rate and time on photographs, readers interleaved in one run: ``python -m benchmarks.read_rate --help``."""

from __future__ import annotations

import argparse
import collections
import json
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from .photographs import boofcv, match, pictures_in, with_texts
from .readers import READERS, Reader


def timed(reader: Reader, picture: Any) -> tuple[list[Any], float]:
    start = time.perf_counter()
    readings = reader(picture)
    return readings, (time.perf_counter() - start) * 1e3


def marked_photographs(root: Path, readers: dict[str, Reader], only: str) -> dict[str, Any]:
    """Rates by category, contradicted payloads and times, by the rule of the public benchmark."""
    rows: dict[str, Any] = {name: [] for name in readers}
    for photo in tqdm([p for p in boofcv(root) if only in p.name], desc=root.name, unit="photo"):
        picture = photo.pixels()
        for name, reader in readers.items():
            readings, ms = timed(reader, picture)
            readings = [r for r in readings if r.text]
            pairs = match(photo.quads, [r.quad for r in readings])
            wrong = [
                [photo.name, index, text, readings[pairs[index]].text]
                for index, text in photo.texts.items()
                if index in pairs and readings[pairs[index]].text != text
            ]
            missed = [index for index in range(len(photo.quads)) if index not in pairs]
            rows[name].append(
                {"photo": photo.name, "codes": len(photo.quads), "missed": missed, "ms": ms, "wrong": wrong}
            )
    return rows


def exact_texts(root: Path, readers: dict[str, Reader]) -> dict[str, Any]:
    rows: dict[str, Any] = {name: [] for name in readers}
    for path, text in tqdm(list(with_texts(root)), desc=root.name, unit="photo"):
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        assert picture is not None, path
        for name, reader in readers.items():
            readings, ms = timed(reader, picture)
            got = [r.text for r in readings]
            rows[name].append({"photo": f"{path.parent.name}/{path.name}", "exact": text in got, "got": got, "ms": ms})
    return rows


def negatives(root: Path, readers: dict[str, Reader]) -> dict[str, Any]:
    rows: dict[str, Any] = {name: [] for name in readers}
    for path in tqdm(pictures_in(root), desc=root.name, unit="photo"):
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if picture is None:
            continue
        for name, reader in readers.items():
            readings, ms = timed(reader, picture)
            rows[name].append({"photo": path.name, "got": [r.text for r in readings if r.text], "ms": ms})
    return rows


def print_times(label: str, times: list[float]) -> None:
    p50, p99 = np.percentile(times, [50, 99])
    print(f"  {label}: ms median {p50:.1f}, mean {np.mean(times):.1f}, p99 {p99:.1f}, worst {max(times):.1f}")


def print_marked(rows: dict[str, Any]) -> None:
    categories = sorted({row["photo"].split("/")[0] for reader in rows.values() for row in reader})
    table: dict[str, dict[str, tuple[int, int]]] = collections.defaultdict(dict)
    for name, reader in rows.items():
        for category in categories:
            mine = [row for row in reader if row["photo"].startswith(category + "/")]
            codes = sum(row["codes"] for row in mine)
            table[category][name] = (codes - sum(len(row["missed"]) for row in mine), codes)
    print(f"{'category':16}" + "".join(f"{name:>16}" for name in rows))
    for category in categories:
        cells = (f"{table[category][name][0]:>8}/{table[category][name][1]:<7}" for name in rows)
        print(f"{category:16}" + "".join(cells))
    for name, reader in rows.items():
        counts = [table[category][name] for category in categories]
        macro = np.mean([read / codes for read, codes in counts])
        micro = sum(read for read, _ in counts) / sum(codes for _, codes in counts)
        wrong = [item for row in reader for item in row["wrong"]]
        print(f"{name}: macro {macro:.4f} micro {micro:.4f}, contradicting payloads {len(wrong)}")
        for item in wrong:
            print("   ", item)
        print_times(name, [row["ms"] for row in reader])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boofcv", type=Path, nargs="*", default=[], help="folders of categories with corner files")
    parser.add_argument("--texts", type=Path, nargs="*", default=[], help="folders of pictures with N.txt payloads")
    parser.add_argument("--negatives", type=Path, nargs="*", default=[], help="folders without any code")
    parser.add_argument("--readers", default="fastqr,zxing-cpp", help="comma-separated: " + ", ".join(READERS))
    parser.add_argument("--only", default="", help="photographs whose category/name contains this")
    parser.add_argument("--out", type=Path, help="write every row as JSON")
    args = parser.parse_args()
    readers = {name: READERS[name]() for name in args.readers.split(",")}
    cv2.setNumThreads(1)
    report: dict[str, Any] = {}
    for root in args.boofcv:
        report[str(root)] = rows = marked_photographs(root, readers, args.only)
        print_marked(rows)
    exact: dict[str, list[Any]] = collections.defaultdict(list)
    for root in args.texts:
        report[str(root)] = rows = exact_texts(root, readers)
        for name, reader in rows.items():
            exact[name] += reader
    for name, reader in exact.items():
        print(f"{name}: exact text in {sum(row['exact'] for row in reader)} of {len(reader)} pictures")
        print_times(name, [row["ms"] for row in reader])
    for root in args.negatives:
        report[str(root)] = rows = negatives(root, readers)
        for name, reader in rows.items():
            false = [(row["photo"], row["got"]) for row in reader if row["got"]]
            print(
                f"{root.name}: {name}: false reads in {len(false)} of {len(reader)} pictures", *false[:10], sep="\n  "
            )
            print_times(name, [row["ms"] for row in reader])
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
