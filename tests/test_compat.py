"""The interfaces of pyzbar and OpenCV over fastqr: documented examples, results of the same types and shapes."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

import fastqr
from conftest import Picture, code_modules, code_picture, place, quad_of, textured
from fastqr.compat import cv2 as compat_cv2
from fastqr.compat import pyzbar
from fastqr.compat.pyzbar import Decoded, Point, Rect, ZBarSymbol, decode

# pyzbar -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pictures_of_pyzbar() -> Path:
    """The folder of the pictures that pyzbar's README reads; importing pyzbar would need ZBar itself."""
    found = importlib.util.find_spec("pyzbar")
    if found is None or found.origin is None:
        pytest.skip("pyzbar is not installed")
    return Path(found.origin).parent / "tests"


def near(one: Decoded, other: Decoded, pixels: float) -> bool:
    """Whether two results say the same, with corners that are as near as that."""
    same = (one.data, one.type, one.quality, one.orientation) == (
        other.data,
        other.type,
        other.quality,
        other.orientation,
    )
    corners = np.abs(np.array(one.polygon) - np.array(other.polygon)).max() <= pixels
    return same and bool(corners) and bool(np.abs(np.array(one.rect) - np.array(other.rect)).max() <= 2 * pixels)


def test_the_documented_example_of_pyzbar(pictures_of_pyzbar: Path) -> None:
    documented = Decoded(
        data=b"Thalassiodracon",
        type="QRCODE",
        rect=Rect(left=27, top=27, width=145, height=145),
        polygon=[Point(x=27, y=27), Point(x=27, y=172), Point(x=172, y=172), Point(x=172, y=27)],
        orientation="UP",
        quality=1,
    )
    path = pictures_of_pyzbar / "qrcode.png"
    for image in (Image.open(path), cv2.imread(str(path))):
        (found,) = decode(image, symbols=[ZBarSymbol.QRCODE])
        assert near(found, documented, 2)
        (found,) = decode(image)
        assert near(found, documented, 2)


def test_the_documented_rotated_example_of_pyzbar(pictures_of_pyzbar: Path) -> None:
    documented = Decoded(
        data=b"Thalassiodracon",
        type="QRCODE",
        rect=Rect(left=173, top=10, width=205, height=205),
        polygon=[Point(x=173, y=113), Point(x=276, y=215), Point(x=378, y=113), Point(x=276, y=10)],
        orientation="UP",
        quality=1,
    )
    found = [each for each in decode(Image.open(pictures_of_pyzbar / "qrcode_rotated.png")) if each.polygon[0].x > 100]
    assert near(found[0], documented, 3)


def test_the_documented_example_of_raw_grey_values(pictures_of_pyzbar: Path) -> None:
    image = cv2.imread(str(pictures_of_pyzbar / "qrcode.png"))
    assert image is not None
    height, width = image.shape[:2]
    (found,) = decode((image[:, :, 0].astype("uint8").tobytes(), width, height))
    assert found.data == b"Thalassiodracon"


def test_a_picture_without_codes_gives_an_empty_list(pictures_of_pyzbar: Path) -> None:
    assert decode(Image.open(pictures_of_pyzbar / "empty.png")) == []


@pytest.mark.parametrize(("turns", "orientation"), [(0, "UP"), (-1, "RIGHT"), (2, "DOWN"), (1, "LEFT")])
@pytest.mark.parametrize("mirrored", [False, True])
def test_the_orientation_and_the_polygon_are_zbar_s(turns: int, orientation: str, mirrored: bool) -> None:
    code = code_picture("orientation")
    (found,) = decode(np.rot90(code[:, ::-1].T if mirrored else code, turns))
    assert (found.orientation == orientation) or mirrored
    low, high = (24, 24), (24 + found.rect.width, 24 + found.rect.height)
    assert found.polygon == [low, (low[0], high[1]), high, (high[0], low[1])]
    assert isinstance(found.polygon[0].x, int)


def test_data_is_utf_8_as_zbar_s() -> None:
    assert decode(code_picture("Grüße", encoding="latin-1"))[0].data == "Grüße".encode()


@pytest.mark.parametrize(
    ("image", "message"),
    [
        ((b"123", 2, 2), "2 x 2 bytes, one a pixel, got 3"),
        ((b"", 0, 0), "0 x 0 bytes"),
        ((b"1",), r"image must be a picture or \(pixels, width, height\)"),
        (("text", 2, 2), "image must be a picture or"),
    ],
)
def test_raw_grey_values_that_do_not_fit_are_an_error(image: Any, message: str) -> None:
    with pytest.raises(pyzbar.PyZbarError, match=message):
        decode(image)


