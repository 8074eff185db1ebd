"""What counts as a picture: arrays, PIL images, paths and encoded bytes, and what is said of anything else."""

from __future__ import annotations

import base64
import io
import os
import socket
import struct
import sys
import urllib.parse
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

import fastqr
from conftest import Picture, code_picture, strided_views, within
from fastqr.errors import ArgumentTypeError, FastQRError, InvalidImageError
from fastqr.pictures import load_picture


@pytest.fixture
def colours() -> Picture:
    """BGR, smooth enough for JPEG, and different in every corner and channel."""
    y, x = np.mgrid[:40, :60]
    return np.stack([4 * x, 6 * y, 255 - 2 * x - 3 * y], -1).astype(np.uint8)


def encoded(picture: np.ndarray, suffix: str = ".png") -> bytes:
    done, data = cv2.imencode(suffix, picture)
    assert done
    return data.tobytes()


def with_orientation(jpeg: bytes, orientation: int) -> bytes:
    """A JPEG file with an EXIF block (TIFF header, one directory of one entry) that says how it was held."""
    directory = struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    exif = b"Exif\0\0" + b"MM\0*" + struct.pack(">I", 8) + directory
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


# Arrays -----------------------------------------------------------------------------------------------------------


def test_arrays_are_taken_as_they_are_without_a_copy(colours: Picture) -> None:
    assert load_picture(colours) is colours
    assert load_picture(colours[:, :, 0]).base is colours
    for view in strided_views(colours).values():
        assert load_picture(view) is view


def test_one_channel_is_grey(colours: Picture) -> None:
    np.testing.assert_array_equal(load_picture(colours[:, :, :1]), colours[:, :, 0])


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (1, 1), (1, 500), (500, 1, 3)])
def test_arrays_may_be_small_or_empty(shape: tuple[int, ...]) -> None:
    assert load_picture(np.zeros(shape, np.uint8)).shape == shape


def grey_ramp() -> np.ndarray:
    """Grey values 0 to 255, in rows."""
    return np.tile(np.arange(256, dtype=np.uint8), (40, 1))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (grey_ramp() > 127, np.where(grey_ramp() > 127, 255, 0)),
        ((grey_ramp() > 127).astype(np.uint8), np.where(grey_ramp() > 127, 255, 0)),
        ((grey_ramp() > 127).astype(np.int64), np.where(grey_ramp() > 127, 255, 0)),
        ((grey_ramp() > 127).astype(float), np.where(grey_ramp() > 127, 255, 0)),
        *(
            (grey_ramp().astype(kind), grey_ramp())
            for kind in ("u2", ">u2", "i2", "i4", "u4", "i8", "u8", "f2", "f4", "f8")
        ),
        *((grey_ramp().astype(np.uint16) * (1 << more) + 1, grey_ramp()) for more in (2, 4, 6, 8)),
        (grey_ramp().astype(np.int32) * 257, grey_ramp()),
        *((grey_ramp().astype(kind) / 255, grey_ramp()) for kind in ("f4", "f8")),
        (grey_ramp() * np.float32(1.1 / 255) - np.float32(0.05), np.clip(grey_ramp() * 1.1 - 12.75, 0, 255)),
        (grey_ramp() * np.float32(1.1) - 12.75, np.clip(grey_ramp() * 1.1 - 12.75, 0, 255)),
        (np.asfortranarray(grey_ramp().astype(np.uint16)[::-1, ::-1]), grey_ramp()[::-1, ::-1]),
    ],
)
def test_numbers_of_any_type_are_grey_values(given: np.ndarray, expected: np.ndarray) -> None:
    before = given.copy()
    loaded = load_picture(given)
    assert loaded.dtype == np.uint8
    assert np.abs(loaded.astype(float) - expected).max() <= 0.51
    np.testing.assert_array_equal(given, before)


