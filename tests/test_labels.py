"""Labels in pictures: in any script, of a size that fits, and where there is room."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fastqr
from conftest import Picture, code_picture, place, quad_of, textured
from fastqr.annotate import GREEN, INK
from fastqr.demo import demo_scene
from fastqr.labels import ROWS, _in_visual_order, _joined, label_width, shortened_label, write_label

PAPER = (255, 255, 255)


def written(text: str, scale: int = 1, width: int = 600) -> np.ndarray:
    """A label's pixels, true for ink, as wide as it is."""
    canvas = np.full((ROWS * scale, width, 3), 255, np.uint8)
    write_label(canvas, text, (0, 0), (0, 0, 0), scale)
    ink = canvas[:, :, 0] < 128
    assert not ink[:, label_width(text, scale) :].any()
    return ink[:, : label_width(text, scale)]


# Glyphs -----------------------------------------------------------------------------------------------------------


def test_a_glyph_is_drawn_as_the_font_has_it() -> None:
    rows = ["".join(".#"[int(pixel)] for pixel in row) for row in written("A")]
    assert rows == [
        *["........"] * 4,
        "...##...",
        "..#..#..",
        "..#..#..",
        ".#....#.",
        ".#....#.",
        ".######.",
        *[".#....#."] * 4,
        *["........"] * 2,
    ]


SCRIPTS = [
    *("Grüße, Žluťoučký kůň", "Ελληνικά", "Кириллица", "עברית", "العربية", "हिन्दी", "বাংলা", "தமிழ்", "ไทย", "ქართული"),
    *("Հայերեն", "አማርኛ", "中文", "日本語", "カタカナ", "한국어", "Tiếng Việt", "€ ₹ ¥ ½ ② → ✓", "😀🎉🚀", "ﬁ"),
]


@pytest.mark.parametrize("text", SCRIPTS)
def test_every_letter_of_every_script_is_drawn_and_none_as_another(text: str) -> None:
    assert "\\" not in shortened_label(text, 10_000)
    drawn = {letter: written(letter).tobytes() for letter in text if label_width(letter) and letter != " "}
    assert all(any(pixels) for pixels in drawn.values())
    assert drawn["日"] != drawn["本"] if "日" in text else len(set(drawn.values())) >= len(drawn) - 1
    assert written("?").tobytes() not in drawn.values()


def test_marks_stand_upon_the_letter_before_them() -> None:
    plain, marked = written("x"), written("x\u0301\u0323")
    assert plain.shape == marked.shape
    assert (marked & plain == plain).all()
    assert marked.sum() > plain.sum()
    np.testing.assert_array_equal(written("e\u0301"), written("é"))
    written("\u0301")  # upon nothing


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines", r"two\nlines"),
        ("\x1b[31m\u202e", r"\x1b[31m\u202e"),
        ("\U00020000", r"\U00020000"),  # not in the font
        ("a\\b", "a\\b"),
        ("\ud800", r"\ud800"),
    ],
)
def test_what_has_no_glyph_is_escaped(text: str, shown: str) -> None:
    assert shortened_label(text, 10_000) == shown
    np.testing.assert_array_equal(written(text), written(shown))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("abc 123", "abc 123"),
        ("שלום", "םולש"),
        ("שלום עולם (abc 123)", "(abc 123) םלוע םולש"),
        ("abc שלום 12 עולם def", "abc םלוע 12 םולש def"),
        ('מחיר: 25 ש"ח', 'ח"ש 25 :ריחמ'),
        ("id: (שלום)", "id: (םולש)"),
        ("שָלוֹם", "םוֹלשָ"),
    ],
)
def test_writing_from_right_to_left_is_shown_so(text: str, shown: str) -> None:
    assert _in_visual_order(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("بيت", "\ufe91\ufef4\ufe96"),  # initial, medial, final
        ("دار", "\ufea9\ufe8d\ufead"),  # none of which joins what follows
        ("بَيت", "\ufe91\u064e\ufef4\ufe96"),  # a mark does not part them
        ("بيت بيت", "\ufe91\ufef4\ufe96 \ufe91\ufef4\ufe96"),
        ("abc", "abc"),
    ],
)
def test_arabic_letters_are_joined(text: str, shown: str) -> None:
    assert _joined(text) == shown


