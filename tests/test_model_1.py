"""Symbols of QR Code Model 1, the original one (AIM ITS 97-001; ISO/IEC 18004:2000, Annex M)."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

import fastqr
import model_1_drawing as model_1
import symbol_drawing as model_2
from conftest import Picture, place, quad_of
from fastqr import _core
from fastqr.errors import UndecodableError
from model_1_drawing import VERSIONS

LEVELS = "LMQH"
ALL = list(itertools.product(VERSIONS, LEVELS))

Modules = npt.NDArray[np.bool_]


def random_symbol(version: int, level: str, seed: int = 0, *, mask: int | None = None) -> tuple[bytes, Modules]:
    """A symbol that is full, or half full."""
    rng = np.random.default_rng([version, ord(level), seed])
    room = model_1.capacity(version, level) - (3 if version < 10 else 4)
    payload = rng.integers(0, 256, room if seed % 2 == 0 else room // 2, np.uint8).tobytes()
    return payload, model_1.symbol(payload, version, level, int(rng.integers(8)) if mask is None else mask)


def payload_of(probabilities: npt.NDArray[np.generic], *, soft: bool = True) -> bytes | None:
    record = _core.decode_modules(probabilities, soft=soft)
    return None if record is None else b"".join(data for _, _, data in record.segments)


def picture_of(modules: Modules, scale: int, *, dark: int = 0, light: int = 255) -> Picture:
    values = np.where(np.pad(modules, 4), dark, light).astype(np.uint8)
    return np.kron(values, np.ones((scale, scale), np.uint8))


def protection(version: int, level: str) -> int:
    return {(1, "L"): 3, (1, "M"): 2, (1, "Q"): 1, (1, "H"): 1, (2, "L"): 2, (3, "L"): 1}.get((version, level), 0)


# What a symbol says -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "level"), ALL)
def test_every_version_and_level_is_read_straight_and_mirrored(version: int, level: str) -> None:
    for mask in range(version % 2, 8, 2):
        payload, modules = random_symbol(version, level, mask // 2, mask=mask)
        for seen, mirrored in ((modules, False), (modules.T, True)):
            record = _core.decode_modules(seen)
            assert record is not None
            assert record.segments == [("byte", None, payload)]
            assert (record.model, record.version, record.ec_level, record.mask) == (1, version, level, mask)
            assert (record.corrected_codewords, record.mirrored) == (0, mirrored)
            np.testing.assert_array_equal(record.modules, modules)


@pytest.mark.parametrize("version", range(1, 13))
def test_zxing_cpp_reads_the_symbols_that_the_tests_draw(version: int) -> None:
    zxingcpp = pytest.importorskip("zxingcpp")
    # In a picture of nothing else, for elsewhere it looks for the size in what is version information in Model 2 from
    # version 7 on. Of versions 13 and 14 it knows two and one codewords less than have a place, and reads none.
    for mask, level in enumerate(LEVELS):
        payload, modules = random_symbol(version, level, mask=2 * mask + version % 2)
        (found,) = zxingcpp.read_barcodes(picture_of(modules, 4), is_pure=True)
        assert (found.bytes, found.symbology_identifier) == (payload, "]Q0")


def test_a_symbol_of_the_original_model_says_so() -> None:
    modules = model_1.symbol(b"QR Code Model 1 ", 2, "M", 5)
    symbol = fastqr.decode_modules(modules)
    assert symbol.text == "QR Code Model 1 "
    assert (symbol.model, symbol.symbology_identifier) == (1, "]Q0")
    assert repr(symbol) == "Symbol('QR Code Model 1 ', version=2, model=1, ec_level='M')"
    assert symbol.to_dict()["model"] == 1
    other = fastqr.decode_modules(model_2.draw(model_2.padded(model_2.byte_segment(b"x"), 2, "M"), 2, "M"))
    assert (other.model, other.to_dict()["model"], "model" in repr(other)) == (2, 2, False)


@pytest.mark.parametrize(
    ("stream", "text"),
    [
        ("0001" + "0000000111" + "0000001100" + "0101011001" + "0110", "0123456"),
        (model_2.alphanumeric_segment("A-1/%%"), "A-1/%%"),
        ("1000" + "00000001" + "1101010101010", "茗"),
        ("0001" + "0000000001" + "0111" + model_2.byte_segment(b"x"), "7x"),
    ],
)
def test_modes_are_those_of_the_present_standard(stream: str, text: str) -> None:
    assert fastqr.decode_modules(model_1.draw(model_1.padded(stream, 2, "L"), 2, "L")).text == text


@pytest.mark.parametrize("digits", [15, 16])
def test_a_terminator_is_cut_where_the_capacity_ends(digits: int) -> None:
    stream = "0001" + f"{digits:010b}" + f"{333:010b}" * 5 + "0011" * (digits - 15)
    room = 8 * model_1.capacity(1, "H") - 4
    assert room - len(stream) == {15: 4, 16: 0}[digits]
    assert fastqr.decode_modules(model_1.draw(model_1.padded(stream, 1, "H"), 1, "H")).text == "3" * digits


# Damage -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "level"), ALL)
@pytest.mark.parametrize("kind", ["errors", "erasures", "both"])
def test_damage_up_to_the_capacity_of_every_block_is_repaired(version: int, level: str, kind: str) -> None:
    rng = np.random.default_rng([version, ord(level)])
    payload, modules = random_symbol(version, level, version)
    wrong, erased = [], []
    for block in model_1.blocks(version, level):
        correction = block.total - block.data
        budget = correction - protection(version, level)
        errors = {"errors": budget // 2, "erasures": 0, "both": int(rng.integers(budget // 2 + 1))}[kind]
        erasures = 0 if kind == "errors" else budget - 2 * errors
        while erasures > 0:  # what leaves the block 36 bits to vouch with (docs/false-accept.md)
            sphere = math.log2(math.comb(block.total - erasures, errors)) + errors * math.log2(255)
            if 8 * (correction - erasures) - sphere >= 36:
                break
            erasures -= 1
        chosen = rng.permutation(block.positions).tolist()
        wrong += chosen[:errors]
        erased += chosen[errors : errors + erasures]
    record = _core.decode_modules(model_1.damage(modules, version, rng, wrong=wrong, erased=erased))
    assert record is not None
    assert b"".join(data for _, _, data in record.segments) == payload
    assert (record.corrected_codewords, record.erased_codewords) == (len(wrong), len(erased))
    assert record.mended_codewords == sorted(wrong + erased)
    np.testing.assert_array_equal(record.modules, modules)


@pytest.mark.parametrize("version", VERSIONS)
def test_patterns_along_the_edges_are_not_needed(version: int) -> None:
    # What they take from the codewords is nothing; half of the first codeword lies under the corner and is known.
    payload, modules = random_symbol(version, "L")
    edges = np.zeros(modules.shape, bool)
    edges[-2:, 9:] = edges[9:, -2:] = True
    edges &= model_1.fixed(version) != 0
    capacity = (model_1.parameters(version, "L")[2] - protection(version, "L")) // 2
    wrong = np.random.default_rng(version).permutation(model_1.blocks(version, "L")[0].positions)[:capacity]
    for seen in (modules ^ edges, np.where(edges, np.float32(0.5), modules)):
        assert payload_of(seen) == payload
        hurt = model_1.damage(seen.astype(bool), version, np.random.default_rng(1), wrong=wrong)
        assert payload_of(hurt) == payload


def test_the_first_bits_of_the_data_are_zeros_or_nothing_is_read() -> None:
    payload, _ = random_symbol(3, "M")
    data = model_1.padded(model_2.byte_segment(payload), 3, "M")
    for bit in (0x10, 0x80):
        words = model_1.message([data[0] | bit, *data[1:]], 3, "M")
        modules = model_1.draw(data, 3, "M", 2)
        for word, places in zip(words[1:], model_1.placement(3)[1:], strict=True):
            for at, module in enumerate(places):
                modules[module] = bool(word >> (7 - at) & 1) != model_1.MASKS[2](*module)
        found = payload_of(modules)
        assert found is None or found == payload


def test_soft_decoding_goes_past_the_capacity_where_probabilities_vouch() -> None:
    rng = np.random.default_rng(2)
    read = {False: 0, True: 0}
    for seed in range(50):
        payload, modules = random_symbol(7, "H", seed)
        received = np.where(modules, 1.0, -1.0) + rng.normal(0, 0.62, modules.shape)  # 5.3 % of the modules are wrong
        probabilities = (1 / (1 + np.exp(-2 * received / 0.62**2))).astype(np.float32)
        for soft in (False, True):
            found = payload_of(probabilities, soft=soft)
            assert found in (None, payload)
            read[soft] += found is not None
    assert read[True] > read[False] + 20


# Format information -------------------------------------------------------------------------------------------------


def format_places(size: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    beside = [(8, c) for c in (0, 1, 2, 3, 4, 5, 7, 8)] + [(r, 8) for r in (7, 5, 4, 3, 2, 1, 0)]
    apart = [(8, size - 8 + i) for i in range(8)] + [(size - 7 + i, 8) for i in range(7)]
    return beside, apart


def with_format(modules: npt.NDArray[np.generic], *copies: npt.ArrayLike | None) -> npt.NDArray[np.float32]:
    result = modules.astype(np.float32)
    for where, values in zip(format_places(len(modules)), copies, strict=True):
        if values is not None:
            result[tuple(np.transpose(where))] = values
    return result


def in_error(modules: Modules, errors: tuple[int, int], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Both copies, with so many modules turned."""
    result = modules.copy()
    for where, count in zip(format_places(len(modules)), errors, strict=True):
        for module in rng.permutation(where)[:count]:
            result[tuple(module)] ^= True
    return result.astype(np.float32)


