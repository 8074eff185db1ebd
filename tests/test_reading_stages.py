"""One call in, one call out: what is held in C++ between passes of the DenseNet and between looks of L-Net."""

from __future__ import annotations

import gc
from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from conftest import Picture, code_modules, code_picture
from fastqr import _core

Floats = npt.NDArray[np.float32]
Outputs = tuple[Floats, Floats]
NetworkFake = Callable[[Floats, Floats], Outputs]

SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)
MARGIN = _core.GridReader.MARGIN
PITCH, BORDER = 6, 4  # pixels a module and modules of quiet zone of `code_picture`


def whole(picture: Picture) -> _core.MipMap:
    return _core.MipMap(picture, np.array([0, 0, picture.shape[1], picture.shape[0]]))


def place_in(size: int, *, offset: float = 0.0, inverted: bool = False) -> _core.Place:
    """Where `code_picture` has a symbol, or `offset` modules beside it."""
    at = PITCH * (BORDER + offset)
    return _core.Place(np.array([[PITCH, 0, at], [0, PITCH, at], [0, 0, 1]], float), size, 0.8, inverted)


def unreadable(size: int, seed: int = 1) -> Picture:
    """A picture of noise, as large as one of a symbol."""
    side = PITCH * (size + 2 * BORDER)
    return np.random.default_rng(seed).integers(0, 256, (side, side), np.uint8)


def seen(modules: npt.NDArray[np.bool_], log_odds: float = 8.0, move: tuple[float, float] = (0, 0)) -> Outputs:
    """What a network says that sees these modules, and the lattice off by a move."""
    side = len(modules) + 2 * MARGIN
    logits = np.full((1, 1, side, side), -log_odds, np.float32)
    logits[0, 0, MARGIN:-MARGIN, MARGIN:-MARGIN] = np.where(modules, log_odds, -log_odds)
    displacement = np.zeros((1, 3, side, side), np.float32)
    displacement[0, 0], displacement[0, 1], displacement[0, 2] = *move, -3
    return logits, displacement


def run(reader: _core.GridReader, network: NetworkFake) -> list[tuple[Floats, Floats]]:
    """Let a network answer until the reader has enough; return what it was shown."""
    shown = []
    while (inputs := reader.next_inputs()) is not None:
        shown.append(inputs)
        reader.take(*network(*inputs))
    assert reader.next_inputs() is None  # and so it stays
    return shown


def outcomes(reader: _core.GridReader) -> list[tuple[str, int, str]]:
    return [(event.grid, event.number, event.outcome) for event in reader.events]


def coin_tosses(size: int) -> npt.NDArray[np.bool_]:
    return np.random.default_rng(size).integers(0, 2, (size, size)).astype(bool)


# Normalisation ----------------------------------------------------------------------------------------------------


def normalised(patch: Floats, cells: int) -> Floats:
    """What `_core.normalise_patch` promises, by OpenCV's box filter."""
    pixels = len(patch) // cells
    if cells <= _core.LOCAL_CELLS:
        return np.asarray((patch - patch.mean()) / max(float(patch.std()), 2.0), np.float32)
    window = (_core.LOCAL_CELLS * pixels, _core.LOCAL_CELLS * pixels)
    mean = cv2.boxFilter(patch, cv2.CV_32F, window, borderType=cv2.BORDER_REFLECT)
    square = cv2.boxFilter(patch * patch, cv2.CV_32F, window, borderType=cv2.BORDER_REFLECT)
    return np.asarray((patch - mean) / np.sqrt(np.maximum(square - mean * mean, 4.0)), np.float32)


@pytest.mark.parametrize(("cells", "pixels"), [(25, 4), (29, 4), (30, 4), (33, 4), (33, 3), (61, 4), (181, 4), (40, 1)])
def test_a_patch_is_normalised_as_a_whole_or_by_the_window_about_each_pixel(cells: int, pixels: int) -> None:
    rng = np.random.default_rng(cells)
    patch = rng.uniform(0, 255, (cells * pixels, cells * pixels)).astype(np.float32)
    patch += np.linspace(0, 300, len(patch), dtype=np.float32)
    got = _core.normalise_patch(patch, cells)
    assert (got.dtype, got.shape) == (np.float32, patch.shape)
    np.testing.assert_allclose(got, normalised(patch, cells), atol=1e-4)