def test_other_codes_are_not_silently_missed() -> None:
    blank = np.full((50, 50), 255, np.uint8)
    assert decode(blank, symbols=[ZBarSymbol.EAN13, ZBarSymbol.QRCODE]) == []
    with pytest.raises(pyzbar.PyZbarError, match="keep pyzbar for what is no QR code"):
        decode(blank, symbols=[ZBarSymbol.EAN13])


# OpenCV -----------------------------------------------------------------------------------------------------------


DETECTORS = ["QRCodeDetector", "QRCodeDetectorAruco"]


def both(name: str) -> tuple[Any, Any]:
    """OpenCV's detector of that name and ours."""
    return getattr(cv2, name)(), getattr(compat_cv2, name)()


def form(value: Any) -> Any:
    """The types and shapes of a result, without its values."""
    if isinstance(value, np.ndarray):
        return value.dtype, value.shape
    return (type(value), *map(form, value)) if isinstance(value, (tuple, list)) else type(value)


@pytest.fixture(scope="module")
def drawn() -> Picture:
    """A code that OpenCV drew, as its documentation does, enlarged and with a margin."""
    modules = cv2.QRCodeEncoder.create().encode("https://opencv.org/")
    large = cv2.resize(modules, None, fx=5, fy=5, interpolation=cv2.INTER_NEAREST)
    return np.pad(np.asarray(large, np.uint8), 30, constant_values=255)


@pytest.fixture(scope="module")
def two() -> Picture:
    """Two codes side by side."""
    return np.hstack([code_picture("first"), code_picture("secund")])


@pytest.mark.parametrize("name", DETECTORS)
@pytest.mark.parametrize("method", ["detect", "detectAndDecode", "detectMulti", "detectAndDecodeMulti"])
def test_results_have_the_original_s_types_and_shapes(name: str, method: str, drawn: Picture) -> None:
    original, ours = both(name)
    for image in (drawn, cv2.cvtColor(drawn, cv2.COLOR_GRAY2BGR), np.full((100, 100), 255, np.uint8)):
        expected, given = getattr(original, method)(image), getattr(ours, method)(image)
        assert form(given) == form(expected)


@pytest.mark.parametrize("name", DETECTORS)
@pytest.mark.parametrize("method", ["detectAndDecodeBytes", "detectAndDecodeBytesMulti"])
def test_results_in_bytes_have_the_original_s_types_and_shapes(name: str, method: str, drawn: Picture) -> None:
    original, ours = both(name)
    if not hasattr(original, method):
        pytest.skip("this OpenCV has no results in bytes")
    for image in (drawn, np.full((100, 100), 255, np.uint8)):
        assert form(getattr(ours, method)(image)) == form(getattr(original, method)(image))


@pytest.mark.parametrize("name", DETECTORS)
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_the_documented_calls_give_what_the_original_gives(name: str, turns: int, drawn: Picture) -> None:
    image = np.rot90(drawn, turns).copy()
    original, ours = both(name)
    text, points, straight = ours.detectAndDecode(image)
    expected_text, expected_points, expected_straight = original.detectAndDecode(image)
    assert text == expected_text == "https://opencv.org/"
    np.testing.assert_allclose(points, expected_points, atol=1.5)
    assert (straight != expected_straight).sum() <= 7  # remainder bits, which OpenCV draws dark

    retval, decoded_info, points, straight_qrcode = ours.detectAndDecodeMulti(image)
    assert (retval, decoded_info) == (True, ("https://opencv.org/",))
    np.testing.assert_allclose(points, expected_points, atol=1.5)
    np.testing.assert_array_equal(straight_qrcode[0], straight)
    cv2.polylines(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), points.astype(int), True, (0, 255, 0), 3)  # as they show it

    found, points = ours.detect(image)
    assert found
    assert ours.decode(image, points)[0] == "https://opencv.org/"
    assert ours.decode(image, expected_points)[0] == "https://opencv.org/"  # with the original's corners
    assert ours.decodeBytes(image, points)[0] == b"https://opencv.org/"


