"""Results as rows: one a symbol, and one a picture without any, so that no picture is missing."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from fastqr.errors import FastQRError
from fastqr.pictures import load_picture

from .sources import Item, shown

if TYPE_CHECKING:
    from fastqr import Scanner, Symbol

__all__ = ["PICTURE_SCHEMA", "SCHEMA", "SYMBOL_SCHEMA", "Rows", "read_item", "tables"]

PICTURE_SCHEMA = pa.schema(
    [
        ("source", pa.string()),  # the picture file, table, archive or document
        ("item", pa.string()),  # the member's name within an archive
        ("index", pa.int64()),  # number of the picture within its source, from 0
    ]
)
SYMBOL_SCHEMA = pa.schema(
    [
        ("width", pa.int32()),  # pixels
        ("height", pa.int32()),
        ("milliseconds", pa.float32()),  # that loading and searching the picture took
        ("error", pa.string()),  # why the picture was not read
        ("symbol", pa.int32()),  # number of the symbol within its picture, from 0; null where there is none
        ("text", pa.string()),
        ("data", pa.binary()),
        ("quad", pa.list_(pa.float32())),  # x1, y1 to x4, y4: top left, top right, bottom right, bottom left corner
        ("version", pa.int16()),
        ("model", pa.int16()),
        ("ec_level", pa.string()),
        ("mask", pa.int16()),
        ("encoding", pa.string()),  # character set by which the bytes became text
        ("encoding_named", pa.bool_()),  # whether the symbol names it; else it was guessed, this likely:
        ("encoding_certainty", pa.float32()),
        ("symbology_identifier", pa.string()),
        ("structured_append", pa.struct([("index", pa.int16()), ("total", pa.int16()), ("parity", pa.int16())])),
        ("confidence", pa.float32()),
        ("corrected_codewords", pa.int32()),
        ("erased_codewords", pa.int32()),
        ("inverted", pa.bool_()),
        ("mirrored", pa.bool_()),
    ]
)
SCHEMA = pa.unify_schemas([PICTURE_SCHEMA, SYMBOL_SCHEMA])


@dataclass(slots=True)
class Rows:
    """What one picture gave."""

    values: list[dict[str, Any]] = field(default_factory=list)
    symbols: int = 0
    error: str | None = None


def read_item(scanner: Scanner, item: Item) -> Rows:
    """Read one picture; whatever goes wrong with it is an error of its row."""
    rows = Rows(error=item.error)
    picture: dict[str, Any] = {"source": shown(item.source), "index": item.index}
    if item.name is not None:
        picture["item"] = shown(item.name)
    symbols: list[Symbol] = []
    start = time.perf_counter()
    if item.picture is not None:
        try:
            pixels = load_picture(item.picture, max_bytes=scanner.max_bytes)
            picture["height"], picture["width"] = pixels.shape[:2]
            symbols = scanner.decode(pixels)
        except FastQRError as error:
            rows.error = shown(str(error))
        except Exception as error:  # one picture of millions must not end them all
            rows.error = shown(f"{type(error).__name__}: {error}")
    picture |= {"milliseconds": (time.perf_counter() - start) * 1e3, "error": rows.error}
    rows.symbols = len(symbols)
    rows.values = [picture | _values(number, symbol) for number, symbol in enumerate(symbols)] or [picture]
    return rows


def _values(number: int, symbol: Symbol) -> dict[str, Any]:
    append = symbol.structured_append
    return {
        "symbol": number,
        "text": shown(symbol.text),
        "data": symbol.data,
        "quad": None if symbol.quad is None else symbol.quad.reshape(-1).tolist(),
        "version": symbol.version,
        "model": symbol.model,
        "ec_level": symbol.ec_level,
        "mask": symbol.mask,
        "encoding": symbol.encoding,
        "encoding_named": symbol.encoding_named,
        "encoding_certainty": symbol.encoding_certainty,
        "symbology_identifier": symbol.symbology_identifier,
        "structured_append": append and {"index": append.index, "total": append.total, "parity": append.parity},
        "confidence": symbol.confidence,
        "corrected_codewords": symbol.corrected_codewords,
        "erased_codewords": symbol.erased_codewords,
        "inverted": symbol.inverted,
        "mirrored": symbol.mirrored,
    }


def tables(rows: Iterable[dict[str, Any]], schema: pa.Schema, most: int) -> Iterator[pa.Table]:
    """Yield rows as tables of at most so many, so that few are in memory."""
    waiting: list[dict[str, Any]] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == most:
            yield pa.Table.from_pylist(waiting, schema)
            waiting.clear()
    if waiting:
        yield pa.Table.from_pylist(waiting, schema)
