"""A symbol is a value: what it holds is computed when it is asked for, and is the same wherever it goes."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import sys

import numpy as np
import pytest

import fastqr
from conftest import code_modules, code_picture
from fastqr import Symbol
from fastqr.symbol import symbol_from_record

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
