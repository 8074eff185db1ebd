"""Symbols as tables of pandas and detections of supervision."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import fastqr
from conftest import code_modules, code_picture


@pytest.fixture(scope="module")
def symbols(scanner: fastqr.Scanner) -> list[fastqr.Symbol]:
    """Two symbols of a picture."""
    return scanner.decode(np.hstack([code_picture("WIFI:S:net;T:WPA;P:x;;"), code_picture("second", version=2)]))


def test_a_table_has_a_row_a_symbol(symbols: list[fastqr.Symbol]) -> None:
    pytest.importorskip("pandas")
    table = fastqr.to_dataframe(symbols)
    assert table["text"].tolist() == ["WIFI:S:net;T:WPA;P:x;;", "second"]
    assert table["data"].tolist() == [symbol.data for symbol in symbols]
    assert table["kind"].tolist() == ["wifi", "text"]
    assert table[["x1", "y1", "x2", "y2"]].to_numpy().tolist() == [list(symbol.bbox or ()) for symbol in symbols]
    assert table["angle"].tolist() == [symbol.angle for symbol in symbols]
    assert table["version"].tolist() == [2, 2]
    assert table["encoding"].tolist() == [symbol.encoding for symbol in symbols]
    assert table.query("confidence > 0.5 and not inverted").shape[0] == 2


def test_a_table_without_rows_has_the_same_columns_of_the_same_types(symbols: list[fastqr.Symbol]) -> None:
    pytest.importorskip("pandas")
    full, empty = fastqr.to_dataframe(symbols), fastqr.to_dataframe([])
    assert len(empty) == 0
    assert empty.columns.tolist() == full.columns.tolist()
    numbers = [name for name in full.columns if full[name].dtype != empty[name].dtype]
    assert numbers == []


def test_symbols_without_a_place_have_none_in_a_table() -> None:
    pytest.importorskip("pandas")
    table = fastqr.to_dataframe([fastqr.decode_modules(code_modules("nowhere"))])
    assert table["text"].tolist() == ["nowhere"]
    assert table[["x1", "y2", "centre_x", "angle"]].isna().all(axis=None)


def test_detections_of_supervision_hold_boxes_corners_and_texts(symbols: list[fastqr.Symbol]) -> None:
    supervision = pytest.importorskip("supervision")
    nowhere = fastqr.decode_modules(code_modules("nowhere"))
    detections = fastqr.to_supervision([*symbols, nowhere])
    assert len(detections) == 2
    np.testing.assert_array_equal(detections.xyxy, np.array([symbol.bbox for symbol in symbols], np.float32))
    assert detections.confidence.tolist() == pytest.approx([symbol.confidence for symbol in symbols])
    kept = detections[detections.data["text"] == "second"]
    assert kept.data["class_name"].tolist() == ["QR code"]
    scene = np.full((300, 600, 3), 255, np.uint8)
    drawn = supervision.OrientedBoxAnnotator().annotate(scene.copy(), kept)
    assert (drawn != scene).any()
    assert len(fastqr.to_supervision([])) == 0


@pytest.mark.parametrize("name", ["pandas", "supervision"])
def test_a_package_that_is_missing_is_named_with_the_way_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    function = {"pandas": fastqr.to_dataframe, "supervision": fastqr.to_supervision}[name]
    with pytest.raises(fastqr.MissingLibraryError, match=rf"needs {name}, .*pip install 'fastqr\[{name}\]'"):
        function([])
