"""Drawn pages show what they claim to show, and the same for the same seed."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

pytest.importorskip("segno")

import fastqr
from benchmarks.ladders.rendering import QUIET
from benchmarks.scenes import crowded, dense, mishaps, pages, photographed, screens
from benchmarks.scenes.printed import (
    Grey,
    Page,
    PrintedCode,
    placed,
    print_around,
    print_code,
    random_symbol,
    scanned,
)
from fastqr import _core

PAPER, INK = 230, 20


def blank(height: int = 200, width: int = 240) -> Grey:
    return np.full((height, width), PAPER, np.uint8)


def shown(printed: PrintedCode, picture: Grey) -> Grey:
    """Grey values at the centres of a code's modules, found from its corners alone."""
    size = printed.code.size
    square = np.array([[0, 0], [size, 0], [size, size], [0, size]], np.float32)
    transform = cv2.getPerspectiveTransform(square, printed.corners().astype(np.float32))
    centres = np.stack(np.meshgrid(*[np.arange(size) + 0.5] * 2), -1)
    x, y = np.floor(cv2.perspectiveTransform(centres.reshape(1, -1, 2), transform)[0]).astype(int).T
    return picture[y, x].reshape(size, size)


# Printing -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_code_on_whole_pixels_is_its_modules_and_nothing_else(degrees: float) -> None:
    code, picture = random_symbol(np.random.default_rng(1), 2, "a."), blank()
    print_code(picture, PrintedCode(code, (110.0, 90.0), 4.0, degrees, INK), PAPER)
    drawn = np.rot90(np.kron(np.where(code.modules, INK, PAPER), np.ones((4, 4))), round(degrees / 90))
    np.testing.assert_array_equal(picture[40:140, 60:160], drawn)
    assert (picture != PAPER).sum() == (drawn != PAPER).sum()


@pytest.mark.parametrize(("pixels", "degrees"), [(2.37, 0.0), (3.6, 31.0), (5.1, 200.0)])
def test_each_pixel_is_the_mean_over_its_area(pixels: float, degrees: float) -> None:
    code = random_symbol(np.random.default_rng(2), 1, "a.")
    printed, picture = PrintedCode(code, (120.3, 99.6), pixels, degrees, INK), blank()
    print_code(picture, printed, PAPER)
    dark_area = code.modules.sum() * pixels**2
    assert (PAPER - picture.astype(float)).sum() / (PAPER - INK) == pytest.approx(dark_area, rel=0.01)
    agreement = (shown(printed, picture) < (PAPER + INK) / 2) == code.modules
    assert agreement.mean() > 0.97
    centred = PrintedCode(code, (120.3, 99.6), pixels, degrees + 180, INK)
    assert ((shown(centred, picture) < 125) == code.modules).mean() < 0.7, "another turn is another picture"


def test_the_quiet_zone_covers_what_was_printed_before_and_nothing_beyond() -> None:
    picture = np.full((200, 240), 7, np.uint8)
    printed = PrintedCode(random_symbol(np.random.default_rng(3), 1, "a."), (120.0, 100.0), 4.0, 45.0, INK)
    print_code(picture, printed, PAPER)
    places = np.stack(np.meshgrid(np.arange(240) + 0.5, np.arange(200) + 0.5), -1) - printed.centre
    from_centre = np.abs(places @ np.array([[1, 1], [1, -1]]) / np.sqrt(2)).max(-1) / 4.0  # in modules, sideways
    assert (picture[from_centre > 21 / 2 + QUIET + 0.5] == 7).all()
    ring = (from_centre < 21 / 2 + QUIET - 0.5) & (from_centre > 21 / 2 + 0.5)
    assert (picture[ring] == PAPER).all()


def test_a_code_over_the_edge_is_cut_off() -> None:
    code, picture = random_symbol(np.random.default_rng(1), 2, "a."), blank(60, 70)
    print_code(picture, PrintedCode(code, (2.0, 2.0), 4.0, 0.0, INK), PAPER)  # the middle module lies in the corner
    np.testing.assert_array_equal(picture[2:54:4, 2:54:4] < 125, code.modules[12:, 12:])