def test_a_flat_patch_is_not_blown_up_to_noise() -> None:
    for cells in (25, 45):
        patch = np.random.default_rng(1).normal(90, 0.01, (4 * cells, 4 * cells)).astype(np.float32)
        assert np.abs(_core.normalise_patch(patch, cells)).max() < 0.1


def test_normalising_names_the_argument_that_is_wrong() -> None:
    with pytest.raises(ValueError, match="cells must be 1 to 305, got 0"):
        _core.normalise_patch(np.zeros((8, 8), np.float32), 0)
    for shape in ((9, 9), (8, 4), (8,), (0, 0)):
        with pytest.raises(ValueError, match=r"patch must have shape \(P, P\) with P a multiple of 4 cells"):
            _core.normalise_patch(np.zeros(shape, np.float32), 4)


# Reading a grid ---------------------------------------------------------------------------------------------------


def test_a_clean_symbol_is_read_without_the_network() -> None:
    reader = _core.GridReader(whole(code_picture("clean", version=3)), place_in(29))
    assert reader.nodes is None
    assert reader.next_inputs() is None
    assert reader.reading is not None
    assert reader.reading.record.segments[0][2] == b"clean"
    (event,) = reader.events
    assert (event.grid, event.size, event.number, event.certainty) == ("straight", 29, 0, None)
    assert event.outcome == "read by grey values"
    assert reader.probabilities is None
    assert 4 * 29**2 <= reader.work < 24 * 29**2
    np.testing.assert_array_equal(reader.nodes, reader.reading.nodes)


@pytest.mark.parametrize("inverted", [False, True], ids=["dark on light", "light on dark"])
@pytest.mark.parametrize("version", [1, 6])
def test_the_network_is_shown_the_straightened_patch_and_what_is_known(version: int, inverted: bool) -> None:
    size = 17 + 4 * version
    view, place = whole(unreadable(size)), place_in(size, inverted=inverted)
    reader = _core.GridReader(view, place)
    inputs = reader.next_inputs()
    assert inputs is not None
    patch, template = inputs
    nodes = _core.homography_lattice(place.homography, size, MARGIN)
    np.testing.assert_array_equal(reader.nodes, nodes)
    side = size + 2 * MARGIN
    straight = _core.normalise_patch(_core.resample_lattice(view, nodes, _core.GridReader.PIXELS), side)
    np.testing.assert_array_equal(patch, (-straight if inverted else straight)[None, None])
    expected = np.zeros((1, 2, side, side), np.float32)
    expected[0, 0, MARGIN:-MARGIN, MARGIN:-MARGIN] = _core.function_patterns(size)
    expected[0, 1, MARGIN:-MARGIN, MARGIN:-MARGIN] = 1
    np.testing.assert_array_equal(template, expected)
    assert reader.work >= 20 * size**2


def test_what_the_network_sees_is_decoded() -> None:
    modules = code_modules("seen by the network", version=4, error="l")
    reader = _core.GridReader(whole(unreadable(33)), place_in(33, inverted=True))
    assert len(run(reader, lambda *_: seen(modules))) == 1
    assert reader.reading is not None
    assert reader.reading.record.segments[0][2] == b"seen by the network"
    assert (reader.reading.size, reader.reading.inverted) == (33, True)
    (event,) = reader.events
    assert event.outcome == "read by the network"
    assert event.certainty == pytest.approx(np.tanh(4), abs=1e-6)
    probabilities = reader.probabilities
    assert probabilities is not None
    np.testing.assert_allclose(probabilities, np.where(modules, 1, 0), atol=1e-3)
    assert probabilities.shape == (33, 33)


def test_a_lattice_that_the_network_calls_off_is_moved_and_looked_at_again() -> None:
    picture = code_picture("moved", version=2, error="h")
    reader = _core.GridReader(whole(picture), place_in(25, offset=0.7))
    nothing = coin_tosses(25)
    assert reader.next_inputs() is not None  # off by so much, grey values do not read it
    before = reader.nodes
    assert before is not None
    outputs = seen(nothing, move=(-0.7, -0.7))
    reader.take(*outputs)
    expected = _core.displace_lattice(before, outputs[1][0, :2], outputs[1][0, 2], 2)
    np.testing.assert_array_equal(reader.nodes, expected)
    assert reader.next_inputs() is None
    assert reader.reading is not None
    assert reader.reading.record.segments[0][2] == b"moved"
    assert outcomes(reader) == [("straight", 0, "too many errors"), ("straight", 1, "read by grey values")]