@pytest.mark.parametrize("value", [0, 1, 20])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_picture_of_one_value_stays_one(value: int, dtype: type) -> None:
    loaded = load_picture(np.full((30, 30), value, dtype))
    assert len(np.unique(loaded)) == 1
    assert loaded[0, 0] == (255 if value == 1 else value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.full((30, 30), -1, np.int8), r"got int8 of -1\.\.-1: pass cv2.normalize\(image"),
        (np.linspace(-2.1, 2.6, 900).reshape(30, 30), r"got float64 of -2\.1\.\.2\.6: pass cv2\.normalize\(image"),
        (np.linspace(-1, 1, 900, dtype=np.float32).reshape(30, 30), r"got float32 of -1\.\.1: pass cv2.normalize"),
        (np.full((30, 30), 70_000), r"got int64 of 70000\.\.70000: pass cv2.normalize"),
        (np.linspace(0, 2.6, 900).reshape(30, 30), r"got float64 of 0\.\.2\.6: pass cv2\.normalize\(image"),
        (np.full((30, 30), 300.0), r"got float64 of 300\.\.300"),
        (np.full((30, 30), np.nan), r"got float64 of nan\.\.nan: pass np.nan_to_num\(image\)"),
        (np.full((30, 30), np.inf), r"got float64 of inf\.\.inf"),
        (np.zeros((30, 30), complex), r"got dtype complex128: pass image\.astype\(np\.float32\)"),
        (np.zeros((30, 30), object), "got dtype object"),
        (np.zeros((30, 30), "S1"), r"got dtype \|S1"),
        (np.zeros((30, 30), "M8[s]"), "got dtype datetime64"),
    ],
)
def test_numbers_without_a_known_black_and_white_are_refused_with_the_way_out(given: np.ndarray, message: str) -> None:
    with pytest.raises(InvalidImageError, match=message) as caught:
        load_picture(given)
    assert str(caught.value).startswith("image must be bool, or hold numbers of 0..255, 0..65535 or 0..1")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (lambda p: p[None, :, :, 0], lambda p: p[:, :, 0]),
        (lambda p: np.moveaxis(p, 2, 0), lambda p: p),
        (lambda p: np.ascontiguousarray(np.moveaxis(p, 2, 0)), lambda p: p),
        (lambda p: np.moveaxis(p, 2, 0).astype(np.float32) / 255, lambda p: p),
        (lambda p: np.dstack([p, np.full((40, 60), 255, np.uint8)]), lambda p: p),
        (lambda p: np.moveaxis(np.dstack([p, np.full((40, 60), 255, np.uint8)]), 2, 0), lambda p: p),
        (lambda p: np.dstack([p, np.zeros((40, 60), np.uint8)]), lambda p: p),  # nobody has filled it in
        (lambda p: p[:3], lambda p: p[:3]),  # a strip of three rows is no picture of three channels
    ],
)
def test_channels_stand_last_or_first(colours: Picture, given: object, expected: object) -> None:
    np.testing.assert_array_equal(load_picture(given(colours)), expected(colours))  # type: ignore[operator]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float64])
def test_transparent_arrays_are_laid_over_white(colours: Picture, dtype: type) -> None:
    alpha = np.zeros((40, 60), np.uint8)
    alpha[:, 20:40] = 128
    alpha[:, 40:] = 255
    given = np.dstack([colours, alpha])
    white = {np.uint8: 1, np.uint16: 257, np.float64: 1 / 255}[dtype]
    loaded = load_picture((given.astype(float) * white).astype(dtype))
    np.testing.assert_allclose(loaded, load_picture(encoded(given)), atol=1)


@pytest.mark.parametrize(
    ("shape", "way_out"),
    [
        ((), "its rows first"),
        ((30,), "its rows first"),
        ((30, 30, 2), r"image\[:, :, 0\]"),
        ((30, 30, 0), "its rows first"),
        ((30, 30, 5), "its rows first"),
        ((1, 30, 30, 3), r"one picture of the batch, image\[0\], or all of them to decode_many"),
        ((2, 2, 2, 2, 2), "its rows first"),
    ],
)
def test_other_shapes_are_refused_with_the_way_out(shape: tuple[int, ...], way_out: str) -> None:
    with pytest.raises(InvalidImageError, match=rf"image must have shape .*: pass .*{way_out}") as caught:
        load_picture(np.zeros(shape, np.uint8))
    assert f"got {shape}" in str(caught.value)


