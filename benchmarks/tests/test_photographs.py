"""What counts as read, and what is found in a folder."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.photographs import (
    Photograph,
    evenly,
    is_corner_file,
    match,
    photographs_in,
    read_corners,
    score,
)


def square(x: float, y: float, side: float = 10) -> npt.NDArray[np.float32]:
    return np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]], np.float32)


def marked(*quads: npt.NDArray[np.float32], **texts: str) -> Photograph:
    known = {int(name.removeprefix("code")): text for name, text in texts.items()}
    return Photograph(Path("category/image.jpg"), "category", np.array(quads, np.float32).reshape(-1, 4, 2), known)


def picture_at(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.zeros((4, 4, 3), np.uint8))
    return path


# Corner files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "# corners\nSETS\n0 0 10 0 10 10 0 10\n",
        "SETS\n0.0 0.0\n10.0 0.0\n10.0 10.0\n0.0 10.0\n",
        "0 0 10 0 10 10 0 10\n",
    ],
    ids=["a line a code", "a line a corner", "without a heading"],
)
def test_corner_files_hold_four_corners_a_code(tmp_path: Path, text: str) -> None:
    path = tmp_path / "image.txt"
    path.write_text(text)
    assert is_corner_file(text)
    np.testing.assert_array_equal(read_corners(path), [square(0, 0)])


def test_a_corner_file_without_codes_has_none(tmp_path: Path) -> None:
    path = tmp_path / "image.txt"
    path.write_text("SETS\n")
    assert read_corners(path).shape == (0, 4, 2)


def test_a_corner_file_with_half_a_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "image.txt"
    path.write_text("SETS\n0 0 10 0\n")
    with pytest.raises(ValueError, match="8 numbers a code, got 4"):
        read_corners(path)


@pytest.mark.parametrize("payload", ["Hello", "12345678", "1 2 3 4 5 6 7", "", "http://example.org/1 2"])
def test_payloads_are_not_taken_for_corners(payload: str) -> None:
    assert not is_corner_file(payload)


# Folders --------------------------------------------------------------------------------------------------------------


def test_each_layout_is_recognised_by_what_lies_beside_the_picture(tmp_path: Path) -> None:
    picture_at(tmp_path / "blurred/image1.png").with_suffix(".txt").write_text("SETS\n0 0 1 0 1 1 0 1\n")
    (tmp_path / "payloads.json").write_text(json.dumps({"blurred/image1.png": {"0": "known"}}))
    picture_at(tmp_path / "qrcode-1/1.png").with_suffix(".txt").write_bytes("Grüße\r\n".encode())
    picture_at(tmp_path / "jsqr/7/input.png").with_name("output.json").write_text(json.dumps({"data": "seven"}))
    picture_at(tmp_path / "falsepositives-1/1.png")
    found, left_out = photographs_in(tmp_path)
    assert {photo.name: (photo.layout, photo.codes, photo.texts) for photo in found} == {
        "blurred/image1.png": ("corners", 1, {0: "known"}),
        "qrcode-1/1.png": ("text", 1, {0: "Grüße\r\n"}),
        "jsqr/7/input.png": ("text", 1, {0: "seven"}),
        "falsepositives-1/1.png": ("negative", 0, {}),
    }
    assert not left_out


def test_pictures_that_nothing_is_known_of_are_left_out_and_counted(tmp_path: Path) -> None:
    picture_at(tmp_path / "multi-1/1.png")
    picture_at(tmp_path / "microqrcode-1/1.png").with_suffix(".txt").write_text("M1")
    picture_at(tmp_path / "jsqr/8/input.png").with_name("output.json").write_text("null")
    assert photographs_in(tmp_path) == ([], {"another symbology": 1, "nothing says what is in it": 2})


def test_a_folder_given_as_negative_has_no_codes_whatever_its_name(tmp_path: Path) -> None:
    picture_at(tmp_path / "holiday/1.png").with_suffix(".txt").write_text("a caption")
    [photo], _ = photographs_in(tmp_path, negative=True)
    assert photo.layout == "negative"


def test_a_sample_takes_every_category_before_a_second_picture_of_any() -> None:
    photos = [Photograph(Path(f"{c}/{i}.png"), c, np.zeros((0, 4, 2), np.float32)) for c in "ab" for i in range(3)]
    assert [photo.name for photo in evenly(photos, 3)] == ["a/0.png", "b/0.png", "a/1.png"]


# The rule -------------------------------------------------------------------------------------------------------------


def test_a_result_reads_the_quad_whose_centre_it_covers_or_that_covers_its_centre() -> None:
    small_inside, around, elsewhere = square(1, 1, 2), square(-20, -20, 50), square(30, 30)
    for found, expected in ((small_inside, {0: 0}), (around, {0: 0}), (elsewhere, {})):
        assert match(np.array([square(0, 0)]), [found]) == expected


def test_each_quad_and_each_result_counts_once() -> None:
    two_quads = np.array([square(0, 0), square(0, 0)])
    assert match(two_quads, [square(0, 0)]) == {0: 0}
    assert match(two_quads[:1], [square(1, 1), square(0, 0)]) == {0: 1}, "the nearer result"


def test_an_empty_text_is_no_reading() -> None:
    assert score(marked(square(0, 0)), [""], [square(0, 0)]).missed == [0]


def test_a_payload_that_contradicts_the_known_one_is_read_but_wrong() -> None:
    photo = marked(square(0, 0), square(50, 0), code0="right")
    result = score(photo, ["left", "unknown", "stray"], [square(0, 0), square(50, 0), square(200, 200)])
    assert (result.read, result.missed) == ([0, 1], [])
    assert result.wrong == [(0, "right", "left")]
    assert result.stray == ["stray"]


def test_with_a_text_alone_only_that_text_counts() -> None:
    photo = Photograph(Path("a/1.png"), "a", np.zeros((0, 4, 2), np.float32), {0: "A"}, "text")
    anywhere = square(0, 0)
    assert score(photo, ["B", "A"], [anywhere, anywhere]).read == [0]
    wrong = score(photo, ["a"], [anywhere])
    assert (wrong.read, wrong.wrong) == ([], [(0, "A", "a")])
    assert score(photo, [], []).wrong == []


def test_whatever_is_read_in_a_negative_is_stray() -> None:
    photo = Photograph(Path("a/1.png"), "a", np.zeros((0, 4, 2), np.float32), layout="negative")
    assert score(photo, ["ghost"], [square(0, 0)]).stray == ["ghost"]