@given(st.text(max_size=30), st.integers(0, 200), st.integers(1, 3))
@settings(deadline=None, max_examples=150)
def test_any_text_has_a_label_that_fits(text: str, width: int, scale: int) -> None:
    shown = shortened_label(text, width, scale)
    assert label_width(shown, scale) <= width
    whole = shortened_label(text, 10**6)
    begins, _, ends = shown.partition("…")
    assert shown in (whole, "") or (whole.startswith(begins) and whole.endswith(ends))
    canvas = np.zeros((60, 220, 3), np.uint8)
    write_label(canvas, shown, (5, 5), PAPER, scale)
    assert not canvas[:5].any()
    assert not canvas[:, 5 + width :].any()


@pytest.mark.parametrize(
    ("width", "shown"),
    [(80, "ITEM-00017"), (79, "ITEM…0017"), (72, "ITEM…0017"), (64, "ITEM…017"), (24, "I…7"), (15, "")],
)
def test_a_label_that_is_too_long_keeps_both_ends(width: int, shown: str) -> None:
    assert shortened_label("ITEM-00017", width) == shown
    assert shortened_label("ITEM-00017", 2 * width, 2) == shown


def test_a_label_is_magnified_with_smooth_edges() -> None:
    small, large = written("Ä 中"), written("Ä 中", 4)
    np.testing.assert_array_equal(large[2::4, 2::4], small)
    canvas = np.full((64, 200, 3), 255, np.uint8)
    write_label(canvas, "Ä 中", (0, 0), (0, 0, 0), 4)
    assert len(np.unique(canvas)) > 5


@pytest.mark.parametrize("corner", [(-30, 3), (50, -9), (90, 35), (-500, 0), (0, 500), (30, 36)])
def test_what_lies_outside_the_picture_is_cut_off(corner: tuple[int, int]) -> None:
    whole = np.zeros((1200, 1400, 3), np.uint8)
    write_label(whole, "cut 中", (corner[0] + 600, corner[1] + 600), PAPER)
    canvas = np.zeros((40, 100, 3), np.uint8)
    write_label(canvas, "cut 中", corner, PAPER)
    np.testing.assert_array_equal(canvas, whole[600:640, 600:700])


# Pictures ---------------------------------------------------------------------------------------------------------


def ink(drawn: Picture) -> np.ndarray:
    """Where a label's own two colours stand side by side."""
    return (drawn == GREEN).all(2) | (drawn == INK).all(2)


def test_symbols_are_outlined_and_told_and_the_picture_is_left_as_it_was(scanner: fastqr.Scanner) -> None:
    scene = demo_scene()
    before = scene.copy()
    symbols = scanner.decode(scene)
    drawn = fastqr.draw(scene, symbols)
    np.testing.assert_array_equal(scene, before)
    assert (drawn.shape, drawn.dtype) == (scene.shape, np.uint8)
    for symbol in symbols:
        assert symbol.quad is not None
        for x, y in symbol.quad:
            near = drawn[int(y) - 3 : int(y) + 4, int(x) - 3 : int(x) + 4]
            assert (near == GREEN).all(2).any()
        inside = (symbol.quad - symbol.quad.mean(0)) * 0.8 + symbol.quad.mean(0)
        (x1, y1), (x2, y2) = inside.min(0).astype(int), inside.max(0).astype(int)
        assert (drawn[y1:y2, x1:x2] == scene[y1:y2, x1:x2]).all(2).mean() > 0.5


def test_a_label_stands_above_its_symbol_in_words(scanner: fastqr.Scanner) -> None:
    scene = place(np.full((300, 400), 200, np.uint8), code_picture("Straße 中文"), quad_of((200, 170), 200))
    (symbol,) = scanner.decode(scene)
    assert symbol.bbox is not None
    drawn = fastqr.draw(scene, [symbol])
    x1, y1, _, _ = map(math.floor, symbol.bbox)
    width = label_width(symbol.text) + 4
    plate = drawn[y1 - 22 : y1 - 2, x1 : x1 + width]
    expected = np.full((20, width, 3), GREEN, np.uint8)
    write_label(expected, symbol.text, (2, 2), INK)
    np.testing.assert_array_equal(plate, expected)