def test_passes_end_with_the_effort_and_with_the_networks_certainty() -> None:
    nothing = coin_tosses(25)

    def passes(effort: str, log_odds: float) -> list[tuple[str, int, str]]:
        reader = _core.GridReader(whole(unreadable(25)), place_in(25), effort)  # type: ignore[arg-type]
        shown = run(reader, lambda *_: seen(nothing, log_odds, move=(0.2, 0)))
        assert reader.reading is None
        tried = [outcome for outcome in outcomes(reader) if outcome[2] != "no grid"]
        assert len(tried) == len(shown)
        return [outcome for outcome in tried if outcome[0] == "straight"]

    sure, less_sure, unsure = 8.0, 4.0, 1.0
    assert passes("quick", sure) == [("straight", number, "too many errors") for number in range(2)]
    assert passes("thorough", sure) == [("straight", number, "too many errors") for number in range(6)]
    assert passes("thorough", less_sure) == [("straight", number, "too many errors") for number in range(4)]
    assert passes("thorough", unsure) == [("straight", 0, "too uncertain")]


@pytest.mark.parametrize("effort", ["quick", "thorough"])
def test_sure_modules_that_stay_in_place_and_do_not_decode_are_no_message(effort: str) -> None:
    nothing = coin_tosses(25)

    def read(move: float, *, log_odds: float = 8.0, score: float = 0.8) -> tuple[list[tuple[str, int, str]], bool]:
        place = _core.Place(place_in(25).homography, 25, score)
        reader = _core.GridReader(whole(unreadable(25)), place, effort)  # type: ignore[arg-type]
        run(reader, lambda *_: seen(nothing, log_odds, move=(move, 0)))
        return outcomes(reader), reader.has_no_message

    assert read(0.05) == ([("straight", 0, "no message")], True)
    told, settled = read(0.05, score=0.6)  # the grid of another turn shows modules beyond doubt, too
    assert (told, settled) == ([("straight", 0, "no message")], False)
    for moved in (read(0.15), read(0.05, log_odds=4.0)):
        assert len(moved[0]) > 1
        assert not moved[1]