@pytest.mark.parametrize("convert", ["bool", "uint16", "float", "channels first", "transparent", "int64 mask"])
def test_codes_in_arrays_of_every_kind_are_read(convert: str, scanner: fastqr.Scanner) -> None:
    code = code_picture(convert, scale=4)
    given = {
        "bool": code > 127,
        "uint16": code.astype(np.uint16) << 4,
        "float": code / 255,
        "channels first": np.stack([code] * 3),
        "transparent": np.dstack([np.zeros_like(code)] * 3 + [255 - code]),
        "int64 mask": (code > 127).astype(np.int64),
    }[convert]
    assert [symbol.text for symbol in scanner.decode(given)] == [convert]


ANY_NUMBERS = (
    hnp.boolean_dtypes() | hnp.integer_dtypes() | hnp.unsigned_integer_dtypes() | hnp.floating_dtypes()
    | hnp.complex_number_dtypes() | hnp.datetime64_dtypes() | hnp.unicode_string_dtypes() | st.just(np.dtype(object))
)  # fmt: skip


@settings(deadline=None, max_examples=80)
@given(st.data())
def test_any_array_is_a_picture_or_an_error_of_ours_in_one_line(data: st.DataObject) -> None:
    dtype = data.draw(ANY_NUMBERS)
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=5, max_side=4, min_side=0))
    array = np.zeros(shape, dtype) if dtype.kind == "O" else data.draw(hnp.arrays(dtype, shape))
    loaded, said = None, ""
    try:
        loaded = load_picture(array)
    except InvalidImageError as error:
        said = str(error)
    assert "\n" not in said
    if loaded is not None:
        assert loaded.dtype == np.uint8
        assert loaded.ndim == 2 or loaded.shape[2] == 3


# Arrays of other libraries ----------------------------------------------------------------------------------------


class Tensor:
    """What PyTorch, JAX and CuPy have in common: no NumPy array, but the array protocol."""

    def __init__(self, array: np.ndarray, error: Exception | None = None) -> None:
        self._array, self._error = array, error

    def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
        if self._error is not None:
            raise self._error
        return self._array


