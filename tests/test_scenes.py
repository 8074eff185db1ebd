"""Rendered scenes from end to end: the texts of all codes in them, whatever was done to the picture."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import fastqr
from conftest import Picture, code_picture, place, quad_of, symbol_quad, texts, textured
from rolled_drawing import rolled

TEXT = "https://example.org/scene"


def scene_of(code: Picture, *, side: float = 240, degrees: float = 0, tilt: float = 0) -> Picture:
    """One code with its quiet zone in the middle of a textured ground."""
    return place(textured(400, 480), code, quad_of((240, 200), side, degrees=degrees, tilt=tilt))


def test_a_clean_code(scanner: fastqr.Scanner) -> None:
    assert texts(scanner.decode(code_picture(TEXT))) == [TEXT]


@pytest.mark.parametrize("degrees", range(0, 360, 24))
def test_any_rotation(scanner: fastqr.Scanner, degrees: float) -> None:
    (symbol,) = scanner.decode(scene_of(code_picture(TEXT), degrees=degrees))
    assert symbol.text == TEXT
    assert symbol.quad is not None
    truth = symbol_quad(quad_of((240, 200), 240, degrees=degrees), len(symbol.modules))
    assert np.abs(symbol.quad - truth).max() < 4


@pytest.mark.parametrize("tilt", [0.1, 0.2, 0.3])
@pytest.mark.parametrize("degrees", [0, 75, 190])
def test_tilted_codes(scanner: fastqr.Scanner, degrees: float, tilt: float) -> None:
    assert texts(scanner.decode(scene_of(code_picture(TEXT), degrees=degrees, tilt=tilt))) == [TEXT]


@pytest.mark.parametrize(("arc", "axis"), [(150, 0), (140, 20), (160, 70), (140, 45), (140, 135)])
def test_codes_that_are_rolled_about_a_bottle(scanner: fastqr.Scanner, arc: float, axis: float) -> None:
    label, _ = rolled(code_picture("rolled about a bottle", version=4, scale=8), arc, axis)
    scene = cv2.copyMakeBorder(label, 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=128)
    assert texts(scanner.decode(scene)) == ["rolled about a bottle"]


@pytest.mark.parametrize("version", [1, 2, 4])
@pytest.mark.parametrize(("degrees", "turn"), [(32, 20), (34, 110), (38, 200), (40, 300)])
def test_codes_that_are_slanted_to_a_narrow_rhomb(version: int, degrees: float, turn: float) -> None:
    sides = np.radians([turn, turn + degrees])
    along, down = 280 * np.stack([np.cos(sides), np.sin(sides)], -1)
    quad = np.array([0 * along, along, along + down, down])
    quad += 40 - quad.min(0)
    width, height = np.ceil(quad.max(0) + 40).astype(int)
    scene = place(np.full((height, width), 205, np.uint8), code_picture("slanted", version=version), quad)
    assert texts(fastqr.Scanner(effort="quick").decode(scene)) == ["slanted"]


@pytest.mark.parametrize("modules", [0.3, 0.5, 0.6])
def test_blurred_codes(scanner: fastqr.Scanner, modules: float) -> None:
    code = code_picture(TEXT)
    module = 240 / (len(code) / 6)
    blurred = cv2.GaussianBlur(scene_of(code, degrees=10), (0, 0), modules * module)
    assert texts(scanner.decode(blurred)) == [TEXT]


def test_noisy_codes(scanner: fastqr.Scanner) -> None:
    scene = scene_of(code_picture(TEXT), degrees=33)
    noise = np.random.default_rng(0).normal(0, 25, scene.shape)
    assert texts(scanner.decode(np.clip(scene + noise, 0, 255).astype(np.uint8))) == [TEXT]


@pytest.mark.parametrize("degrees", [0, 130])
def test_light_on_dark(scanner: fastqr.Scanner, degrees: float) -> None:
    (symbol,) = scanner.decode(scene_of(255 - code_picture(TEXT), degrees=degrees))
    assert symbol.text == TEXT
    assert symbol.inverted
    assert not symbol.mirrored


@pytest.mark.parametrize("degrees", [0, 130])
def test_mirrored_codes(scanner: fastqr.Scanner, degrees: float) -> None:
    (symbol,) = scanner.decode(scene_of(code_picture(TEXT), degrees=degrees)[:, ::-1])
    assert symbol.text == TEXT
    assert symbol.mirrored
    assert not symbol.inverted
    # Corners keep their names: top left, top right, bottom right, bottom left of the symbol, here counterclockwise.
    truth = symbol_quad(quad_of((240, 200), 240, degrees=degrees), len(symbol.modules))
    assert symbol.quad is not None
    assert np.abs(symbol.quad - ((480, 0) + truth * (-1, 1))).max() < 4


@pytest.mark.parametrize("side", [70, 110, 380])
def test_small_and_large_codes(scanner: fastqr.Scanner, side: float) -> None:
    assert texts(scanner.decode(scene_of(code_picture("size"), side=side, degrees=5))) == ["size"]


@pytest.mark.parametrize("border", [0, 1, 4])
def test_codes_that_fill_the_picture(scanner: fastqr.Scanner, border: int) -> None:
    assert texts(scanner.decode(code_picture(TEXT, scale=8, border=border))) == [TEXT]


@pytest.mark.parametrize("centre", [(110, 110), (370, 110), (240, 288)])
def test_codes_that_touch_the_edge(scanner: fastqr.Scanner, centre: tuple[float, float]) -> None:
    # The quiet zone lies outside of the picture, the symbol does not.
    scene = place(textured(400, 480), code_picture(TEXT), quad_of(centre, 260))
    assert texts(scanner.decode(scene)) == [TEXT]


@pytest.mark.parametrize("version", [1, 2, 5, 7, 10, 15])
def test_symbols_of_many_sizes(scanner: fastqr.Scanner, version: int) -> None:
    text = f"version {version}"
    scene = scene_of(code_picture(text, version=version), side=380, degrees=8)
    (symbol,) = scanner.decode(scene)
    assert (symbol.text, symbol.version) == (text, version)


def test_a_large_symbol_in_a_large_picture(scanner: fastqr.Scanner) -> None:
    scene = place(textured(1000, 1000), code_picture("version 25", version=25), quad_of((500, 500), 800, degrees=5))
    assert texts(scanner.decode(scene)) == ["version 25"]


def test_low_contrast(scanner: fastqr.Scanner) -> None:
    code = (code_picture(TEXT) // 6 + 100).astype(np.uint8)  # grey levels 100 and 142
    assert texts(scanner.decode(scene_of(code, degrees=12))) == [TEXT]


def test_light_that_falls_off_to_one_side(scanner: fastqr.Scanner) -> None:
    scene = scene_of(code_picture(TEXT), degrees=12)
    light = np.linspace(0.25, 1.0, scene.shape[1])
    assert texts(scanner.decode((scene * light).astype(np.uint8))) == [TEXT]


@pytest.mark.parametrize("degrees", [45, 135, 315])
def test_the_edge_of_a_shadow_asks_no_network(degrees: float) -> None:
    code = code_picture(TEXT, scale=5, error="m")
    down, across = np.mgrid[: len(code), : len(code)] - len(code) / 2
    beyond = across * np.cos(np.radians(degrees)) + down * np.sin(np.radians(degrees)) > 0.05 * len(code)
    picture = cv2.GaussianBlur(np.where(beyond, 0.3, 1.0) * code * 0.8 + 20, (0, 0), 1.5)
    assert texts(fastqr.Scanner(effort="quick").decode(picture.astype(np.uint8))) == [TEXT]


@pytest.mark.parametrize("contrast", [40, 60])
@pytest.mark.parametrize("ink", [180, 5])
def test_a_code_on_a_panel_beside_another_code_is_read(contrast: int, ink: int) -> None:
    """Within the reach of a window the page is darker than all of the panel."""
    page = np.full((300, 700), 25, np.float32)
    for left, text, scale, paper, foreground in (
        (20, "page", 6, 60, ink),
        (380, "panel", 4, 70, 70 + contrast),
    ):
        code = code_picture(text, error="m", scale=scale)
        page[30 : 30 + len(code), left : left + len(code)] = np.where(code == 255, paper, foreground)
    page += np.random.default_rng(3).normal(0, 1.5, page.shape)
    symbols = fastqr.Scanner(effort="quick").decode(page.clip(0, 255).astype(np.uint8))
    assert sorted(texts(symbols)) == ["page", "panel"]


def test_coloured_codes_in_bgr(scanner: fastqr.Scanner) -> None:
    grey = scene_of(code_picture(TEXT), degrees=70)
    share = grey[:, :, None] / np.float32(255)
    dark_blue, yellow = np.array([120, 20, 10], np.float32), np.array([60, 220, 250], np.float32)
    assert texts(scanner.decode((dark_blue * (1 - share) + yellow * share).astype(np.uint8))) == [TEXT]


def test_a_damaged_code_is_corrected(scanner: fastqr.Scanner) -> None:
    scene = scene_of(code_picture(TEXT, error="h"), side=300)
    scene[190:230, 230:280] = 40
    (symbol,) = scanner.decode(scene)
    assert symbol.text == TEXT
    assert symbol.corrected_codewords + symbol.erased_codewords > 0


def test_jpeg_of_low_quality(scanner: fastqr.Scanner) -> None:
    _, data = cv2.imencode(".jpg", scene_of(code_picture(TEXT), degrees=17), [cv2.IMWRITE_JPEG_QUALITY, 15])
    assert texts(scanner.decode(data.tobytes())) == [TEXT]


def test_several_codes_of_every_kind_in_one_picture(scanner: fastqr.Scanner) -> None:
    scene = textured(600, 800)
    scene = place(scene, code_picture("turned"), quad_of((150, 150), 190, degrees=30))
    scene = place(scene, code_picture("tilted"), quad_of((420, 160), 190, degrees=-70, tilt=0.2))
    scene = place(scene, 255 - code_picture("light on dark"), quad_of((660, 150), 190, degrees=200))
    scene = place(scene, code_picture("mirrored")[:, ::-1], quad_of((180, 430), 190))
    scene = place(scene, code_picture("a larger one with more to say", error="h"), quad_of((550, 430), 300, degrees=5))
    symbols = {symbol.text: symbol for symbol in scanner.decode(scene)}
    assert symbols.keys() == {"turned", "tilted", "light on dark", "mirrored", "a larger one with more to say"}
    assert [text for text, symbol in symbols.items() if symbol.inverted] == ["light on dark"]
    assert [text for text, symbol in symbols.items() if symbol.mirrored] == ["mirrored"]


def test_many_codes(scanner: fastqr.Scanner) -> None:
    scene = textured(720, 960)
    for row in range(4):
        for column in range(6):
            centre = (80 + 160 * column, 90 + 180 * row)
            scene = place(scene, code_picture(f"{row}-{column}"), quad_of(centre, 120, degrees=15 * (row + column)))
    assert texts(scanner.decode(scene)) == sorted(f"{row}-{column}" for row in range(4) for column in range(6))


def test_the_same_text_twice_is_two_symbols(scanner: fastqr.Scanner) -> None:
    scene = textured(300, 560)
    for x in (140, 420):
        scene = place(scene, code_picture("twice"), quad_of((x, 150), 200))
    assert texts(scanner.decode(scene)) == ["twice", "twice"]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ground", ["textured", "noise", "squares"])
def test_grounds_without_a_code_read_nothing(scanner: fastqr.Scanner, ground: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    if ground == "textured":
        scene = textured(400, 500, seed)
    elif ground == "noise":
        scene = rng.integers(0, 256, (400, 500), np.uint8)
    else:
        scene = np.kron(rng.integers(0, 2, (40, 50)).astype(np.uint8) * 255, np.ones((10, 10), np.uint8))
    assert scanner.decode(scene) == []


@pytest.mark.parametrize("kind", ["Micro QR", "three finders alone"])
def test_what_only_looks_like_a_code_reads_nothing(scanner: fastqr.Scanner, kind: str) -> None:
    if kind == "Micro QR":
        code = code_picture("12345", scale=10, micro=True)
    else:
        modules = np.kron(np.full((29, 29), 255, np.uint8), np.ones((8, 8), np.uint8))
        finder = code_picture("x", scale=8, border=0)[: 7 * 8, : 7 * 8]
        modules[:56, :56] = modules[:56, -56:] = modules[-56:, :56] = finder
        code = np.pad(modules, 32, constant_values=255)
    assert scanner.decode(scene_of(code)) == []


def test_the_demo_scene_is_read(scanner: fastqr.Scanner) -> None:
    from fastqr.demo import DEMO_TEXTS

    assert texts(scanner.decode(fastqr.demo_scene())) == sorted(DEMO_TEXTS)