def test_words_of_the_two_models_differ_in_five_modules_at_least() -> None:
    first, second = (
        [model_1.format_word(level, mask) ^ turned for level in LEVELS for mask in range(8)]
        for turned in (0, 0x2825 ^ 0x5412)
    )
    assert sorted({(a ^ b).bit_count() for a in first for b in second}) == [5, 6, 9, 10]
    assert not set(first) & set(second)


@pytest.mark.parametrize("version", [1, 7, 12])
def test_three_errors_in_each_copy_are_corrected(version: int) -> None:
    rng = np.random.default_rng(version)
    for level, mask in itertools.product(LEVELS, range(8)):
        payload, modules = random_symbol(version, level, 1, mask=mask)
        for errors in ((3, 3), (0, 7), (7, 0)):
            found = payload_of(in_error(modules, errors, rng))
            assert found in (None, payload)
            assert found == payload or errors != (3, 3)
        for lost in (0.0, 1.0, 0.5):
            assert payload_of(with_format(modules, None, lost)) == payload
            assert payload_of(with_format(modules, lost, None)) == payload


@pytest.mark.parametrize("version", VERSIONS)
def test_no_symbol_is_read_as_one_of_the_other_model(version: int) -> None:
    # Neither with its own format information, whole, damaged or lost, nor with the other model's.
    rng = np.random.default_rng(version)
    read = 0
    for level, mask in zip(LEVELS, (0, 3, 5, 6), strict=True):
        payload, of_1 = random_symbol(version, level, mask)
        longest = model_2.data_capacity(version, level) - (2 if version < 10 else 3)
        data = rng.integers(0, 256, longest, np.uint8).tobytes()
        of_2 = model_2.draw(model_2.padded(model_2.byte_segment(data, version), version, level), version, level, mask)
        for own, other, says, model in ((of_1, of_2, payload, 1), (of_2, of_1, data, 2)):
            words = [other[tuple(np.transpose(where))] for where in format_places(len(own))]
            assert payload_of(with_format(own, *words)) is None  # a format that reads cleanly is the law
            seen = [
                with_format(own, words[0], None),
                with_format(own, None, words[1]),
                with_format(own, 0.5, 0.5),
                with_format(own, *rng.integers(0, 2, (2, 15))),
                with_format(own, *rng.normal(0.5, 0.2, (2, 15)).clip(0, 1)),
                *(in_error(own, (a, b), rng) for a, b in ((1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 2))),
            ]
            for each in seen:
                record = _core.decode_modules(each)
                if record is not None:
                    assert record.model == model
                    assert b"".join(part for _, _, part in record.segments) == says
                    read += 1
    assert read > 40  # of 88


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 9, 14])
def test_the_level_that_is_named_is_the_law(version: int) -> None:
    rng = np.random.default_rng(version)
    for level, named in itertools.permutations(LEVELS, 2):
        stream = model_2.byte_segment(bytes(model_1.capacity(version, level) - (3 if version < 10 else 4)), version)
        modules = model_1.draw(model_1.padded(stream, version, level), version, level, 4, named=named)
        for errors in range(4):
            record = _core.decode_modules(in_error(modules, (errors, errors), rng))
            assert record is None or (record.model, record.ec_level) == (1, named)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_lost_format_never_makes_another_payload(version: int) -> None:
    rng = np.random.default_rng(version)
    read = 0
    for number, level in itertools.product(range(2), LEVELS):
        payload, modules = random_symbol(version, level, number)
        most = max(0, model_1.parameters(version, level)[2] // 2 - 2)
        wrong = [p for b in model_1.blocks(version, level) for p in rng.permutation(b.positions)[:most].tolist()]
        for seen in (modules, model_1.damage(modules, version, rng, wrong=wrong)):
            for copies in ((0.5, 0.5), rng.normal(0.5, 0.05, (2, 15)), rng.integers(0, 2, (2, 15))):
                found = payload_of(with_format(seen, *copies))
                assert found in (None, payload)
                read += found is not None
    assert read > 8  # of 48


# Patterns and places ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_patterns_and_placement_are_those_that_the_tests_draw_by(version: int) -> None:
    size = model_1.size_of(version)
    expected = model_1.fixed(version)
    np.testing.assert_array_equal(_core.function_patterns(size, 1), expected)
    places = np.array(model_1.placement(version)).reshape(-1, 2)
    np.testing.assert_array_equal(_core.codeword_placement(size, 1), places)


def test_sizes_that_the_original_model_does_not_have_are_refused() -> None:
    for call in (_core.function_patterns, _core.codeword_placement):
        with pytest.raises(ValueError, match="size must be 73 or less for Model 1"):
            call(77, 1)
        with pytest.raises(ValueError, match="model must be 1 or 2, got 3"):
            call(21, 3)


# Pictures -----------------------------------------------------------------------------------------------------------


def turned(modules: Modules, pitch: float, degrees: float, tilt: float) -> Picture:
    side = (len(modules) + 8) * pitch
    edge = int(1.6 * side)
    quad = quad_of((edge / 2, edge / 2), side, degrees=degrees, tilt=tilt)
    return place(np.full((edge, edge), 255, np.uint8), picture_of(modules, 6), quad)


@pytest.mark.parametrize("version", VERSIONS)
def test_clean_pictures_are_read_without_a_network(version: int) -> None:
    scanner = fastqr.Scanner(effort="quick", methods=["finder_patterns"])
    for level in LEVELS if version < 8 else "LH":
        payload, modules = random_symbol(version, level)
        straight = picture_of(modules, 3)
        pictures = {
            "1 px": picture_of(modules, 1),
            "1 px, margin of 2": picture_of(modules, 1)[2:-2, 2:-2],
            "2 px": picture_of(modules, 2),
            "4 px, grey": picture_of(modules, 4, dark=80, light=120),
            "inverted": 255 - straight,
            "mirrored": picture_of(modules.T, 3),
            "upside down": straight[::-1, ::-1],
            "uneven light": (straight * np.linspace(0.35, 1, straight.shape[1])).astype(np.uint8),
            "turned": turned(modules, 2.5, 20, 0),
            "tilted": turned(modules, 4, 75, 0.2),
        }
        for name, picture in pictures.items():
            (symbol,) = scanner.decode(np.ascontiguousarray(picture))
            assert (symbol.data, symbol.model, symbol.version, symbol.ec_level) == (payload, 1, version, level), name
            assert (symbol.inverted, symbol.mirrored) == (name == "inverted", name == "mirrored")
            np.testing.assert_array_equal(symbol.modules, modules)


@pytest.mark.parametrize("version", [1, 2, 4, 6, 8])
def test_blurred_pictures_are_read_by_the_networks(version: int, scanner: fastqr.Scanner) -> None:
    payload, modules = random_symbol(version, "M")
    picture = cv2.GaussianBlur(picture_of(modules, 3), (0, 0), 1.7)
    assert fastqr.Scanner(effort="quick").decode(picture) == []
    (symbol,) = scanner.decode(picture)
    assert (symbol.data, symbol.model) == (payload, 1)


def test_both_models_stand_side_by_side(scanner: fastqr.Scanner) -> None:
    of_1 = model_1.symbol(b"the original one", 3, "Q", 1)
    of_2 = model_2.draw(model_2.padded(model_2.byte_segment(b"the present one"), 3, "Q"), 3, "Q", 1)
    found = scanner.decode(np.hstack([picture_of(of_1, 3), picture_of(of_2, 3), picture_of(of_1, 3)]))
    said = [(s.text, s.model) for s in found]
    assert sorted(said) == [("the original one", 1), ("the original one", 1), ("the present one", 2)]
    assert {symbol.symbology_identifier for symbol in found} == {"]Q0", "]Q1"}


def template_of(inputs: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]] | None) -> npt.NDArray[np.float32]:
    assert inputs is not None
    margin = _core.GridReader.MARGIN
    return inputs[1][0, 0, margin:-margin, margin:-margin]