@pytest.mark.parametrize(("size", "first"), [(25, "straight"), (49, "grown")])
def test_thorough_reading_tries_every_lattice_and_quick_reading_the_likeliest(size: int, first: str) -> None:
    picture = code_picture("every lattice", version=(size - 17) // 4)
    picture[PITCH * (BORDER + 9) : -PITCH * BORDER, PITCH * (BORDER + 9) : -PITCH * BORDER] = 128  # the data
    grids = {}
    for effort in ("quick", "thorough"):
        reader = _core.GridReader(whole(picture), place_in(size), effort)  # type: ignore[arg-type]
        run(reader, lambda *_: seen(coin_tosses(size), 1.0))
        assert reader.reading is None
        grids[effort] = [grid for grid, _, _ in outcomes(reader)]
    assert grids["quick"] == [first]
    assert grids["thorough"][0] == first
    assert sorted(grids["thorough"]) == ["bent", "grown", "straight"]


def test_a_version_that_is_named_is_read_in_place_of_the_first() -> None:
    modules = code_modules("the real size", version=8, error="l")
    wrong = np.zeros((45, 45), bool)  # what a network might see of it on a lattice of 45: the version information alone
    wrong[:6, -11:-8], wrong[-11:-8, :6] = modules[:6, -11:-8], modules[-11:-8, :6]
    reader = _core.GridReader(whole(unreadable(49)), place_in(45))
    answers = iter([seen(wrong), seen(modules)])
    shown = run(reader, lambda *_: next(answers))
    assert [template.shape[-1] for _, template in shown] == [45 + 2 * MARGIN, 49 + 2 * MARGIN]
    assert reader.reading is not None
    assert (reader.reading.size, reader.size) == (49, 49)
    said = [outcome for _, _, outcome in outcomes(reader) if outcome != "no grid"]
    assert said == ["version 8 named", "read by the network"]


def test_what_names_one_version_after_the_other_is_given_up() -> None:
    def naming(version: int, size: int) -> Outputs:
        modules = code_modules("named", version=version, error="l")
        wrong = np.zeros((size, size), bool)
        wrong[:6, -11:-8], wrong[-11:-8, :6] = modules[:6, -11:-8], modules[-11:-8, :6]
        return seen(wrong)

    reader = _core.GridReader(whole(unreadable(53)), place_in(45))
    answers = iter([naming(8, 45), naming(9, 49)])
    run(reader, lambda *_: next(answers))
    assert reader.reading is None
    assert [outcome for _, _, outcome in outcomes(reader) if outcome != "no grid"] == [
        "version 8 named",
        "version 9 named",
    ]


def test_an_allowance_that_is_used_up_ends_reading_between_passes() -> None:
    reader = _core.GridReader(whole(unreadable(25)), place_in(25))
    inputs = reader.next_inputs(exhausted=True)  # the first lattice is looked at whatever it costs
    assert inputs is not None
    reader.take(*seen(coin_tosses(25), move=(0.2, 0)))
    assert reader.next_inputs(exhausted=True) is None
    assert reader.next_inputs() is None
    assert outcomes(reader)[-1] == ("straight", 1, "out of allowance")


def test_a_network_that_says_no_numbers_reads_nothing() -> None:
    for value in (np.nan, np.inf, -np.inf):
        reader = _core.GridReader(whole(unreadable(25)), place_in(25))
        outputs = seen(coin_tosses(25))
        for output in outputs:
            output[...] = value
        run(reader, lambda *_, outputs=outputs: outputs)  # type: ignore[misc]
        assert reader.reading is None


@pytest.mark.parametrize("homography", [np.zeros((3, 3)), np.diag([1e200, 1, 1e-200])])
def test_a_place_that_lies_nowhere_has_no_grid(homography: npt.NDArray[np.float64]) -> None:
    reader = _core.GridReader(whole(unreadable(25)), _core.Place(homography, 25))
    run(reader, lambda *_: seen(coin_tosses(25), 1.0))
    assert reader.reading is None
    assert ("straight", 0, "no grid") in outcomes(reader)


def test_a_grid_reader_names_what_is_wrong() -> None:
    view = whole(unreadable(25))
    with pytest.raises(ValueError, match="effort must be 'quick' or 'thorough', got 'much'"):
        _core.GridReader(view, place_in(25), "much")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"size must be 17 \+ 4 \* version"):
        _core.Place(np.eye(3), 22)
    with pytest.raises(ValueError, match="homography must be finite"):
        _core.Place(np.full((3, 3), np.nan), 21)
    reader = _core.GridReader(view, place_in(25))
    logits, displacement = seen(coin_tosses(25))
    with pytest.raises(ValueError, match="take must follow a call of next_inputs"):
        reader.take(logits, displacement)
    assert reader.next_inputs() is not None
    with pytest.raises(ValueError, match="next_inputs must follow take"):
        reader.next_inputs()
    with pytest.raises(ValueError, match=r"logits must have shape \(1, 1, 29, 29\), got \(1, 1, 28, 29\)"):
        reader.take(logits[:, :, 1:], displacement)
    with pytest.raises(ValueError, match=r"displacement must have shape \(1, 3, 29, 29\), got \(1, 2, 29, 29\)"):
        reader.take(logits, displacement[:, :2])
    reader.take(logits, displacement)  # nothing of it was taken before


def test_a_reader_keeps_the_pixels_that_it_looks_at() -> None:
    reader = _core.GridReader(whole(code_picture("kept", version=2)), place_in(25))
    places = _core.places_by_correlation(whole(code_picture("kept", version=2)), SQUARE * 150 + 24, 0.0)
    gc.collect()
    assert reader.next_inputs() is None
    assert reader.reading is not None
    assert next(places).size == 25


# Places -----------------------------------------------------------------------------------------------------------