def test_no_code_lies_on_another_or_over_the_edge() -> None:
    rng, picture = np.random.default_rng(4), blank(300, 400)
    printed: list[PrintedCode] = []
    while (found := placed(rng, picture, printed, random_symbol(rng, 1, ""), 3.0, rng.uniform(0, 360))) is not None:
        printed.append(found)
    taken = np.zeros(picture.shape, int)
    for code in printed:
        x1, y1, x2, y2 = code.box
        assert x1 >= 0
        assert y1 >= 0
        assert x2 <= 400
        assert y2 <= 300
        taken[y1:y2, x1:x2] += 1
    assert len(printed) >= 3
    assert taken.max() == 1
    assert placed(rng, picture, [], random_symbol(rng, 40, ""), 3.0) is None, "larger than the page"


@pytest.mark.parametrize("version", [1, 2, 9, 10, 27, 40])
def test_symbols_of_any_version_hold_the_text_that_is_named(version: int) -> None:
    for seed in range(6):
        code = random_symbol(np.random.default_rng(seed), version, "123.")
        assert code.size == 4 * version + 17
        assert code.text.startswith("123.")
        assert fastqr.decode_modules(code.modules).text == code.text


def test_print_around_codes_and_noise_change_a_page() -> None:
    picture = blank(600, 800)
    print_around(picture, np.random.default_rng(5), density=40.0)
    assert 0.01 < (picture != PAPER).mean() < 0.9
    noisy = scanned(picture, np.random.default_rng(6), noise=4.0)
    assert noisy.shape == picture.shape
    difference = noisy.astype(float) - picture
    assert 0 < difference[picture == PAPER].std() < 30


# Pages ----------------------------------------------------------------------------------------------------------------

DRAWN = {
    "small page": lambda rng: pages.page_of_shape(rng, "small page"),
    "strip of paper": lambda rng: pages.random_page(rng, megapixels=(0.5, 0.6), aspect=(8, 9), most=10),
    "mixed sizes": lambda rng: crowded.mixed_sizes(rng, "1080p"),
    "sheet": lambda rng: crowded.sheet(rng, 12),
    "decoys": lambda rng: crowded.decoys(rng, 8),
    **{kind: lambda rng, kind=kind: crowded.nested(rng, kind) for kind in crowded.NESTED},
    **{kind: lambda rng, kind=kind: screens.screen(rng, kind) for kind in screens.KINDS},
}


@pytest.fixture(scope="module", params=DRAWN)
def drawn(request: pytest.FixtureRequest) -> tuple[Page, Page]:
    """The same page twice."""
    first, second = (DRAWN[request.param](np.random.default_rng(7)) for _ in range(2))
    return first, second


def test_equal_seeds_give_equal_pages(drawn: tuple[Page, Page]) -> None:
    np.testing.assert_array_equal(drawn[0].picture, drawn[1].picture)
    assert [printed.code.text for printed in drawn[0].codes] == [printed.code.text for printed in drawn[1].codes]


def test_codes_are_where_they_are_said_to_be_and_have_texts_of_their_own(drawn: tuple[Page, Page]) -> None:
    page = drawn[0]
    texts = [printed.code.text for printed in page.codes]
    assert len(texts) == len(set(texts)) > 0
    for printed in page.codes:
        agreement = (shown(printed, page.picture) < 115) == printed.code.modules
        assert agreement.mean() > 0.85, "the middle of a nested code shows the other"


def test_a_small_photograph_is_of_a_side_in_colour_the_same_for_the_same_seed_and_of_its_code() -> None:
    for sides in photographed.SIDES.values():
        page, again = (photographed.photographed(np.random.default_rng(3), sides) for _ in range(2))
        np.testing.assert_array_equal(page.picture, again.picture)
        assert page.picture.shape[2] == 3
        assert sides[0] <= page.picture.shape[0] <= sides[1] + 1
        assert [symbol.text for symbol in fastqr.decode(page.picture)] == [page.codes[0].code.text]