@pytest.mark.parametrize("version", [2, 7, 12])
def test_the_network_is_told_the_patterns_that_a_symbol_shows(version: int) -> None:
    # Patterns and format alone are seen, the data are grey: nothing is read, and the modules speak for Model 1.
    payload, modules = random_symbol(version, "H")
    size, margin = len(modules), _core.GridReader.MARGIN
    shown = model_1.fixed(version) != 0
    for where in format_places(size):
        shown[tuple(np.transpose(where))] = True
    values = np.pad(np.where(shown, np.where(modules, 0, 255), 127), 4, constant_values=255)
    picture = np.kron(values, np.ones((4, 4))).astype(np.uint8)
    view = _core.MipMap(picture, np.array([0, 0, *picture.shape[::-1]], np.float32))
    homography = np.array([[4, 0, 16], [0, 4, 16], [0, 0, 1]], np.float64)
    reader = _core.GridReader(view, _core.Place(homography, size, 1.0, False))
    np.testing.assert_array_equal(template_of(reader.next_inputs()), model_1.fixed(version))
    logits = np.pad(np.where(modules, 9.0, -9.0), margin).astype(np.float32)[None, None]
    reader.take(logits, np.zeros((1, 3, *logits.shape[2:]), np.float32))
    assert reader.next_inputs() is None
    assert reader.reading is not None
    assert reader.reading.record.segments[0][2] == payload