class Capsule:
    """An array that speaks DLPack alone."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    def __dlpack__(self, **options: object) -> object:
        return self._array.__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return self._array.__dlpack_device__()


def test_arrays_of_other_libraries_are_read(colours: Picture) -> None:
    np.testing.assert_array_equal(load_picture(Tensor(np.moveaxis(colours, 2, 0) / 255)), colours)
    np.testing.assert_array_equal(load_picture(Capsule(colours)), colours)
    np.testing.assert_array_equal(load_picture(np.ma.masked_array(colours)), colours)


@pytest.mark.parametrize(
    "error",
    [
        TypeError("can't convert cuda:0 device type tensor to numpy"),
        TypeError("Implicit conversion to a NumPy array is not allowed."),
        RuntimeError("Can't call numpy() on Tensor that requires grad."),
    ],
)
def test_arrays_that_are_not_on_the_host_are_named_with_the_way_out(colours: Picture, error: Exception) -> None:
    with pytest.raises(InvalidImageError, match=r"Tensor is no array in the host's memory: .*; pass image.detach\(\)"):
        load_picture(Tensor(colours, error))


def test_tensors_of_torch_are_read(colours: Picture) -> None:
    torch = pytest.importorskip("torch")
    for tensor in (torch.from_numpy(colours), torch.from_numpy(colours).permute(2, 0, 1) / 255):
        np.testing.assert_array_equal(load_picture(tensor), colours)
    with pytest.raises(InvalidImageError, match=r"detach\(\)"):
        load_picture((torch.from_numpy(colours) / 255).requires_grad_())


def test_arrays_of_jax_are_read(colours: Picture) -> None:
    jax = pytest.importorskip("jax")
    np.testing.assert_array_equal(load_picture(jax.numpy.asarray(colours)), colours)


# Files and bytes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".ppm", ".tiff", ".webp"])
def test_paths_and_bytes_hold_what_opencv_decodes(colours: Picture, suffix: str, tmp_path: Path) -> None:
    options = [cv2.IMWRITE_WEBP_QUALITY, 101] if suffix == ".webp" else []  # above 100: without loss
    path = tmp_path / f"picture{suffix}"
    assert cv2.imwrite(str(path), colours, options)
    data = path.read_bytes()
    for image in (path, str(path), data, bytearray(data), memoryview(data)):
        np.testing.assert_array_equal(load_picture(image), colours)


def test_a_path_may_be_of_any_letters_and_any_path_type(colours: Picture, tmp_path: Path) -> None:
    path = tmp_path / "Bücher 本 %20.png"
    path.write_bytes(encoded(colours))

    class Location:
        def __fspath__(self) -> str:
            return str(path)

    for image in (path, str(path), Location()):
        np.testing.assert_array_equal(load_picture(image), colours)


def test_grey_files_stay_grey(colours: Picture) -> None:
    grey = colours[:, :, 1]
    np.testing.assert_array_equal(load_picture(encoded(grey)), grey)


def test_jpeg_files_are_bgr(colours: Picture) -> None:
    loaded = load_picture(encoded(colours, ".jpg"))
    assert np.abs(loaded.astype(int) - colours).mean() < 3


def test_sixteen_bits_become_eight(colours: Picture) -> None:
    for picture in (colours, colours[:, :, 0]):
        deep = picture.astype(np.uint16) * 257  # 255 becomes 65535
        for suffix in (".png", ".tiff"):
            np.testing.assert_array_equal(load_picture(encoded(deep, suffix)), picture)


def test_floating_point_files_are_stretched_from_black_to_white(colours: Picture) -> None:
    heights = colours[:, :, 2].astype(np.float32) / 10 - 3
    loaded = load_picture(encoded(heights, ".tiff"))
    assert (loaded.min(), loaded.max()) == (0, 255)
    order = np.argsort(heights.ravel(), kind="stable")
    assert (np.diff(loaded.ravel()[order].astype(int)) >= 0).all()
    assert (load_picture(encoded(np.full((5, 5), 7, np.float32), ".tiff")) == 0).all()


def test_transparency_is_laid_over_white(colours: Picture) -> None:
    alpha = np.zeros((40, 60), np.uint8)
    alpha[:, 20:40] = 128
    alpha[:, 40:] = 255
    loaded = load_picture(encoded(np.dstack([colours, alpha])))
    assert (loaded[:, :20] == 255).all()
    half = (colours[:, 20:40].astype(float) * 128 + 255.0 * 127) / 255
    assert np.abs(loaded[:, 20:40] - half).max() <= 1
    np.testing.assert_array_equal(loaded[:, 40:], colours[:, 40:])


@pytest.mark.parametrize("ink", [255, 220])
def test_a_pale_code_on_a_transparent_ground_is_read(ink: int) -> None:
    """Made for dark pages: laid over white nothing is left of it."""
    opaque = 255 - code_picture("PALE")
    pixels = np.dstack([np.full((*opaque.shape, 3), ink), opaque]).astype(np.uint8)
    for image in (pixels, encoded(pixels), Image.fromarray(pixels)):
        assert [symbol.text for symbol in fastqr.decode(image)] == ["PALE"]


@pytest.mark.parametrize(
    ("orientation", "turned"),
    [
        (1, lambda p: p),
        (2, lambda p: p[:, ::-1]),
        (3, lambda p: p[::-1, ::-1]),
        (4, lambda p: p[::-1]),
        (5, lambda p: p.swapaxes(0, 1)),
        (6, lambda p: np.rot90(p, -1)),
        (7, lambda p: p[::-1, ::-1].swapaxes(0, 1)),
        (8, lambda p: np.rot90(p)),
    ],
)
def test_photographs_are_turned_as_the_camera_was_held(colours: Picture, orientation: int, turned: object) -> None:
    jpeg = encoded(colours, ".jpg")
    expected = turned(load_picture(jpeg))  # type: ignore[operator]
    np.testing.assert_array_equal(load_picture(with_orientation(jpeg, orientation)), expected)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_every_format_with_exif_is_turned(colours: Picture, kind: str) -> None:
    if kind == "WEBP" and tuple(map(int, cv2.__version__.split(".")[:2])) < (4, 14):
        pytest.skip("OpenCV turns WebP files from 4.14 on")
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(colours[:, :, ::-1]).save(file, kind, exif=exif, quality=100)
    expected = np.rot90(colours, -1).astype(int)
    loaded = load_picture(file.getvalue())
    assert loaded.shape == expected.shape
    assert np.abs(loaded - expected).mean() < 3


def test_open_files_and_streams_are_read_from_where_they_stand(colours: Picture, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(encoded(colours))
    stream = io.BytesIO(b"before" + encoded(colours))
    stream.seek(6)
    with path.open("rb") as buffered, path.open("rb", buffering=0) as raw:
        for image in (buffered, raw, stream):
            np.testing.assert_array_equal(load_picture(image), colours)
            with pytest.raises(InvalidImageError, match=r"is empty from where it stands: rewind it by image.seek\(0\)"):
                load_picture(image)


def test_open_files_that_give_no_bytes_are_named(colours: Picture, tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(encoded(colours))
    with (
        path.open(encoding="latin-1") as text,
        pytest.raises(InvalidImageError, match=r"picture\.png' must give bytes, got str: open it with mode 'rb'"),
    ):
        load_picture(text)  # type: ignore[arg-type]
    closed = io.BytesIO(encoded(colours))
    closed.close()
    with pytest.raises(InvalidImageError, match="image stream cannot be read: I/O operation on closed file"):
        load_picture(closed)
    with (tmp_path / "new").open("wb") as writing, pytest.raises(InvalidImageError, match="cannot be read: "):
        load_picture(writing)


def test_a_stream_that_never_ends_is_not_read_to_its_end() -> None:
    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            return encoded(np.zeros((20, 20), np.uint8)) + bytes(size)

    with pytest.raises(InvalidImageError, match="image stream must take at most 10000000 bytes"):
        load_picture(Endless(), max_bytes=10_000_000)


@pytest.mark.parametrize("form", ["data:image/png;base64,{}", "DATA:;BASE64,{}", "data:image/png;name=a.png;base64,{}"])
def test_data_urls_hold_pictures(colours: Picture, form: str) -> None:
    code = base64.b64encode(encoded(colours)).decode()
    for written in (code, code.replace("=", "%3D").replace("+", "%2B"), f"{code[:40]}\n {code[40:]}"):
        np.testing.assert_array_equal(load_picture(form.format(written)), colours)
    quoted = urllib.parse.quote_from_bytes(encoded(colours))
    np.testing.assert_array_equal(load_picture(f"data:image/png,{quoted}"), colours)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("data:image/png;base64", "must have a comma before its data"),
        ("data:image/png;base64,####", "holds no valid base64"),
        ("data:image/png;base64,", "image data URL is empty"),
        ("data:image/svg+xml,<svg/>", "image data URL is not a picture that OpenCV can decode"),
    ],
)
def test_data_urls_without_a_picture_are_named(url: str, message: str) -> None:
    with pytest.raises(InvalidImageError, match=message):
        load_picture(url)


@pytest.mark.parametrize("url", ["https://example.org/a.png", "HTTP://x/", "file:///tmp/a.png"])
def test_addresses_are_not_fetched(url: str) -> None:
    with pytest.raises(InvalidImageError, match=r"is an address, and nothing is fetched: pass a path, or the bytes"):
        load_picture(url)


def test_long_paths_are_named_in_short() -> None:
    with pytest.raises(InvalidImageError, match=r"image file .*… cannot be read") as caught:
        load_picture("iVBORw0KGgo" * 10_000)
    assert len(str(caught.value)) < 500


def test_memory_of_two_dimensions_is_an_array(colours: Picture) -> None:
    np.testing.assert_array_equal(load_picture(memoryview(colours)), colours)


def test_missing_files_are_named(tmp_path: Path) -> None:
    for image in (tmp_path / "absent.png", str(tmp_path / "absent.png")):
        with pytest.raises(InvalidImageError, match=r"image file '.*absent\.png' cannot be read: No such file"):
            load_picture(image)


def test_folders_are_no_pictures(tmp_path: Path) -> None:
    with pytest.raises(InvalidImageError, match="cannot be read"):
        load_picture(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_pipes_are_named_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "b.png"
    os.mkfifo(path)
    (error,) = within(5, lambda: load_picture(path))
    assert isinstance(error, InvalidImageError)
    assert str(error) == (
        f"image file {str(path)!r} cannot be read: it is a named pipe and no file; pass its bytes instead of its path"
    )


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no sockets among files here")
def test_sockets_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("s.png")
        with pytest.raises(InvalidImageError, match=r"s\.png' cannot be read: it is a socket and no file"):
            load_picture("s.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_that_takes_a_files_place_at_the_last_moment_is_not_waited_for(
    colours: Picture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "b.png"
    path.write_bytes(encoded(colours))
    whole = os.stat(path)
    path.unlink()
    os.mkfifo(path)
    monkeypatch.setattr(os, "stat", lambda *_, **__: whole)
    (error,) = within(5, lambda: load_picture(path))
    assert "it is a named pipe" in str(error)


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes are a matter of the file system")
def test_names_of_any_bytes_are_read(colours: Picture, tmp_path: Path) -> None:
    path = tmp_path / "caf\udce9\n.png"
    path.write_bytes(encoded(colours))
    np.testing.assert_array_equal(load_picture(path), colours)
    with pytest.raises(InvalidImageError, match=r"absent\\udce9\.png' cannot be read: No such file"):
        load_picture(tmp_path / "absent\udce9.png")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may read every file")
def test_files_without_permission_are_named(tmp_path: Path) -> None:
    path = tmp_path / "secret.png"
    path.write_bytes(b"x")
    path.chmod(0)
    with pytest.raises(InvalidImageError, match=r"secret\.png' cannot be read: Permission denied"):
        load_picture(path)


def test_a_path_with_a_null_byte_is_not_valid() -> None:
    with pytest.raises(InvalidImageError, match="image path"):
        load_picture("a\0b.png")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"this is text and no picture at all", "is not a picture that OpenCV can decode"),
        (b"\x89PNG\r\n\x1a\n", "OpenCV can decode|cannot be decoded"),
        (b"\xff\xd8\xff\xe0", "OpenCV can decode|cannot be decoded"),
    ],
)
def test_damaged_files_are_named(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "damaged.png"
    path.write_bytes(content)
    with pytest.raises(InvalidImageError, match=message) as caught:
        load_picture(path)
    assert "damaged.png" in str(caught.value)
    with pytest.raises(InvalidImageError, match=f"image bytes.*({message})"):
        load_picture(content)


# PIL images -------------------------------------------------------------------------------------------------------


DEEP = ["I;16", "I;16B", "I;16L", "I;16N", "I", "F"]
MODES = ["1", "L", "P", "PA", "LA", "La", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "HSV", "LAB", *DEEP]


def in_mode(image: Image.Image, mode: str) -> Image.Image:
    """An RGB picture in a mode of PIL, spread over the range of its numbers."""
    grey = np.asarray(image.convert("L"))
    if mode.startswith("I;16"):
        order = {"I;16B": ">u2", "I;16N": "=u2"}.get(mode, "<u2")
        return Image.frombytes(mode, image.size, (grey.astype(np.uint16) * 257).astype(order).tobytes())
    if mode == "I":
        return Image.fromarray(grey.astype(np.int32) * 70_000 - 9_000_000)
    if mode == "F":
        return Image.fromarray(grey.astype(np.float32) / 7 - 3)
    if mode == "LAB":
        lab = cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2LAB)
        lab[:, :, 1:] ^= 128  # signed in PIL
        return Image.frombytes("LAB", image.size, lab.tobytes())
    if mode in ("LA", "La", "PA", "RGBa"):
        return (
            in_mode(image, "RGBA").convert("LA").convert(mode) if mode == "La" else image.convert("RGBA").convert(mode)
        )
    return image.convert(mode)


def grey_of(picture: Picture) -> np.ndarray:
    grey = picture if picture.ndim == 2 else cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_BGR2GRAY)
    return grey.astype(int)


@pytest.mark.parametrize("mode", MODES)
def test_pil_images_of_every_mode_are_read(mode: str, scanner: fastqr.Scanner) -> None:
    code = code_picture("in every mode", scale=4)
    image = in_mode(Image.fromarray(np.dstack([code // 2 + 60] * 3)), mode)
    assert image.mode == mode
    loaded = load_picture(image)
    assert loaded.dtype == np.uint8
    assert loaded.shape[:2] == code.shape
    assert [symbol.text for symbol in scanner.decode(image)] == ["in every mode"]


FILES = [
    *((mode, "PNG") for mode in ("1", "L", "P", "LA", "RGB", "RGBA", "I;16", "I;16B")),
    *(
        (mode, "TIFF")
        for mode in ("1", "L", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", *DEEP)
        if mode != "I;16N"
    ),
    *((mode, "JPEG") for mode in ("L", "RGB", "CMYK", "YCbCr")),
    *((mode, "GIF") for mode in ("1", "L", "P", "RGBA")),
    *((mode, "WEBP") for mode in ("L", "RGB", "RGBA")),
    *((mode, "PPM") for mode in ("1", "L", "RGB", "I;16", "F")),
    *((mode, "BMP") for mode in ("1", "L", "P", "RGB")),
]


@pytest.mark.parametrize(("mode", "kind"), FILES)
def test_pil_images_are_read_as_their_files_are(colours: Picture, mode: str, kind: str, tmp_path: Path) -> None:
    image = Image.fromarray(colours[:, :, ::-1])
    if mode.endswith("A") and mode != "PA":
        image.putalpha(Image.fromarray(colours[:, :, 1]))
    path = tmp_path / f"picture.{kind.lower()}"
    try:
        (image if image.mode == mode else in_mode(image.convert("RGB"), mode)).save(path, kind, lossless=True)
    except OSError as error:
        pytest.skip(f"this PIL writes no such file: {error}")
    try:
        with Image.open(path) as written:
            written.load()
    except OSError as error:
        pytest.skip(f"this PIL does not read what it writes: {error}")
    if not cv2.haveImageReader(str(path)):
        pytest.skip(f"this OpenCV reads no .{kind.lower()}")
    by_path = load_picture(path)
    with Image.open(path) as opened:
        by_image = load_picture(opened)
    assert np.abs(grey_of(by_image) - grey_of(by_path)).max() <= 1
    if by_image.ndim == 3:
        assert by_path.ndim == 3
        assert np.abs(by_image.astype(int) - by_path).max() <= 1


def test_grey_values_of_16_bits_that_pil_holds_in_32_are_not_stretched(tmp_path: Path) -> None:
    path = tmp_path / "dim.pgm"
    values = np.linspace(20_000, 30_000, 600).astype(np.uint16).reshape(20, 30)
    path.write_bytes(encoded(values, ".pgm"))
    with Image.open(path) as image:
        assert image.mode == "I"
        np.testing.assert_array_equal(load_picture(image), values >> 8)


def test_lightness_is_read_of_lab(tmp_path: Path) -> None:
    ramp = np.dstack([np.tile(np.arange(0, 256, 5, dtype=np.uint8), (20, 1))] * 3)
    path = tmp_path / "lab.tiff"
    in_mode(Image.fromarray(ramp), "LAB").save(path)
    with Image.open(path) as image:
        assert image.mode == "LAB"
        # libtiff's colours of LAB crush the blacks, so its grey values are farther off than these are.
        assert np.abs(grey_of(load_picture(image)) - grey_of(load_picture(path))).max() <= 20
        assert np.abs(grey_of(load_picture(image)) - ramp[:, :, 0]).max() <= 10


def test_half_transparent_tiff_files_are_laid_over_white_once(tmp_path: Path) -> None:
    image = Image.new("RGBA", (8, 8), (40, 90, 200, 128))
    path = tmp_path / "half.tiff"
    image.save(path)
    np.testing.assert_allclose(load_picture(path)[0, 0], [227, 172, 147], atol=1)


def test_a_pil_mode_that_cannot_be_converted_is_named_with_the_way_out() -> None:
    class Odd:
        mode, size, width, height, format, info = "odd", (20, 10), 20, 10, None, {}

        def getbands(self) -> tuple[str, ...]:
            return ("O",)

        def convert(self, mode: str) -> Image.Image:
            raise ValueError(f"conversion to {mode} not supported")

    with pytest.raises(InvalidImageError, match=r"image in PIL mode 'odd' cannot be read: .* convert it to mode 'L'"):
        load_picture(Odd())  # type: ignore[arg-type]


def test_pil_colours_are_bgr(colours: Picture) -> None:
    np.testing.assert_array_equal(load_picture(Image.fromarray(colours[:, :, ::-1])), colours)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "RGBa", "La"])
def test_pil_transparency_is_laid_over_white(mode: str) -> None:
    image = Image.new("RGBA", (30, 20), (0, 0, 0, 255))
    image.paste((0, 0, 0, 0), (10, 0, 20, 20))
    loaded = load_picture(image.convert("LA").convert("La") if mode == "La" else image.convert(mode))
    assert (loaded[:, 10:20] == 255).all()
    assert (loaded[:, :10] == 0).all()


@pytest.mark.parametrize("mode", ["RGBA", "RGBa", "P"])
def test_transparent_pil_pictures_keep_their_colours_in_order(mode: str) -> None:
    image = Image.new("RGBA", (30, 20), (200, 90, 40, 255)).convert(mode)
    if mode == "P":
        image.info["transparency"] = 200
    np.testing.assert_allclose(load_picture(image)[0, 0], [40, 90, 200], atol=25 if mode == "P" else 1)


def test_pil_palettes_may_have_a_transparent_colour(colours: Picture) -> None:
    image = Image.new("P", (20, 10), 0)
    image.putpalette([0, 0, 0, 10, 10, 10])
    image.paste(1, (10, 0, 20, 10))
    image.info["transparency"] = 1
    loaded = load_picture(image)
    assert (loaded[:, 10:] == 255).all()
    assert (loaded[:, :10] == 0).all()


def test_pil_images_may_be_files_not_read_yet(colours: Picture, tmp_path: Path) -> None:
    path = tmp_path / "lazy.png"
    path.write_bytes(encoded(colours[:, :, 0]))
    with Image.open(path) as image:
        np.testing.assert_array_equal(load_picture(image), colours[:, :, 0])


def test_pil_images_of_damaged_files_are_an_error_of_ours(colours: Picture) -> None:
    cut = encoded(colours)[:200]
    with Image.open(io.BytesIO(cut)) as image, pytest.raises(InvalidImageError, match="image"):
        load_picture(image)


# Anything else ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("image", "way_out"),
    [
        (None, "cv2.imread gives None for a file that it cannot read"),
        (5, ""),
        (1.5, ""),
        ([[0, 255], [255, 0]], r"np.array\(image, np.uint8\)"),
        ((1, 2), r"np.array\(image, np.uint8\)"),
        ({"a": 1}, ""),
        (object(), ""),
    ],
)
def test_anything_else_is_a_type_error_that_says_what_is_accepted(image: object, way_out: str) -> None:
    with pytest.raises(ArgumentTypeError, match=f"image must be an array, a PIL image, .*{way_out}") as caught:
        load_picture(image)  # type: ignore[arg-type]
    assert f"got {type(image).__name__}" in str(caught.value)
    assert isinstance(caught.value, TypeError)
    assert isinstance(caught.value, FastQRError)
