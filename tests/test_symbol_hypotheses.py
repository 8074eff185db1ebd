"""Where the decoder chooses: levels, masks and orientations, formats that are lost, at odds or another level's."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pytest

from fastqr import _core
from symbol_drawing import bits, blocks, byte_segment, damage, data_capacity, draw, padded

LEVELS = "LMQH"
Modules = npt.NDArray[np.bool_]
Probabilities = npt.NDArray[np.float32]

# Symbols whose codewords satisfy two levels: version, both levels, the data codewords of the stronger one, both texts.
# Made by benchmarks/wrong_payloads/forged.py, which makes one for every version and pair for which there is one.
FORGED = [
    (
        1,
        "LM",
        bytes.fromhex("40b6246615445624b3e17b26410110f8"),
        b"bFaTEbK>\x17\xb2d2718Z",
        b"bFaTEbK>\x17\xb2d2718",
    ),
    (
        1,
        "MH",
        bytes.fromhex("40471aed0b110110f8"),
        b"q\xae\xd0\xb12718R",
        b"q\xae\xd0\xb12718",
    ),
    (
        2,
        "LQ",
        bytes.fromhex("4115953426a454a6668545770d147439f40b810110f8"),
        b"YSBjEJfhTWp\xd1GC\x9f@\xb82718UGr",
        b"YSBjEJfhTWp\xd1GC\x9f@\xb82718",
    ),
    (
        3,
        "LQ",
        bytes.fromhex("4036972470c523a00eb164113444a17d32457720b00b7ab390f3456b3ef7112e6fd6"),
        b"Sgyr",
        b"irG",
    ),
    (
        3,
        "QH",
        bytes.fromhex("40d5dbad2a9a9b815674a4343575101aec60278ba02b820e0c00"),
        b"]\xba\xd2\xa9\xa9\xb8\x15gJCCRr",
        b"]\xba\xd2\xa9\xa9\xb8\x15gJCCWQ",
    ),
    (
        4,
        "MQ",
        bytes.fromhex(
            "41b6e38684e2b718b66efa447654153797a514356735a5169476456660170699f3e21a6d39b8de5e5b2a11336b47b7a4"
        ),
        b"n8hN+q\x8bf\xef\xa4GeASyzQCVsZQfVSwj",
        b"n8hN+q\x8bf\xef\xa4GeASyzQCVsZQiGdVf",
    ),
    (
        5,
        "LH",
        bytes.fromhex("4034867710320fc2ae744b445033e75788f61a4905ad1580dc64e09c911fc820b33d7653e4fe24b75ed20e6a7c29"),
        b"AWcE",
        b"Hgq",
    ),
    (
        5,
        "QH",
        bytes.fromhex("40b79194623e561387a41475a088e62a046c5deed1fb7d32ad71735d9990cc4f0c465149709f6a54449f69007b27"),
        b"y\x19F#\xe5a8zADd",
        b"y\x19F#\xe5a8zAGZ",
    ),
    (
        6,
        "MH",
        bytes.fromhex(
            "412663d385c7377e9c11d3259575473497855650e1a806cf960901c267d272e82ffc011d7e0e062364f184cd31c29c3c"
            "5779d93d374e552f98b4cf46"
        ),
        b"f=8\\sw\xe9\xc1\x1d2YWTvJjez",
        b"f=8\\sw\xe9\xc1\x1d2YWTsIxUe",
    ),
    (
        8,
        "QH",
        bytes.fromhex(
            "40e413258e2fc36444a496a51584a69039f23da1cdf37a7abf8ba8fc3823c901e1efc0096330c1ab94390fb077e8c662"
            "64bedaa6419c47f4bb46065680d5a4c98e2ba945c68455a9506586e8700698c35dc07fb678e0"
        ),
        b"A2X\xe2\xfc6DJIjQXEW",
        b"A2X\xe2\xfc6DJIjQXJi",
    ),
    (
        10,
        "QH",
        bytes.fromhex(
            "4000f50e15490296a3755457554754779490d85c4d4eb502b8ba6566603960e7b02f1b8be737a98957fa56fe483ee0ec"
            "3bc917816b96fb8a854cc4f2d793dbd7bb7da7b0197d1743422b6e84f345e7e24e6c8ba79beee07f05b91c1e9c9b7bec"
            "4f453125bb9f2727bd47a3aa75a233cf0d9c5df40df0df5c95eb"
        ),
        b"P\xe1T\x90)j7UEuTuDss",
        b"P\xe1T\x90)j7UEuTuGyI",
    ),
]
FORGED_NAMES = [f"{version}-{levels}" for version, levels, *_ in FORGED]


def places(size: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Rows and columns of both copies of the format information, in any order."""
    beside = [(8, c) for c in (0, 1, 2, 3, 4, 5, 7, 8)] + [(r, 8) for r in (7, 5, 4, 3, 2, 1, 0)]
    apart = [(8, size - 8 + i) for i in range(8)] + [(size - 7 + i, 8) for i in range(7)]
    return beside, apart