@pytest.mark.parametrize("name", DETECTORS)
def test_several_codes_are_found_and_read(name: str, two: Picture) -> None:
    _, ours = both(name)
    found, points = ours.detectMulti(two)
    assert found
    assert (points.shape, points.dtype) == ((2, 4, 2), np.float32)
    assert ours.detectAndDecodeMulti(two)[1] == ours.decodeMulti(two, points)[1] == ("first", "secund")
    assert ours.detectAndDecodeBytesMulti(two)[1] == ours.decodeBytesMulti(two, points)[1] == [b"first", b"secund"]
    assert ours.detectAndDecode(two)[0] in ("first", "secund")


@pytest.mark.parametrize("name", DETECTORS)
def test_corners_about_nothing_read_nothing(name: str, two: Picture) -> None:
    _, ours = both(name)
    nothing = np.array([[[3, 3], [20, 3], [20, 20], [3, 20]]], np.float32)
    assert ours.decode(two, nothing) == ("", None)
    assert ours.decodeBytes(two, nothing) == (b"", None)
    assert ours.decodeMulti(two, nothing) == (False, ("",), ())
    first = ours.detectMulti(two)[1][:1]
    retval, decoded_info, straight = ours.decodeMulti(two, np.concatenate([nothing, first]))
    assert (retval, decoded_info, len(straight)) == (True, ("", "first"), 1)
    with pytest.raises(fastqr.InvalidArgumentError, match=r"points must have shape \(K, 4, 2\), got \(3, 2\)"):
        ours.decode(two, np.zeros((3, 2)))


def test_the_documented_example_of_kanji_in_bytes() -> None:
    text = "こんにちは世界"
    parameters = cv2.QRCodeEncoder_Params()
    parameters.mode = cv2.QRCodeEncoder_MODE_KANJI
    try:
        modules = cv2.QRCodeEncoder.create(parameters).encode(text.encode("shift-jis"))
    except cv2.error:
        pytest.skip("this OpenCV's encoder takes no bytes")
    image = cv2.resize(modules, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    detector = compat_cv2.QRCodeDetector()
    data, _, _ = detector.detectAndDecodeBytes(image)
    assert data == text.encode("shift-jis")
    assert detector.getEncoding() == 20
    assert detector.detectAndDecode(image)[0] == text
    with pytest.raises(fastqr.InvalidArgumentError, match="codeIdx must be that of one of 1 codes, got 1"):
        detector.getEncoding(1)


def test_bytes_of_any_value_are_exact() -> None:
    payload = bytes(range(256))
    detector = compat_cv2.QRCodeDetectorAruco()
    data, _, straight = detector.detectAndDecodeBytes(code_picture(payload, scale=4))
    assert data == payload
    np.testing.assert_array_equal(straight == 0, code_modules(payload))


def test_bent_codes_are_read_without_being_asked_for() -> None:
    bent = fastqr.demo_scene()[360:600, 180:460]
    detector = compat_cv2.QRCodeDetector()
    assert detector.detectAndDecodeCurved(bent)[0] == "round the edge of a tin"
    assert detector.decodeCurved(bent, detector.detect(bent)[1])[0] == "round the edge of a tin"


def test_settings_of_the_original_are_taken() -> None:
    plain = compat_cv2.QRCodeDetector()
    plain.setEpsX(0.2)
    plain.setEpsY(0.1)
    assert plain.setUseAlignmentMarkers(True) is plain
    parameters = compat_cv2.QRCodeDetectorAruco.Params()
    parameters.maxPenalties = 0.5
    detector = compat_cv2.QRCodeDetectorAruco(parameters)
    assert detector.getDetectorParameters() is parameters
    assert detector.setDetectorParameters(compat_cv2.QRCodeDetectorAruco_Params()) is detector
    originals = vars(compat_cv2.QRCodeDetectorAruco_Params())
    assert originals == pytest.approx({name: getattr(cv2.QRCodeDetectorAruco_Params(), name) for name in originals})


def test_both_find_a_code_in_a_scene(scanner: fastqr.Scanner) -> None:
    scene = place(textured(300, 400), code_picture("in a scene"), quad_of((200, 150), 180, degrees=25))
    (symbol,) = scanner.decode(scene)
    assert symbol.quad is not None
    _, points = compat_cv2.QRCodeDetector().detect(scene)
    np.testing.assert_allclose(points, symbol.quad[None] - 0.5, atol=1e-4)
    assert decode(scene)[0].rect == pytest.approx((*symbol.quad.min(0), *np.ptp(symbol.quad, axis=0)), abs=1)