@pytest.mark.parametrize("kind", ["a copy of the format damaged", "resized twice", "dirt and scratches"])
def test_a_mishap_is_the_same_for_the_same_seed_and_spares_the_text(kind: str) -> None:
    first, second = (mishaps.mishap(np.random.default_rng(3), kind) for _ in range(2))
    np.testing.assert_array_equal(first.picture, second.picture)
    (printed,) = first.codes
    assert printed.code.text == second.codes[0].code.text
    assert first.picture.std() > 1


@pytest.mark.parametrize("kind", mishaps.OVERPAINTS)
def test_overpainting_changes_modules_of_function_patterns_alone(kind: str) -> None:
    size = 45
    before = np.random.default_rng(1).random((size, size)) < 0.5
    after = before.copy()
    mishaps.OVERPAINTS[kind](after, np.random.default_rng(2))
    changed = before != after
    assert changed.any()
    data = np.asarray(_core.function_patterns(size)).reshape(size, size) == 0
    assert not (changed & data & ~_formats_and_versions(size)).any()


def _formats_and_versions(size: int) -> npt.NDArray[np.bool_]:
    reserved = np.zeros((size, size), bool)
    reserved[8, :9] = reserved[:9, 8] = reserved[8, -8:] = reserved[-8:, 8] = True
    reserved[:6, -11:-8] = reserved[-11:-8, :6] = True
    return reserved


def test_a_dense_symbol_on_crumpled_paper_is_the_same_for_the_same_seed() -> None:
    first, second = (dense.dense(np.random.default_rng(7), "crumpled") for _ in range(2))
    np.testing.assert_array_equal(first.picture, second.picture)
    assert 20 <= first.codes[0].version <= 40


def test_a_dense_symbol_on_a_flat_sheet_lies_where_it_is_said_to() -> None:
    page = dense.dense(np.random.default_rng(3), "flat", (4.0, 4.0))
    (printed,) = page.codes
    levels = shown(printed, page.picture)
    assert ((levels < np.median(levels)) == printed.code.modules).mean() > 0.85  # light falls off


def test_a_strip_is_long_and_a_page_as_large_as_asked_for() -> None:
    strip = DRAWN["strip of paper"](np.random.default_rng(8)).picture
    assert 7.9 < max(strip.shape) / min(strip.shape) < 9.1
    assert 0.49e6 < strip.size < 0.61e6


def test_a_small_code_lies_beside_a_large_one() -> None:
    large, small = crowded.mixed_sizes(np.random.default_rng(9), "1080p").codes
    assert large.pixels_per_module * large.code.size > 0.3 * 1080
    assert 2 <= small.pixels_per_module <= 4


def test_a_symbol_without_a_message_has_every_pattern_in_place_and_is_not_read() -> None:
    rng = np.random.default_rng(10)
    for version in (1, 4, 7):
        code, real = crowded.without_message(rng, version), random_symbol(rng, version, "")
        np.testing.assert_array_equal(code.modules[:7, :7], real.modules[:7, :7])
        np.testing.assert_array_equal(code.modules[6], real.modules[6])
        with pytest.raises(fastqr.FastQRError):
            fastqr.decode_modules(code.modules)


def test_codes_of_a_lattice_lie_as_far_apart_as_their_own_finder_patterns() -> None:
    codes = crowded.nested(np.random.default_rng(11), "one lattice of finder patterns").codes
    assert len(codes) == 9
    step = codes[1].centre[0] - codes[0].centre[0]
    assert step == pytest.approx(2 * (codes[0].code.size - 7) * codes[0].pixels_per_module)


def test_the_inner_code_hides_less_of_the_outer_than_its_level_repairs() -> None:
    for seed in range(5):
        outer, inner = crowded.nested(np.random.default_rng(seed), "one inside another").codes
        assert outer.centre == inner.centre
        hidden = (inner.code.size + 2 * QUIET) * inner.pixels_per_module
        assert (hidden / (outer.code.size * outer.pixels_per_module)) ** 2 < 0.1