def with_format(modules: npt.NDArray[np.generic], *copies: npt.ArrayLike | None) -> Probabilities:
    """Replace one or both copies, each by a value for all of its modules or by one for each."""
    result = modules.astype(np.float32)
    for where, values in zip(places(len(modules)), copies, strict=True):
        if values is not None:
            result[tuple(np.transpose(where))] = values
    return result


def format_of(modules: Modules) -> list[Modules]:
    """Both copies."""
    return [modules[tuple(np.transpose(where))] for where in places(len(modules))]


def in_error(copy: Modules, count: int, rng: np.random.Generator) -> Modules:
    result = copy.copy()
    result[rng.permutation(15)[:count]] ^= True
    return result


def payload_of(probabilities: npt.NDArray[np.generic], **options: bool) -> bytes | None:
    record = _core.decode_modules(probabilities, **options)
    return None if record is None else b"".join(data for _, _, data in record.segments)


def symbol(version: int, level: str, mask: int, *, full: bool) -> tuple[bytes, list[int]]:
    """Payload and data codewords of a symbol that is full, or half full."""
    rng = np.random.default_rng([version, ord(level), mask])
    room = data_capacity(version, level) - (2 if version < 10 else 3)
    payload = rng.integers(0, 256, room if full else room // 2, np.uint8).tobytes()
    return payload, padded(byte_segment(payload, version), version, level)


def shared(version: int, weaker: str, stronger: str) -> bool:
    """Whether two levels divide a symbol into the same number of blocks: words of one are near the other's."""
    return len(blocks(version, weaker)) == len(blocks(version, stronger))


# Symbols that two levels can read ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "levels", "data", "weak", "strong"), FORGED, ids=FORGED_NAMES)
def test_a_symbol_of_two_levels_is_read_at_the_level_that_its_format_names(
    version: int, levels: str, data: bytes, weak: bytes, strong: bytes
) -> None:
    for named, text in zip(levels, (weak, strong), strict=True):
        for mask in range(8):
            modules = draw(list(data), version, levels[1], mask, named=named)
            record = _core.decode_modules(modules)
            assert record is not None
            assert record.ec_level == named
            assert payload_of(modules) == text
            assert payload_of(modules.T) == text


@pytest.mark.parametrize(("version", "levels", "data", "weak", "strong"), FORGED, ids=FORGED_NAMES)
def test_a_symbol_of_two_levels_is_never_read_at_the_other_one(
    version: int, levels: str, data: bytes, weak: bytes, strong: bytes
) -> None:
    rng = np.random.default_rng(version)
    for named, text in zip(levels, (weak, strong), strict=True):
        modules = draw(list(data), version, levels[1], 2, named=named)
        own = format_of(modules)
        for _ in range(30):
            hurt = [in_error(copy, int(rng.integers(4)), rng) for copy in own]
            tossed = rng.integers(0, 2, 15)
            assert payload_of(with_format(modules, *hurt)) in (None, text)
            for other in (0.5, tossed):
                assert payload_of(with_format(modules, hurt[0], other)) in (None, text)
                assert payload_of(with_format(modules, other, hurt[1])) in (None, text)


@pytest.mark.parametrize(("version", "levels", "data", "weak", "strong"), FORGED, ids=FORGED_NAMES)
def test_a_symbol_of_two_levels_without_its_format_is_not_read(
    version: int, levels: str, data: bytes, weak: bytes, strong: bytes
) -> None:
    rng = np.random.default_rng(version)
    modules = draw(list(data), version, levels[1], 6)
    assert payload_of(with_format(modules, 0.5, 0.5)) is None
    for _ in range(10):
        assert payload_of(with_format(modules, *rng.normal(0.5, 0.03, (2, 15)))) is None
        assert payload_of(with_format(modules, *rng.integers(0, 2, (2, 15)))) is None


@pytest.mark.parametrize(("version", "levels", "data", "weak", "strong"), FORGED, ids=FORGED_NAMES)
def test_damage_past_what_one_level_corrects_does_not_leave_the_other_one_alone(
    version: int, levels: str, data: bytes, weak: bytes, strong: bytes
) -> None:
    rng = np.random.default_rng(version)
    for (level, text), mask in itertools.product(zip(levels, (weak, strong), strict=True), range(4)):
        modules = draw(list(data), version, levels[1], mask, named=level)
        protection = 3 if version < 4 else 0  # at most
        most = (blocks(version, level)[0].total - blocks(version, level)[0].data - protection) // 2
        wrong = [place for block in blocks(version, level) for place in rng.permutation(block.positions)[:most]]
        hurt = damage(modules, version, rng, wrong=wrong)
        assert payload_of(hurt) == text
        assert payload_of(with_format(hurt, 0.5, 0.5)) is None


def test_data_that_nobody_encodes_at_the_stronger_level_are_not_read_at_a_weaker_one() -> None:
    # The stronger level explains all codewords, but what they say breaks off: the weaker one is no better.
    rng = np.random.default_rng(4)
    readable = 0
    for _ in range(400):
        payload = rng.integers(0, 256, 22, np.uint8).tobytes()
        stream = byte_segment(payload) + "0100" + bits(255, 8)
        data = padded(stream, 4, "Q", terminator="")
        modules = draw(data, 4, "Q", 1)
        assert payload_of(modules) is None
        assert payload_of(with_format(modules, 0.5, 0.5)) is None
        readable += payload_of(draw(data, 4, "Q", 1, named="M")) is not None
    assert readable  # so that the test says something


# Lost formats ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", range(1, 41))
def test_a_lost_format_never_makes_another_payload(version: int) -> None:
    rng = np.random.default_rng(version)
    read = 0
    for number, (level, full) in enumerate(itertools.product(LEVELS, (False, True))):
        mask = (version + number) % 8
        payload, data = symbol(version, level, mask, full=full)
        modules = draw(data, version, level, mask)
        correction = blocks(version, level)[0].total - blocks(version, level)[0].data
        most = max(0, correction // 2 - 2)
        wrong = [place for block in blocks(version, level) for place in rng.permutation(block.positions)[:most]]
        for seen in (modules, damage(modules, version, rng, wrong=wrong)):
            for copies in ((0.5, 0.5), rng.normal(0.5, 0.05, (2, 15)), rng.integers(0, 2, (2, 15))):
                found = payload_of(with_format(seen, *copies))
                assert found in (None, payload)
                read += found is not None
    assert read > 16  # of 48


@pytest.mark.parametrize("version", [5, 8, 9, 10, 14])
def test_flawless_symbols_of_the_strongest_level_are_not_read_as_the_next(version: int) -> None:
    # Blocks of Q and H differ in four codewords here, which Q corrects.
    for mask in range(8):
        payload, data = symbol(version, "H", mask, full=mask % 2 == 0)
        modules = draw(data, version, "H", mask)
        as_named = payload_of(draw(data, version, "H", mask, named="Q"))
        assert as_named != payload or mask % 2
        assert payload_of(with_format(modules, 0.5, 0.5)) in (None, payload)
        assert payload_of(modules) == payload


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 25])
def test_the_format_that_is_named_is_the_law(version: int) -> None:
    # With up to three wrong bits in each copy, as the standard corrects: the level that is named, or nothing.
    rng = np.random.default_rng(version)
    for level, named in itertools.permutations(LEVELS, 2):
        _, data = symbol(version, level, 4, full=True)
        modules = draw(data, version, level, 4, named=named)
        for errors in range(4):
            record = _core.decode_modules(with_format(modules, *(in_error(c, errors, rng) for c in format_of(modules))))
            assert record is None or record.ec_level == named
        if LEVELS.index(named) > LEVELS.index(level) or not shared(version, named, level):
            assert payload_of(modules) is None


