"""Symbols in the forms of other packages: a table of pandas, and detections of supervision."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from .errors import MissingLibraryError

if TYPE_CHECKING:
    import pandas
    import supervision

    from .symbol import Symbol

__all__ = ["to_dataframe", "to_supervision"]

_ATTRIBUTES = {
    "text": "str",
    "data": "object",
    "version": "int64",
    "model": "int64",
    "ec_level": "str",
    "mask": "int64",
    "encoding": "str",
    "symbology_identifier": "str",
    "confidence": "float64",
    "corrected_codewords": "int64",
    "erased_codewords": "int64",
    "inverted": "bool",
    "mirrored": "bool",
}
_PLACES = ("x1", "y1", "x2", "y2", "centre_x", "centre_y", "angle")


def to_dataframe(symbols: Iterable[Symbol]) -> pandas.DataFrame:
    """Return symbols as a table, one row a symbol (extra ``pandas``).

    Parameters
    ----------
    symbols : iterable of Symbol

    Returns
    -------
    pandas.DataFrame
        Columns ``text``, ``data`` (bytes), ``kind`` of the content, the upright box ``x1``, ``y1``, ``x2``, ``y2``,
        ``centre_x``, ``centre_y`` and ``angle`` (NaN for symbols without a place), and the plain attributes; of the
        same types also where there are no rows.

    Raises
    ------
    MissingLibraryError
        pandas is not installed.
    """
    table = _library("pandas", "to_dataframe")
    symbols = list(symbols)
    places = np.array([_place(symbol) for symbol in symbols], np.float64).reshape(-1, len(_PLACES))
    columns = {
        name: table.Series([getattr(s, name) for s in symbols], dtype=kind) for name, kind in _ATTRIBUTES.items()
    }
    columns |= dict(zip(_PLACES, places.T, strict=True))
    columns["kind"] = table.Series([symbol.content.kind for symbol in symbols], dtype="str")
    return table.DataFrame({name: columns[name] for name in ("text", "data", "kind", *_PLACES, *columns)})


def to_supervision(symbols: Iterable[Symbol]) -> supervision.Detections:
    """Return symbols as detections that supervision filters, tracks and draws (extra ``supervision``).

    Parameters
    ----------
    symbols : iterable of Symbol
        Those without a place in a picture are left out.

    Returns
    -------
    supervision.Detections
        Boxes, confidences, class 0 with the name "QR code", and in ``data`` the corners under supervision's own name
        ``"xyxyxyxy"``, which its annotator of oriented boxes draws, and ``"text"``.

    Raises
    ------
    MissingLibraryError
        supervision is not installed.
    """
    detections = _library("supervision", "to_supervision").Detections
    placed = [symbol for symbol in symbols if symbol.quad is not None]
    return detections(
        xyxy=np.array([symbol.bbox for symbol in placed], np.float32).reshape(-1, 4),
        confidence=np.array([symbol.confidence for symbol in placed], np.float32),
        class_id=np.zeros(len(placed), int),
        data={
            "class_name": np.array(["QR code"] * len(placed), object),
            "xyxyxyxy": np.array([symbol.quad for symbol in placed], np.float32).reshape(-1, 4, 2),
            "text": np.array([symbol.text for symbol in placed], object),
        },
    )


def _place(symbol: Symbol) -> tuple[float, ...]:
    if symbol.bbox is None or symbol.centre is None or symbol.angle is None:
        return (np.nan,) * len(_PLACES)
    return (*symbol.bbox, *symbol.centre, symbol.angle)


def _library(name: str, function: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingLibraryError(
            f"{function} needs {name}, which cannot be loaded: {error}; pip install 'fastqr[{name}]'", name=name
        ) from error