@pytest.mark.parametrize("version", [2, 7, 12])
def test_the_network_is_asked_again_where_its_modules_speak_for_the_original_model(version: int) -> None:
    payload, modules = random_symbol(version, "L")
    size, margin = len(modules), _core.GridReader.MARGIN
    picture = np.full((300, 300), 127, np.uint8)
    view = _core.MipMap(picture, np.array([0, 0, 300, 300], np.float32))
    homography = np.array([[3.5, 0, 16], [0, 3.5, 16], [0, 0, 1]], np.float64)
    reader = _core.GridReader(view, _core.Place(homography, size, 1.0, False))
    np.testing.assert_array_equal(template_of(reader.next_inputs()), _core.function_patterns(size))
    spoiled = modules.copy()
    spoiled[9 : size - 8, 9 : size - 2] ^= True
    for seen, read in ((spoiled, False), (modules, True)):
        logits = np.pad(np.where(seen, 9.0, -9.0), margin).astype(np.float32)[None, None]
        reader.take(logits, np.zeros((1, 3, *logits.shape[2:]), np.float32))
        inputs = reader.next_inputs()
        assert (inputs is None) == read
        if not read:
            np.testing.assert_array_equal(template_of(inputs), model_1.fixed(version))
    assert reader.reading is not None
    assert reader.reading.record.segments[0][2] == payload