@pytest.mark.parametrize("version", [*range(1, 11), 14])
def test_one_clean_copy_of_the_format_is_enough(version: int) -> None:
    rng = np.random.default_rng(version)
    for level, full in itertools.product(LEVELS, (False, True)):
        payload, data = symbol(version, level, 7, full=full)
        modules = draw(data, version, level, 7)
        for other in (0.5, 0.0, 1.0, rng.integers(0, 2, 15)):
            assert payload_of(with_format(modules, None, other)) == payload
            assert payload_of(with_format(modules, other, None)) == payload


@pytest.mark.parametrize("version", [1, 7, 12])  # no payload of which is in doubt between levels of the same blocks
def test_three_errors_in_each_copy_are_corrected(version: int) -> None:
    rng = np.random.default_rng(version)
    for level, mask in itertools.product(LEVELS, range(8)):
        payload, data = symbol(version, level, mask, full=False)
        modules = draw(data, version, level, mask)
        for _ in range(4):
            hurt = [in_error(copy, 3, rng) for copy in format_of(modules)]
            assert payload_of(with_format(modules, *hurt)) == payload


# Orientation and size ----------------------------------------------------------------------------------------------


def test_every_format_is_read_straight_and_mirrored() -> None:
    # Some words of the format are words when they are read backwards: then the codewords alone tell the orientation.
    for version, level, mask in itertools.product((2, 5), LEVELS, range(8)):
        payload, data = symbol(version, level, mask, full=mask % 2 == 0)
        modules = draw(data, version, level, mask)
        for seen, mirrored in ((modules, False), (modules.T, True)):
            record = _core.decode_modules(seen)
            assert record is not None
            assert (record.ec_level, record.mask, record.mirrored) == (level, mask, mirrored)
            assert payload_of(seen) == payload
            np.testing.assert_array_equal(record.modules, modules)
            lost = with_format(seen.T if mirrored else seen, 0.5, 0.5)
            assert payload_of(lost.T if mirrored else lost) in (None, payload)


def test_version_information_of_another_size_changes_nothing_of_a_clean_symbol_and_stops_the_soft_decoder() -> None:
    payload, data = symbol(8, "H", 3, full=True)
    modules, other = draw(data, 8, "H", 3), draw(symbol(9, "H", 3, full=True)[1], 9, "H", 3)
    contradicted = modules.copy()
    contradicted[:6, -11:-8], contradicted[-11:-8, :6] = other[:6, -11:-8], other[-11:-8, :6]
    assert payload_of(contradicted) == payload
    rng = np.random.default_rng(8)
    stopped = 0
    for _ in range(20):
        soft = 1 / (1 + np.exp(-2 * (np.where(modules, 1, -1) + rng.normal(0, 0.6, modules.shape)) / 0.6**2))
        if payload_of(soft, soft=False) is None and payload_of(soft) == payload:
            soft[:6, -11:-8], soft[-11:-8, :6] = contradicted[:6, -11:-8], contradicted[-11:-8, :6]
            assert payload_of(soft) is None
            stopped += 1
    assert stopped > 3
