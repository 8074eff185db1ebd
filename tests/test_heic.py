"""HEIC, which the extra ``heic`` decodes: read as other pictures are, within the same limits."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

import fastqr
from conftest import Picture, code_picture
from fastqr.cli import main
from fastqr.heic import LIBRARIES
from fastqr.pictures import load_picture


@pytest.fixture(scope="module")
def encoder() -> ModuleType:
    library = pytest.importorskip("pillow_heif", reason="pillow-heif, which writes HEIC, is not installed")
    assert isinstance(library, ModuleType)
    return library


def heic(encoder: ModuleType, picture: Picture | Image.Image, **options: object) -> bytes:
    file = io.BytesIO()
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    encoder.from_pillow(image).save(file, quality=90, **options)
    return file.getvalue()


CODE = code_picture("in HEIC", scale=6)
COLOURS = np.stack([CODE, CODE // 2, CODE // 2 + 100], axis=2)  # red, green, blue


@pytest.mark.parametrize("options", [{}, {"chroma": 444}, {"tile_size": 64}])
def test_colours_and_tiles_are_read(encoder: ModuleType, options: dict[str, object]) -> None:
    content = heic(encoder, COLOURS, **options)
    picture = load_picture(content)
    assert (picture.shape, picture.dtype) == (COLOURS.shape, np.uint8)
    np.testing.assert_allclose(picture[:, :, ::-1].mean((0, 1)), COLOURS.mean((0, 1)), atol=3)
    assert [symbol.text for symbol in fastqr.decode(content)] == ["in HEIC"]


def test_grey_values_of_8_and_16_bits_and_alpha_are_read(encoder: ModuleType) -> None:
    for picture in (CODE, Image.fromarray(CODE.astype(np.uint16) * 257)):
        assert load_picture(heic(encoder, picture)).shape == CODE.shape
        assert [symbol.text for symbol in fastqr.decode(heic(encoder, picture))] == ["in HEIC"]
    clear = np.dstack([np.zeros_like(COLOURS), 255 - CODE])  # black where the code is dark, nothing elsewhere
    np.testing.assert_allclose(load_picture(heic(encoder, clear)).mean(), CODE.mean(), atol=3)
    assert [symbol.text for symbol in fastqr.decode(heic(encoder, clear))] == ["in HEIC"]


def test_files_and_folders_of_it_are_scanned(
    encoder: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "IMG_0001.HEIC").write_bytes(heic(encoder, COLOURS))
    assert main(["scan", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "in HEIC\n"


def test_limits_hold_for_it(encoder: ModuleType) -> None:
    content = heic(encoder, COLOURS)
    with pytest.raises(fastqr.InvalidImageError, match=r"decoding \d+ x \d+ of HEIC may take"):
        load_picture(content, max_bytes=32 << 20)
    for length in range(20, len(content), 97):
        with pytest.raises(fastqr.InvalidImageError, match=r"cannot be decoded|is not a picture"):
            load_picture(content[:length])


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch, encoder: ModuleType) -> None:
    content = heic(encoder, CODE)
    for library in LIBRARIES:
        monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(fastqr.InvalidImageError, match=r"image bytes is HEIC, .* pip install 'fastqr\[heic\]'"):
        fastqr.decode(content)