def test_the_samples_of_zxing_cpp_are_read(photographs: Path) -> None:
    scanner = fastqr.Scanner(effort="quick")
    folder = photographs / "photos" / "zxing-cpp" / "qrcode-2"
    for name in ("qr-model-1", "#940"):  # the second one at a pixel a module, with a margin of two modules
        if not (folder / f"{name}.png").is_file():
            pytest.skip(f"no {name}.png in {folder}")
        (symbol,) = scanner.decode(folder / f"{name}.png")
        assert symbol.text == (folder / f"{name}.txt").read_text()
        assert (symbol.model, symbol.symbology_identifier) == (1, "]Q0")


def test_a_film_knows_a_symbol_again() -> None:
    _, modules = random_symbol(4, "L")
    record = _core.decode_modules(modules)
    assert record is not None
    own = _core.recognition_evidence(record, modules.astype(np.float32))
    other = _core.recognition_evidence(record, random_symbol(4, "L", 2)[1].astype(np.float32))
    unknown = _core.recognition_evidence(record, np.full(modules.shape, np.nan, np.float32))
    assert own > 100 > 0 > other
    assert unknown <= 0


# More damage than can be repaired -----------------------------------------------------------------------------------


def past_capacity(trials: int, seed: int) -> tuple[int, int]:
    """Symbols with more wrong codewords than a block corrects, and without a clean format: read, and read wrong."""
    rng = np.random.default_rng(seed)
    read = wrong_ones = 0
    for trial in range(trials):
        version, level = int(rng.integers(1, 11)), LEVELS[rng.integers(4)]
        payload, modules = random_symbol(version, level, seed + trial)
        block = model_1.blocks(version, level)[int(rng.integers(model_1.parameters(version, level)[0]))]
        count = (block.total - block.data) // 2 + int(rng.integers(1, 9))
        hurt = model_1.damage(modules, version, rng, wrong=rng.permutation(block.positions)[:count])
        for where in format_places(len(modules)):
            for module in rng.permutation(where)[: rng.integers(6)]:
                hurt[tuple(module)] = 1 - hurt[tuple(module)]
        found = payload_of(hurt)
        read += found == payload
        wrong_ones += found not in (None, payload)
    return read, wrong_ones