def finder_quads(size: int) -> npt.NDArray[np.float64]:
    """Outer corners of a finder pattern at each corner of the symbol that `code_picture` shows, 4×4×2."""
    origins = (SQUARE * (size - 7))[:, None]
    return PITCH * (BORDER + origins + 7 * SQUARE)


@pytest.mark.parametrize("turn", range(4))
def test_corners_that_were_seen_lead_to_the_symbol_in_any_turn(turn: int) -> None:
    size = 29
    view = whole(code_picture("by corners", version=3))
    finder = np.roll(np.array([0.99, 0.98, 0.01, 0.97], np.float32), turn)
    corners = np.roll(finder_quads(size), (turn, turn), (0, 1))
    found = _core.SeenCorners(finder, corners)
    assert [found.reached_by(k) for k in (1, 3, 4)] == pytest.approx([0.99, 0.97, 0.01])
    places = list(_core.places_by_corners(view, found, 0.8))
    assert places[0].size == size
    assert places[0].score > 0.8
    assert not places[0].inverted
    np.testing.assert_allclose(places[0].corners(), PITCH * (BORDER + SQUARE * size), atol=1)
    assert list(_core.places_by_corners(view, found, 0.975)) == []


def test_a_symbol_that_is_known_is_recognised_where_its_modules_do_not_decode() -> None:
    own, other = (code_modules(text, version=2, error="h") for text in ("known before", "not shown"))
    doubtful = own ^ (np.random.default_rng(1).random(own.shape) < 0.15)

    def read(modules: npt.NDArray[np.bool_], log_odds: float, *known: npt.NDArray[np.bool_]) -> _core.GridReader:
        records = [record for record in map(_core.decode_modules, known) if record is not None]
        reader = _core.GridReader(whole(unreadable(25)), place_in(25), "quick", known=records)
        run(reader, lambda *_: seen(modules, log_odds))
        return reader

    assert read(doubtful, 1.0).reading is None
    assert read(doubtful, 1.0, other).reading is None
    reader = read(doubtful, 1.0, other, own)
    assert outcomes(reader) == [("straight", 0, "recognised")]
    assert reader.reading is not None
    assert reader.reading.recognised
    assert reader.reading.record.segments[0][2] == b"known before"
    reader = read(own, 8.0, other, own)
    assert outcomes(reader) == [("straight", 0, "read by the network")]
    assert reader.reading is not None
    assert not reader.reading.recognised


def test_corners_that_fit_no_size_are_not_registered() -> None:
    view = whole(code_picture("by corners", version=3))
    quads = finder_quads(29)
    middles = quads.mean(1, keepdims=True)
    quads = middles + (quads - middles) * np.array([1.2, 0.8, 1.0, 1.0])[:, None, None]  # not of one pitch
    found = _core.SeenCorners(np.array([0.99, 0.98, 0.01, 0.97], np.float32), quads)
    for most, count in ((0.9, 1), (0.5, 0)):
        settings = _core.StageSettings(read=_core.ReadSettings(most_residual=most))
        assert len(list(_core.places_by_corners(view, found, 0.2, False, settings))) == count


@pytest.mark.parametrize("least", [None, "likely"])
def test_places_of_arguments_of_another_type_are_refused(least: object) -> None:
    view = whole(code_picture("by corners", version=3))
    found = _core.SeenCorners(np.full(4, 0.9, np.float32), finder_quads(29))
    with pytest.raises(TypeError, match="least"):
        _core.places_by_corners(view, found, least)
    with pytest.raises(TypeError, match="image must be a MipMap"):
        _core.places_by_corners(found, found, 0.2)


def test_noise_at_a_place_that_does_not_convince_gets_no_other_lattice() -> None:
    picture = code_picture("every lattice", version=2)
    picture[PITCH * (BORDER + 9) : -PITCH * BORDER, PITCH * (BORDER + 9) : -PITCH * BORDER] = 128  # the data

    def grids(score: float, log_odds: float) -> list[str]:
        reader = _core.GridReader(whole(picture), _core.Place(place_in(25).homography, 25, score))
        run(reader, lambda *_: seen(coin_tosses(25), log_odds))
        return [grid for grid, _, _ in outcomes(reader)]

    noise, nearly = 1.0, 2.5  # log-odds: 0.46 and 0.85 sure
    assert grids(0.5, noise) == ["straight"]
    assert sorted(grids(0.8, noise)) == sorted(grids(0.5, nearly)) == ["bent", "grown", "straight"]