@pytest.mark.parametrize("side", [60, 100, 400, 3000])
def test_labels_follow_the_picture_s_size(scanner: fastqr.Scanner, side: int) -> None:
    code = code_picture("size", scale=max(1, side // 60), border=4)
    scene = np.full((side, side), 255, np.uint8)
    at = (side - len(code)) // 2
    scene[at : at + len(code), at : at + len(code)] = code
    (symbol,) = scanner.decode(scene)
    drawn = fastqr.draw(scene, [symbol])
    assert drawn.shape == (side, side, 3)
    rows = np.flatnonzero(((drawn == INK).all(2) & (scene == 255)).any(1))
    tall = rows.max() - rows.min()
    assert 8 <= tall < max(30, side / 10)
    assert side / 120 < tall


def test_labels_of_neighbours_do_not_hide_each_other(scanner: fastqr.Scanner) -> None:
    scene = np.full((400, 500), 230, np.uint8)
    code = code_picture("a label much longer than its symbol is wide", scale=3, border=4)
    for x, y in ((20, 40), (170, 40), (320, 40), (20, 210), (170, 210), (320, 210)):
        scene[y : y + len(code), x : x + len(code)] = code
    symbols = scanner.decode(scene)
    assert len(symbols) == 6
    alone = [ink(fastqr.draw(np.full_like(scene, 99), [symbol])) for symbol in symbols]
    together = ink(fastqr.draw(np.full_like(scene, 99), symbols))
    boxes = [tuple(map(round, symbol.bbox or ())) for symbol in symbols]
    for x1, y1, x2, _ in boxes:
        assert together[y1 - 21 : y1 - 3, x1 + 1 : x2 - 12].all()
    assert together.sum() < sum(each.sum() for each in alone)


def test_a_label_that_has_no_room_above_stands_below(scanner: fastqr.Scanner) -> None:
    scene = np.full((200, 200), 255, np.uint8)
    scene[:116, :116] = code_picture("at the top", scale=4)
    (symbol,) = scanner.decode(scene)
    drawn = fastqr.draw(scene, [symbol])
    assert (drawn[102:122] == INK).all(2).any()


def test_labels_of_a_sheet_without_room_above_do_not_cover_each_other(scanner: fastqr.Scanner) -> None:
    rows = [code_picture(f"ROW-{number}", scale=3, border=4) for number in range(4)]
    symbols = scanner.decode(np.vstack(rows)[9:])  # the first has a quiet zone of three pixels above it
    assert [symbol.text for symbol in symbols] == ["ROW-0", "ROW-1", "ROW-2", "ROW-3"]
    drawn = fastqr.draw(np.full((4 * len(rows[0]) - 9, len(rows[0]), 3), 255, np.uint8), symbols)
    for symbol in symbols:
        assert symbol.bbox is not None
        y2 = round(symbol.bbox[3])
        label = np.full((16, label_width(symbol.text), 3), GREEN, np.uint8)
        write_label(label, symbol.text, (0, 0), INK)
        places = np.lib.stride_tricks.sliding_window_view(drawn[y2 - 24 : y2 + 24], label.shape)
        assert (places == label).all((3, 4, 5)).any(), symbol.text


def test_boxes_in_which_nothing_was_read_are_drawn(scanner: fastqr.Scanner) -> None:
    scene = textured(200, 300)
    (box,) = [fastqr.Detection(np.array([50, 40, 120, 110], np.float32), 0.9, np.zeros((5, 2), np.float32))]
    drawn = fastqr.draw(scene, [], [box])
    changed = (drawn != scene[:, :, None]).any(2)
    assert changed[38:43, 60:110].any(0).all()
    assert not changed[60:90, 60:110].any()


def test_symbols_without_a_place_and_pictures_without_symbols_change_nothing(scanner: fastqr.Scanner) -> None:
    scene = textured(100, 100)
    (symbol,) = scanner.decode(code_picture("nowhere"))
    for symbols in ([], [dataclasses.replace(symbol, quad=None)]):
        np.testing.assert_array_equal(fastqr.draw(scene, symbols), np.repeat(scene[:, :, None], 3, 2))
    assert fastqr.draw(np.zeros((0, 10), np.uint8), [symbol]).shape == (0, 10, 3)


def test_any_picture_may_be_drawn_on(scanner: fastqr.Scanner) -> None:
    code = code_picture("any picture")
    symbols = scanner.decode(code)
    expected = fastqr.draw(code, symbols)
    for image in (code > 127, np.dstack([code] * 3), code / 255, np.stack([code] * 3)):
        np.testing.assert_array_equal(fastqr.draw(image, symbols), expected)