def patched(trials: int, seed: int) -> tuple[int, int]:
    """Symbols of either model with a rectangle that shows something else, more or less firmly believed."""
    rng = np.random.default_rng(seed)
    read = wrong_ones = 0
    for trial in range(trials):
        version, level = int(rng.integers(1, 8)), LEVELS[rng.integers(4)]
        payload, modules = random_symbol(version, level, seed + trial)
        if trial % 2:
            longest = model_2.data_capacity(version, level) - 2
            payload = rng.integers(0, 256, longest, np.uint8).tobytes()
            data = model_2.padded(model_2.byte_segment(payload, version), version, level)
            modules = model_2.draw(data, version, level, int(rng.integers(8)))
        seen = np.where(modules, 0.95, 0.05).astype(np.float32)
        height, width = rng.integers(3, len(modules), 2)
        top, left = (int(rng.integers(0, len(modules) - side + 1)) for side in (height, width))
        seen[top : top + height, left : left + width] = 0.5 + rng.normal(0, rng.choice([0.05, 0.2, 2]), (height, width))
        found = payload_of(seen.clip(0, 1))
        read += found == payload
        wrong_ones += found not in (None, payload)
    return read, wrong_ones


def noise(trials: int, seed: int) -> tuple[int, int]:
    """Coin tosses for data and format, with every pattern of Model 1 in its place."""
    rng = np.random.default_rng(seed)
    wrong_ones = 0
    for _ in range(trials):
        version = int(rng.integers(1, 8))
        pattern = model_1.fixed(version)
        tosses = rng.random(pattern.shape)
        if rng.random() < 0.5:
            tosses = np.round(tosses)
        seen = np.where(pattern == 0, tosses, pattern > 0)
        if rng.random() < 0.5:  # a clean format of Model 1
            level = LEVELS[rng.integers(4)]
            drawn = model_1.draw([0] * model_1.capacity(version, level), version, level, int(rng.integers(8)))
            seen = with_format(seen, *(drawn[tuple(np.transpose(where))] for where in format_places(len(drawn))))
        wrong_ones += payload_of(seen.astype(np.float32)) is not None
    return 0, wrong_ones


@pytest.mark.parametrize("kind", [past_capacity, patched, noise])
def test_what_cannot_be_read_is_refused_and_never_misread(kind: object) -> None:
    assert callable(kind)
    _, wrong_ones = kind(150, 1)
    assert wrong_ones == 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", [past_capacity, patched, noise])
def test_what_cannot_be_read_is_refused_and_never_misread_in_30000_trials(kind: object) -> None:
    assert callable(kind)
    _, wrong_ones = kind(30_000, 2)
    assert wrong_ones == 0


def test_versions_above_14_have_no_original_model() -> None:
    with pytest.raises(UndecodableError):
        fastqr.decode_modules(np.zeros((77, 77), bool))