def test_the_likeliest_turns_are_tried_where_every_corner_shows_a_finder_pattern() -> None:
    view, corners = whole(code_picture("two turns", version=3)), PITCH * (BORDER + SQUARE * 29)

    def right(fourth: float, turns: int) -> int:
        """How many places are the symbol's, whose fourth corner has this probability of a finder pattern."""
        seen_so = _core.SeenCorners(np.array([0.99, 0.9, fourth, 0.95], np.float32), finder_quads(29))
        places = list(_core.places_by_corners(view, seen_so, 0.2, turns=turns))
        assert all(place.score <= 1 for place in places)
        return sum(p.size == 29 and np.abs(p.corners() - corners).max() < 1 for p in places)

    assert [right(0.97, turns) for turns in (1, 2, 3)] == [0, 0, 1]  # two others are likelier
    assert [right(0.93, turns) for turns in (1, 2, 3)] == [0, 1, 1]  # one other is
    with pytest.raises(ValueError, match="turns must be 1 to 4, got 0"):
        right(0.97, 0)


@pytest.mark.parametrize("turn", range(4))
def test_places_by_correlation_are_the_likeliest_sizes_and_turns_registered(turn: int) -> None:
    view = whole(code_picture("by correlation", version=4))
    square = np.roll(PITCH * (BORDER + SQUARE * 33), turn, axis=0) + 2.0
    places = list(_core.places_by_correlation(view, square, 0.0))
    assert 1 <= len(places) <= 4
    assert places[0].size == 33
    np.testing.assert_allclose(places[0].corners(), PITCH * (BORDER + SQUARE * 33), atol=1)
    flat = whole(np.full((250, 250), 90, np.uint8))
    assert list(_core.places_by_correlation(flat, square, 0.0)) == []
    assert 33 in {place.size for place in _core.places_by_correlation(view, square, 0.0, seems=40.0)}
    assert 33 not in {place.size for place in _core.places_by_correlation(view, square, 0.0, seems=80.0)}


@pytest.mark.parametrize("lost", [0, 1, 3])
@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("inverted", [False, True])
def test_two_finder_patterns_lead_to_the_symbol_whichever_the_third_one_was(
    lost: int, turn: int, inverted: bool
) -> None:
    size = 33
    picture = code_picture("by pairs", version=4)
    quads = finder_quads(size)
    (left, top), (right, bottom) = quads[lost].min(0).astype(int) - PITCH, quads[lost].max(0).astype(int) + PITCH
    picture[top:bottom, left:right] = 128
    picture = 255 - picture if inverted else picture
    finder = np.full(4, 0.95, np.float32)
    finder[[lost, 2]] = 0.05
    skew = np.array([[1.0, 0.12], [0.05, 0.9]])  # as L-Net's corners of a rough square may be
    rough = (quads - quads.mean(1, keepdims=True)) @ skew + quads.mean(1, keepdims=True) + 3.0
    found = _core.SeenCorners(np.roll(finder, turn), np.roll(rough, (turn, turn), (0, 1)))
    places = list(_core.places_by_pairs(whole(picture), found, 0.5))
    best = max(places, key=lambda place: place.score)
    assert (best.size, best.inverted) == (size, inverted)
    np.testing.assert_allclose(best.corners(), PITCH * (BORDER + SQUARE * size), atol=1.5)
    assert places.index(best) == 0
    assert list(_core.places_by_pairs(whole(picture), found, 0.96)) == []


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30, 0.0])
def test_two_finder_patterns_that_are_nowhere_lead_to_no_symbol(value: float) -> None:
    found = _core.SeenCorners(np.full(4, 0.9, np.float32), np.full((4, 4, 2), value))
    assert list(_core.places_by_pairs(whole(code_picture("nowhere")), found, 0.5)) == []


