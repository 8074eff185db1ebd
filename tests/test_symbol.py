"""A symbol is a value: what it holds is computed when it is asked for, and is the same wherever it goes."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import sys

import numpy as np
import pytest
import segno

import fastqr
from conftest import code_modules, code_picture, place, quad_of, symbol_quad
from fastqr import Symbol, content
from fastqr.symbol import symbol_from_record
from symbol_drawing import alphanumeric_segment, draw, padded

TEXT = "a value"
FIELDS = [field.name for field in dataclasses.fields(Symbol)]


@pytest.fixture
def symbol(scanner: fastqr.Scanner) -> Symbol:
    """A symbol that was read from a picture, of which nothing has been asked yet."""
    (read,) = scanner.decode(code_picture(TEXT))
    return read


def computed(symbol: Symbol) -> list[str]:
    """Names of the fields that a symbol holds by now."""
    return [name for name in FIELDS if _holds(symbol, name)]


def _holds(symbol: Symbol, name: str) -> bool:
    try:
        getattr(Symbol, name).__get__(symbol)
    except AttributeError:
        return False
    return True


def test_nothing_is_computed_before_it_is_asked_for(symbol: Symbol) -> None:
    assert computed(symbol) == []
    assert symbol.text == TEXT
    assert computed(symbol) == ["text"]
    assert symbol.modules is symbol.modules
    assert computed(symbol) == ["text", "modules"]


def test_two_readings_of_one_picture_are_equal_and_have_one_hash(scanner: fastqr.Scanner) -> None:
    (one,), (other,) = scanner.decode(code_picture(TEXT)), scanner.decode(code_picture(TEXT))
    assert one is not other
    assert one == other
    assert len({one, other}) == 1


def test_symbols_that_stand_elsewhere_or_say_something_else_differ(scanner: fastqr.Scanner) -> None:
    picture = code_picture(TEXT)
    moved = np.pad(picture, ((0, 0), (7, 0)), constant_values=255)
    symbols = [symbol for shown in (picture, moved, code_picture("another")) for symbol in scanner.decode(shown)]
    assert len(set(symbols)) == 3
    assert symbols[0] != symbols[1]
    assert symbols[0] != TEXT


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_that_differs_makes_symbols_differ(symbol: Symbol, name: str) -> None:
    value = getattr(symbol, name)
    other = ~value if name == "modules" else value + 1 if isinstance(value, np.ndarray) else ("another", value)
    assert dataclasses.replace(symbol, **{name: value}) == symbol
    assert dataclasses.replace(symbol, **{name: other}) != symbol


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda symbol: pickle.loads(pickle.dumps(symbol)), dataclasses.replace]
)
def test_a_copy_is_equal_and_whole(symbol: Symbol, duplicate: object) -> None:
    other = duplicate(symbol)  # type: ignore[operator]
    assert other == symbol
    assert hash(other) == hash(symbol)
    assert computed(other) == FIELDS
    assert repr(other) == repr(symbol)


def test_symbols_cannot_be_changed(symbol: Symbol) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        symbol.text = "changed"  # type: ignore[misc]
    for held in (symbol, copy.copy(symbol)):
        for array in (held.quad, held.landmarks, held.modules):
            assert array is not None
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 1


def test_what_a_symbol_does_not_have_is_named(symbol: Symbol) -> None:
    with pytest.raises(AttributeError, match="'Symbol' object has no attribute 'texts'"):
        symbol.texts  # type: ignore[attr-defined]  # noqa: B018


def test_symbols_without_a_picture_have_no_place_and_compare() -> None:
    one, other = (fastqr.decode_modules(code_modules(TEXT)) for _ in range(2))
    assert one.quad is None
    assert one.landmarks is None
    assert not one.inverted
    assert one == other
    assert hash(one) == hash(other)


def test_a_symbol_keeps_its_record_alone(scanner: fastqr.Scanner) -> None:
    search = scanner._searched(code_picture(TEXT), fastqr.search.PLAN)
    (reading,) = search.results.readings
    held = sys.getrefcount(reading)
    symbol = symbol_from_record(reading.record)
    assert symbol.text == TEXT
    assert sys.getrefcount(reading) == held  # its lattice takes half a megabyte at version 40


# What a symbol says of itself ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("degrees", [0, 30, 90, 135, 180, 270, 315])
def test_a_symbol_says_where_it_is_and_how_it_is_turned(scanner: fastqr.Scanner, degrees: int) -> None:
    scene = np.full((240, 320), 255, np.uint8)
    quad = quad_of((170, 110), 140, degrees=degrees)
    (symbol,) = scanner.decode(place(scene, code_picture(TEXT), quad))
    corners = symbol_quad(quad, 21)
    assert symbol.bbox is not None
    assert symbol.centre == pytest.approx((170, 110), abs=1)
    assert symbol.bbox == pytest.approx((*corners.min(0), *corners.max(0)), abs=1)
    assert symbol.angle is not None
    assert -180 < symbol.angle <= 180
    assert np.exp(1j * np.radians(symbol.angle)) == pytest.approx(np.exp(1j * np.radians(degrees)), abs=0.02)


def test_the_readable_form_says_text_and_place_in_one_line(scanner: fastqr.Scanner) -> None:
    (symbol,) = scanner.decode(code_picture(TEXT, scale=4))
    assert repr(symbol) == "Symbol('a value', bbox=(16, 16, 100, 100), angle=0, version=1, ec_level='H')"
    (long,) = scanner.decode(code_picture("line\n" * 100, scale=4))
    assert "\n" not in repr(long)
    assert len(repr(long)) < 200
    assert repr(fastqr.decode_modules(code_modules(TEXT))) == "Symbol('a value', version=1, ec_level='H')"


def test_all_of_a_symbol_is_plain_values(symbol: Symbol) -> None:
    plain = symbol.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain.keys() == {*FIELDS, "bbox", "centre", "angle", "content"} - {"modules"}
    assert plain["text"] == TEXT
    assert plain["data"] == TEXT.encode().hex()
    assert plain["segments"] == [{"mode": "byte", "data": TEXT.encode().hex(), "text": TEXT, "eci": None}]
    assert plain["content"] == {"kind": "text", "warnings": [], "text": TEXT}
    np.testing.assert_allclose(plain["quad"], [[24, 24], [150, 24], [150, 150], [24, 150]], atol=0.3)
    rows = symbol.to_dict(modules=True)["modules"]
    assert isinstance(rows, list)
    np.testing.assert_array_equal([[module == "1" for module in row] for row in rows], symbol.modules)


def test_a_symbol_without_a_place_is_plain_values() -> None:
    plain = fastqr.decode_modules(code_modules("part", version=1)).to_dict()
    assert [plain[name] for name in ("quad", "landmarks", "bbox", "centre", "angle")] == [None] * 5
    assert json.loads(json.dumps(plain)) == plain


def test_a_part_of_a_message_says_so_in_plain_values() -> None:
    first = next(iter(segno.make_sequence("in two parts", symbol_count=2)))
    plain = fastqr.decode_modules(np.array([list(row) for row in first.matrix], np.uint8) == 1).to_dict()
    assert plain["structured_append"] == {"index": 0, "total": 2, "parity": plain["structured_append"]["parity"]}


def test_what_a_payload_is_for_is_found_when_it_is_asked_for(symbol: Symbol) -> None:
    assert symbol.content is symbol.content
    assert symbol.content == content.Text(TEXT)
    assert copy.copy(symbol).content == symbol.content


def test_the_content_of_a_gs1_symbol_is_of_element_strings() -> None:
    pytest.importorskip("biip")
    symbol = fastqr.decode_modules(draw(padded("0101" + alphanumeric_segment("0107032069804988"), 2, "L"), 2, "L"))
    assert symbol.symbology_identifier == "]Q3"
    assert isinstance(symbol.content, content.GS1)
    assert symbol.content.get("01") == "07032069804988"


def test_a_payload_that_names_its_character_set_is_read_under_it() -> None:
    bill = "ST00011|Name=ООО «Три кита»|PersonalAcc=40702810138250123017|Sum=100000"
    symbol = fastqr.decode_modules(code_modules(bill.encode("cp1251")))
    assert isinstance(symbol.content, content.RussianPayment)
    assert symbol.content.name == "ООО «Три кита»"
