"""Whole symbols from segno: every version and level, every mask, every mode."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest
import segno

from fastqr import _core
from fastqr.errors import ArgumentTypeError, InvalidArgumentError, UndecodableError
from fastqr.symbol import StructuredAppend, decode_modules
from symbol_drawing import alphanumeric_segment, bits, byte_segment, draw, padded

ALL = list(itertools.product(range(1, 41), "LMQH"))


def modules_of(code: segno.QRCode) -> npt.NDArray[np.bool_]:
    return np.array([list(row) for row in code.matrix], dtype=bool)


def symbol_of(stream: str, version: int = 2, level: str = "L", **options: str) -> npt.NDArray[np.bool_]:
    return draw(padded(stream, version, level, **options), version, level)


@pytest.mark.parametrize(("version", "level"), ALL)
def test_every_version_and_level(version: int, level: str) -> None:
    mask = (version + "LMQH".index(level)) % 8
    code = segno.make_qr(f"{version}-{level}", version=version, error=level, mask=mask, boost_error=False)
    modules = modules_of(code)
    symbol = decode_modules(modules)
    assert (symbol.version, symbol.ec_level, symbol.mask) == (version, level, mask)
    assert symbol.text == f"{version}-{level}"
    np.testing.assert_array_equal(symbol.modules, modules)
    assert (symbol.corrected_codewords, symbol.erased_codewords) == (0, 0)
    assert not symbol.mirrored
    assert symbol.confidence > 0.99


@pytest.mark.parametrize(("version", "level"), [(1, "H"), (7, "L"), (15, "Q"), (40, "L"), (40, "H")])
def test_symbols_filled_to_the_last_codeword(version: int, level: str) -> None:
    error = segno.consts.ERROR_MAPPING[level]
    bytes_at_most = segno.consts.SYMBOL_CAPACITY[version][error] // 8 - (2 if version < 10 else 3)
    data = np.random.default_rng(version).integers(0, 256, bytes_at_most, np.uint8).tobytes()
    code = segno.make_qr(data, version=version, error=level, mode="byte", boost_error=False, mask=0)
    assert decode_modules(modules_of(code)).data == data


@pytest.mark.parametrize("mask", range(8))
@pytest.mark.parametrize("version", [1, 7, 22])
def test_every_mask(mask: int, version: int) -> None:
    symbol = decode_modules(modules_of(segno.make_qr("mask", version=version, mask=mask)))
    assert (symbol.text, symbol.mask) == ("mask", mask)


@pytest.mark.parametrize("version", [1, 9, 10, 26, 27, 40])  # the lengths of the character count change between these
@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("numeric", "0123456"),
        ("numeric", "00"),
        ("alphanumeric", "A-1/%%"),
        ("byte", "bytes"),
        ("kanji", "漢字点"),
        ("hanzi", "中文字"),
    ],
)
def test_every_mode(mode: str, text: str, version: int) -> None:
    code = segno.make(text, mode=mode, version=version, micro=False)
    symbol = decode_modules(modules_of(code))
    assert symbol.text == text
    assert [segment.mode for segment in symbol.segments] == [mode]
    assert symbol.symbology_identifier == "]Q1"


def test_kanji_and_hanzi_keep_their_bytes() -> None:
    assert decode_modules(modules_of(segno.make("茗荷", mode="kanji", micro=False))).data == "茗荷".encode("cp932")
    assert decode_modules(modules_of(segno.make("啊座", mode="hanzi", micro=False))).data == "啊座".encode("gb2312")


def test_several_segments() -> None:
    code = segno.make_qr(["ABC", 12345, "äöü", "点茗"])
    symbol = decode_modules(modules_of(code))
    assert [segment.mode for segment in symbol.segments] == ["alphanumeric", "numeric", "byte", "kanji"]
    assert symbol.text == "ABC12345äöü点茗"


@pytest.mark.parametrize(
    ("encoding", "eci", "text"),
    [("utf-8", 26, "Grüße, 世界"), ("iso-8859-7", 9, "Ελλάδα"), ("cp1251", 22, "Привет"), ("shift_jis", 20, "ｱｲｳ")],
)
def test_eci_names_the_character_set(encoding: str, eci: int, text: str) -> None:
    symbol = decode_modules(modules_of(segno.make_qr(text, encoding=encoding, eci=True, mode="byte")))
    assert symbol.text == text
    assert symbol.segments[0].eci == eci
    assert symbol.symbology_identifier == "]Q2"


@pytest.mark.parametrize(
    ("designator", "eci"), [("00011010", 26), ("10" + bits(899, 14), 899), ("110" + bits(123456, 21), 123456)]
)
def test_eci_designators_of_one_two_and_three_codewords(designator: str, eci: int) -> None:
    assert decode_modules(symbol_of("0111" + designator + byte_segment(b"x"))).segments[0].eci == eci


def test_structured_append() -> None:
    parts = segno.make_sequence("structured append of a longer message", symbol_count=3)
    symbols = [decode_modules(modules_of(part)) for part in parts]
    assert "".join(symbol.text for symbol in symbols) == "structured append of a longer message"
    parity = 0
    for byte in b"structured append of a longer message":
        parity ^= byte
    assert [symbol.structured_append for symbol in symbols] == [StructuredAppend(i, 3, parity) for i in range(3)]
    assert decode_modules(modules_of(segno.make_qr("alone"))).structured_append is None


def test_fnc1_in_first_position_is_gs1() -> None:
    symbol = decode_modules(symbol_of("0101" + alphanumeric_segment("10ABC%2112%%")))
    assert symbol.text == "10ABC\x1d2112%"
    assert symbol.symbology_identifier == "]Q3"
    with_eci = symbol_of("0111" + bits(26, 8) + "0101" + byte_segment(b"0112%"))
    assert decode_modules(with_eci).symbology_identifier == "]Q4"
    assert decode_modules(with_eci).text == "0112%"


def test_fnc1_in_second_position_puts_the_application_indicator_first() -> None:
    symbol = decode_modules(symbol_of("1001" + bits(37, 8) + byte_segment(b"x")))
    assert (symbol.text, symbol.data, symbol.symbology_identifier) == ("37x", b"37x", "]Q5")
    assert decode_modules(symbol_of("1001" + bits(ord("a") + 100, 8) + byte_segment(b"x"))).text == "ax"


@pytest.mark.parametrize("terminator", ["0000", "000", "00", "0", ""])
def test_terminators_cut_by_the_capacity(terminator: str) -> None:
    # Version 1 L holds 152 bits: numeric and alphanumeric segments that leave 4, 3, 2, 1 and 0 of them.
    for digits in range(1, 42):
        stream = "0001" + bits(digits, 10) + "".join(bits(0, 10) for _ in range(digits // 3))
        stream += "0" * {0: 0, 1: 4, 2: 7}[digits % 3]
        for letters in range(1, 24):
            full = stream + alphanumeric_segment("A" * letters)
            if 152 - len(full) == len(terminator):
                symbol = decode_modules(symbol_of(full, 1))
                assert symbol.text == "0" * digits + "A" * letters
                return
    pytest.fail("no such stream")


def test_missing_terminator_before_padding() -> None:
    assert decode_modules(symbol_of(byte_segment(b"abc") + "0000", terminator="")).text == "abc"
    aligned = "0111" + bits(26, 8) + byte_segment(b"abc") + ""
    assert len(aligned) % 8 == 0
    assert decode_modules(symbol_of(aligned, terminator="")).text == "abc"


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param("", id="nothing but padding"),
        pytest.param("0100" + bits(0, 8), id="a segment of no bytes"),
        pytest.param("0111" + bits(26, 8), id="an ECI alone"),
        pytest.param("0001" + bits(3, 10) + bits(1000, 10), id="three digits that are 1000"),
        pytest.param("0010" + bits(2, 9) + bits(2025, 11), id="an alphanumeric pair past 44, 44"),
        pytest.param("0010" + bits(1, 9) + bits(45, 6), id="an alphanumeric character past 44"),
        pytest.param("0100" + bits(200, 8) + bits(65, 8), id="a byte segment past the end"),
        pytest.param("1000" + bits(200, 8) + bits(0, 13), id="a kanji segment past the end"),
        pytest.param("1000" + bits(1, 8) + bits(63, 13), id="a kanji that Shift_JIS does not have"),
        pytest.param("1101" + "0010" + bits(1, 8) + bits(0, 13), id="an unknown Hanzi subset"),
        pytest.param("1101" + "0001" + bits(1, 8) + bits(95, 13), id="a Hanzi that GB 2312 does not have"),
        pytest.param("1111" + bits(0, 20), id="an unknown mode"),
        pytest.param("0111" + "111" + bits(0, 21) + byte_segment(b"x"), id="an unknown ECI designator"),
        pytest.param("0111" + "110" + bits(1000000, 21) + byte_segment(b"x"), id="an ECI past 999999"),
        pytest.param("0011" + bits(3, 4) + bits(1, 4) + bits(0, 8) + byte_segment(b"x"), id="symbol 4 of 2"),
        pytest.param("1001" + bits(100, 8) + byte_segment(b"x"), id="an unknown application indicator"),
        pytest.param(byte_segment(b"x") + "0101" + byte_segment(b"x"), id="FNC1 after data"),
    ],
)
def test_streams_that_no_encoder_writes_are_refused(stream: str) -> None:
    with pytest.raises(UndecodableError):
        decode_modules(symbol_of(stream))


@pytest.mark.parametrize("version", [1, 2, 7, 20, 40])
def test_mirrored_symbols(version: int) -> None:
    modules = modules_of(segno.make_qr("mirror", version=version))
    symbol = decode_modules(modules.T)
    assert symbol.text == "mirror"
    assert symbol.mirrored
    np.testing.assert_array_equal(symbol.modules, modules)
    assert _core.decode_modules(modules.T, try_mirrored=False) is None


def test_format_information_survives_in_either_copy() -> None:
    modules = modules_of(segno.make_qr("format", version=3, error="Q")).astype(np.float32)
    one_copy, other_copy, damaged = modules.copy(), modules.copy(), modules.copy()
    one_copy[8, :9] = one_copy[:9, 8] = 0.5
    other_copy[8, -8:] = other_copy[-7:, 8] = 0.5
    for column in (0, 1, 2):  # three bits of one copy, three others of the other
        damaged[8, column] = 1 - damaged[8, column]
    for column in (1, 2, 3):
        damaged[8, -column] = 1 - damaged[8, -column]
    for probabilities in (one_copy, other_copy, damaged):
        assert decode_modules(probabilities).text == "format"


def test_format_information_may_be_missing_altogether() -> None:
    probabilities = modules_of(segno.make_qr("format", version=3, error="Q")).astype(np.float32)
    probabilities[8, :9] = probabilities[:9, 8] = 0.5
    probabilities[8, -8:] = probabilities[-7:, 8] = 0.5
    assert decode_modules(probabilities).text == "format"


def test_version_information_is_no_gate() -> None:
    probabilities = modules_of(segno.make_qr("version", version=8)).astype(np.float32)
    other = modules_of(segno.make_qr("version", version=9))
    probabilities[:6, -11:-8] = other[:6, -11:-8]
    probabilities[-11:-8, :6] = other[-11:-8, :6]
    assert decode_modules(probabilities).text == "version"


@pytest.mark.parametrize("value", [0.0, 1.0, 0.5, 0.3, 0.9, np.nan])
def test_uniform_modules_are_nothing(value: float) -> None:
    for version in range(1, 41):
        size = 17 + 4 * version
        assert _core.decode_modules(np.full((size, size), value, np.float32)) is None


def test_stripes_and_checks_are_nothing() -> None:
    row, column = np.mgrid[:177, :177]
    for pattern in (row % 2, column % 2, (row + column) % 2, row // 2 % 2, column % 3 == 0, (row + column) % 3 == 0):
        for version in range(1, 41):
            size = 17 + 4 * version
            for inverted in (False, True):
                assert _core.decode_modules(pattern[:size, :size].astype(bool) ^ inverted) is None


def test_infinities_and_values_outside_0_to_1_are_clipped_by_the_core() -> None:
    modules = modules_of(segno.make_qr("clip"))
    record = _core.decode_modules(np.where(modules, np.inf, -np.inf).astype(np.float32))
    assert record is not None
    assert record.segments[0][2] == b"CLIP".lower()


@pytest.mark.parametrize("shape", [(0, 0), (20, 20), (21, 22), (22, 22), (181, 181), (21,), (21, 21, 1), ()])
def test_shapes_that_no_symbol_has(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"probabilities must have shape .* got \("):
        _core.decode_modules(np.zeros(shape, np.float32))
    with pytest.raises(InvalidArgumentError, match=r"modules must have shape .* got \("):
        decode_modules(np.zeros(shape))


def test_values_and_types_that_are_not_probabilities() -> None:
    with pytest.raises(InvalidArgumentError, match=r"0\.\.1"):
        decode_modules(np.full((21, 21), 255))
    with pytest.raises(InvalidArgumentError, match=r"0\.\.1"):
        decode_modules(np.full((21, 21), np.inf))
    with pytest.raises(ArgumentTypeError, match="dtype"):
        decode_modules(np.full((21, 21), "x"))
    with pytest.raises(ArgumentTypeError, match="modules must be a bool or float array"):
        decode_modules([[True], [True, False]])
    with pytest.raises(TypeError, match="dtype"):
        _core.decode_modules(np.full((21, 21), 1j))
    with pytest.raises(UndecodableError):
        decode_modules(np.full((21, 21), np.nan))


def test_any_strides_and_float_types() -> None:
    modules = modules_of(segno.make_qr("strides"))
    twice = np.kron(modules, np.ones((2, 2), bool))[::2, ::2]
    for array in (twice, twice.astype(np.float64), twice.astype(np.float16), twice.astype(np.uint8), modules.tolist()):
        assert decode_modules(array).text == "strides"