def test_corners_are_looked_at_twice_the_second_time_from_near() -> None:
    size = 25
    view = whole(code_picture("corners", version=2))
    centres = PITCH * (BORDER + 3.5 + SQUARE * (size - 7))
    truth = finder_quads(size)
    maps = np.stack([_core.homography(SQUARE, c + 0.75 * 18 * PITCH * (SQUARE - 0.5)) for c in centres])
    finder = _core.CornerFinder(view, centres)
    first = finder.next_patches()
    np.testing.assert_allclose(first, _core.warp_patches(view, maps, 24), atol=1e-5)
    in_patch = np.stack(
        [cv2.perspectiveTransform(t[None], np.linalg.inv(m))[0] for t, m in zip(truth, maps, strict=True)]
    )
    second = finder.next_patches(np.full((4, 1), 0.5, np.float32), in_patch.reshape(4, 8).astype(np.float32))
    np.testing.assert_allclose(finder.seen.corners, truth, atol=1e-3)
    near = np.stack([_core.homography(SQUARE, t.mean(0) + 2 * (t - t.mean(0))) for t in truth])
    np.testing.assert_allclose(second, _core.warp_patches(view, near, 24), atol=1e-3)
    quarter = np.tile((0.25 + 0.5 * SQUARE).ravel(), (4, 1)).astype(np.float32)
    assert finder.next_patches(np.array([[0.9], [0.8], [0.1], [0.7]], np.float32), quarter) is None
    np.testing.assert_allclose(finder.seen.corners, truth, atol=1e-3)
    np.testing.assert_array_equal(finder.seen.finder, np.array([0.9, 0.8, 0.1, 0.7], np.float32))


@pytest.mark.parametrize("seen", [(0, 1), (1, 3), (2,), ()], ids=str)
def test_where_too_few_finder_patterns_are_seen_a_round_looks_closer_at_a_moved_square(seen: tuple[int, ...]) -> None:
    size = 25
    view = whole(code_picture("corners", version=2))
    centres = PITCH * (BORDER + 3.5 + SQUARE * (size - 7))
    truth = finder_quads(size)
    square = centres + np.array([5.0, -4.0])
    finder = _core.CornerFinder(view, square, rounds=2)
    assert finder.next_patches() is not None
    maps = [_core.homography(SQUARE, c + 0.75 * 18 * PITCH * (SQUARE - 0.5)) for c in square]
    in_patch = np.stack(
        [cv2.perspectiveTransform(t[None], np.linalg.inv(m))[0] for t, m in zip(truth, maps, strict=True)]
    )
    assert finder.next_patches(np.zeros((4, 1), np.float32), in_patch.reshape(4, 8).astype(np.float32)) is not None
    quarter = np.tile((0.25 + 0.5 * SQUARE).ravel(), (4, 1)).astype(np.float32)  # where near patches have their pattern
    probabilities = np.full((4, 1), 0.1, np.float32)
    probabilities[list(seen)] = 0.9
    closer = finder.next_patches(probabilities, quarter)
    moved = centres if seen else square
    expected = np.stack([_core.homography(SQUARE, c + 0.4 * 18 * PITCH * (SQUARE - 0.5)) for c in moved])
    np.testing.assert_allclose(closer, _core.warp_patches(view, expected, 24), atol=1e-3)
    again = _core.CornerFinder(view, square, rounds=2, known=_core.SeenCorners(probabilities[:, 0], truth))
    np.testing.assert_allclose(again.next_patches(), closer, atol=1e-3)
    assert finder.next_patches(np.full((4, 1), 0.3, np.float32), quarter) is not None
    assert finder.next_patches(np.full((4, 1), 0.05, np.float32), quarter) is None
    assert finder.seen.finder.max() == np.float32(0.9 if seen else 0.1), "the round that saw more"


def test_three_finder_patterns_need_no_further_round() -> None:
    view = whole(code_picture("corners", version=2))
    finder = _core.CornerFinder(view, PITCH * (BORDER + 3.5 + SQUARE * 18), rounds=3)
    quarter = np.tile((0.25 + 0.5 * SQUARE).ravel(), (4, 1)).astype(np.float32)
    three = np.array([[0.9], [0.8], [0.1], [0.7]], np.float32)
    assert finder.next_patches() is not None
    assert finder.next_patches(three, quarter) is not None
    assert finder.next_patches(three, quarter) is None


def test_a_place_is_tried_once_in_each_light_and_thoroughly_after_quickly() -> None:
    tried = _core.TriedPlaces(0.3)
    assert tried.add(place_in(25), "plain", "quick")
    assert not tried.add(place_in(25, offset=0.29), "plain", "quick"), "all but the same"
    assert tried.add(place_in(25, offset=0.31), "plain", "quick")
    assert tried.add(place_in(25), "even", "quick"), "in another light"
    assert tried.add(place_in(29), "plain", "quick"), "of another size"
    assert tried.add(place_in(25, inverted=True), "plain", "quick"), "of the other polarity"
    assert tried.add(place_in(25), "plain", "thorough")
    assert not tried.add(place_in(25), "plain", "thorough")
    assert not tried.add(place_in(25), "plain", "quick"), "less than was done"
    with pytest.raises(ValueError, match="effort must be 'quick' or 'thorough', got 'patient'"):
        tried.add(place_in(25), "plain", "patient")  # type: ignore[arg-type]


def test_a_square_that_is_all_but_a_line_shows_no_finder_pattern() -> None:
    view = whole(unreadable(25))
    for square in (SQUARE * [1, 0], np.zeros((4, 2))):
        finder = _core.CornerFinder(view, square)
        assert finder.next_patches() is None
        assert finder.seen.finder.tolist() == [0, 0, 0, 0]
        assert list(_core.places_by_corners(view, finder.seen, 0.2)) == []


def test_a_corner_finder_names_what_is_wrong() -> None:
    view = whole(unreadable(25))
    with pytest.raises(ValueError, match=r"square must have shape \(4, 2\), got \(3, 2\)"):
        _core.CornerFinder(view, SQUARE[:3])
    with pytest.raises(ValueError, match="rounds must be 1 or more, got 0"):
        _core.CornerFinder(view, SQUARE * 50, rounds=0)
    finder = _core.CornerFinder(view, SQUARE * 50)
    with pytest.raises(ValueError, match="take must follow a call of next_patches"):
        finder.next_patches(np.zeros((4, 1), np.float32), np.zeros((4, 8), np.float32))
    assert finder.next_patches() is not None
    with pytest.raises(ValueError, match="next_patches must be given what the network says"):
        finder.next_patches()
    with pytest.raises(ValueError, match=r"probabilities must have shape \(4, 1\), got \(4,\)"):
        finder.next_patches(np.zeros(4, np.float32), np.zeros((4, 8), np.float32))
    with pytest.raises(ValueError, match=r"corners must have shape \(4, 8\), got \(4, 4, 2\)"):
        finder.next_patches(np.zeros((4, 1), np.float32), np.zeros((4, 4, 2), np.float32))
    with pytest.raises(ValueError, match=r"finder must have shape \(4\), got \(3,\)"):
        _core.SeenCorners(np.zeros(3, np.float32), np.zeros((4, 4, 2)))
    with pytest.raises(ValueError, match="count must be 1 to 4 corners, got 5"):
        finder.seen.reached_by(5)
    with pytest.raises(ValueError, match="inset must be 0 to 10 modules, got"):
        _core.places_by_correlation(view, SQUARE * 50, 10.0)


def test_a_symbol_that_was_read_is_known_by_its_place_and_its_size() -> None:
    quads = np.stack([SQUARE * 100, SQUARE * 100 + 500])
    for quad, known in {
        "itself": (SQUARE * 100 + 500, True),
        "seen a little otherwise": (SQUARE * 90 + 510, True),
        "turned": (np.roll(SQUARE * 100, 1, axis=0), True),
        "beside": (SQUARE * 100 + [0, 120], False),
        "within": (SQUARE * 50 + 525, False),
        "about": (SQUARE * 300 + 400, False),
    }.values():
        assert _core.is_read(quads, quad) == known
        assert not _core.is_read(quads[:0], quad)
    with pytest.raises(ValueError, match=r"quads must have shape \(Q, 4, 2\), got \(4, 2\)"):
        _core.is_read(SQUARE, SQUARE)
    with pytest.raises(ValueError, match=r"quad must have shape \(4, 2\), got \(3, 2\)"):
        _core.is_read(quads, SQUARE[:3])
