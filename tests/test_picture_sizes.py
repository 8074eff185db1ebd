"""Too large a picture is refused by its header, before memory is taken for it."""

from __future__ import annotations

import io
import os
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from benchmarks.picture_memory import gif_without_pixels, jpeg_2000_of_many_tiles, webp_of_many_codes
from PIL import Image

import fastqr
from fastqr.cli import main
from fastqr.headers import read_header
from fastqr.pictures import MAX_BYTES, MAX_PIXELS, MAX_SIDE, load_picture, read_stream

WIDTH, HEIGHT = 60, 40


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, pixels: bytes = b"") -> bytes:
    """One bit a pixel, so that a picture of black is small even before it is compressed."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(pixels, 9)) + chunk(b"IEND", b"")


def tiff(width: int, height: int, *, tile: int = 0, more: tuple[tuple[int, int], ...] = ()) -> bytes:
    sizes = [(256, width), (257, height), *([(322, tile), (323, tile)] if tile else []), *more]
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sizes)
    return b"II*\0" + struct.pack("<IH", 8, len(sizes)) + entries + struct.pack("<I", 0)


def big_tiff(width: int, height: int) -> bytes:
    entries = b"".join(struct.pack(">HHQQ", tag, 16, 1, value) for tag, value in ((256, width), (257, height)))
    return b"MM\0+" + struct.pack(">HHQQ", 8, 0, 16, 2) + entries + struct.pack(">Q", 0)


def jpeg(*frames: tuple[int, int]) -> bytes:
    """Frame headers after a comment that only looks like one."""
    comment = b"\xff\xfe" + struct.pack(">H", 12) + b"\xff\xc0\0\x11\x08\0\1\0\1\3"
    sizes = [b"\xff\xff\xc0" + struct.pack(">HBHHB", 8, 8, height, width, 0) for width, height in frames]
    return b"\xff\xd8" + comment + b"".join(sizes) + b"\xff\xda\0\2"


def avif(extents: tuple[int, int], coded: tuple[int, int]) -> bytes:
    """A container that says one size around a sequence header of AV1 that may say another, and no pixels."""
    bits = f"0001100000{15:04b}{15:04b}{coded[0] - 1:016b}{coded[1] - 1:016b}0000000"
    sequence = int(bits.ljust(64, "0"), 2).to_bytes(8, "big")
    start = b"\0\0\0\x14ftypavif\0\0\0\0avif\0\0\0\x14ispe" + struct.pack(">III", 0, *extents)
    items = b"\0\0\0\x1eiloc" + struct.pack(">IHHHHHII", 0, 0x4400, 1, 1, 0, 1, len(start) + 30, 12)
    return start + items + b"\x12\0\x0a\x08" + sequence


def sequence_parameters(width: int, height: int) -> bytes:
    """A sequence parameter set of HEVC, as a NAL unit."""

    def golomb(*numbers: int) -> str:
        return "".join(f"{number + 1:b}".zfill(2 * (number + 1).bit_length() - 1) for number in numbers)

    bits = f"{0x4201:016b}00000001{'1' * 96}{golomb(0, 1, width, height)}0{golomb(0, 0)}1"
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")


def heic(
    extents: tuple[int, int], configured: tuple[int, int] = (16, 16), item: bytes = b"hvc1", content: bytes = b""
) -> bytes:
    """A container that says one size, of HEVC that may say another and an item that may say a third, without pixels."""
    unit = sequence_parameters(*configured)
    start = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic\0\0\0\x14ispe" + struct.pack(">III", 0, *extents)
    start += b"hvcC\1" + bytes(20) + b"\3\1\x21\0\1" + struct.pack(">H", len(unit)) + unit
    start += b"infe\2\0\0\0" + struct.pack(">HH", 1, 0) + item + b"\0"
    items = b"iloc" + struct.pack(">IHHHHHII", 0, 0x4400, 1, 1, 0, 1, len(start) + 26, len(content))
    return start + items + content


def within(width: int, height: int) -> bytes:
    unit = sequence_parameters(width, height)
    return struct.pack(">I", len(unit)) + unit


def sides(content: bytes) -> tuple[int, int] | None:
    header = read_header(content)
    return None if header is None else (header.width, header.height)


BOMBS = {
    "PNG": png(100_000, 100_000),
    "PNG of one row": png(1 << 21, 1),
    "PNG that is all there, 50 KB": png(20_000, 20_000, bytes(20_000 * 2501)),
    "JPEG": jpeg((65_500, 65_500)),
    "JPEG of two frames": jpeg((8, 8), (65_500, 65_500), (8, 8)),
    "BMP": b"BM" + bytes(12) + struct.pack("<IiiHH", 40, 100_000, -100_000, 1, 24) + bytes(24),
    "BMP of OS/2": b"BM" + bytes(12) + struct.pack("<IHHHH", 12, 65_535, 65_535, 1, 24),
    "GIF": b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + bytes(3),
    "WebP": b"RIFF\0\1\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + (99_999 << 24 | 99_999).to_bytes(6, "little"),
    "TIFF": tiff(100_000, 100_000),
    "TIFF of one tile": tiff(10, 10, tile=100_000),
    "BigTIFF": big_tiff(100_000, 100_000),
    "PGM": b"P5\n# comment 1\n100000 # another\n100000\n255\n",
    "PAM": b"P7\nWIDTH 100000\nHEIGHT 100000\nDEPTH 1\nMAXVAL 255\nENDHDR\n",
    "PFM": b"Pf\n100000 100000\n-1\n",
    "Radiance": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 100000 +X 100000\n",
    "Sun raster": b"\x59\xa6\x6a\x95" + struct.pack(">IIIIIII", 100_000, 100_000, 8, 0, 1, 0, 0),
    "JPEG 2000": jpeg_2000_of_many_tiles(100_000),
    "AVIF": avif((100_000, 100_000), (16, 16)),
    "HEIC": heic((100_000, 100_000)),
    "HEIC whose HEVC is larger": heic((16, 16), (65_536, 65_536)),
    "HEIC whose picture says more": heic((16, 16), content=within(65_536, 65_536)),
    "HEIC of tiles": heic((16, 16), item=b"grid", content=struct.pack(">BBBBII", 0, 1, 0, 0, 100_000, 100_000)),
    "HEIC of a small overlay": heic((16, 16), item=b"iovl", content=bytes(10) + struct.pack(">HH", 65_535, 65_535)),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_a_header_that_promises_too_much_is_an_error_that_says_so(kind: str) -> None:
    with pytest.raises(fastqr.InvalidImageError, match=rf"image bytes must have at most {MAX_PIXELS} pixels .* got \d"):
        load_picture(BOMBS[kind])


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited and measured as Linux does it")
def test_what_promises_too_much_takes_no_memory(tmp_path: Path) -> None:
    for kind, content in BOMBS.items():
        (tmp_path / kind.replace("/", " ")).write_bytes(content)
    program = """
import pathlib, resource, sys
import numpy as np
import fastqr

scanner = fastqr.Scanner()
quad = [[0, 0], [9, 0], [9, 9], [0, 9]]
scanner.decode(np.zeros((100, 100), np.uint8))
pages = int(pathlib.Path("/proc/self/statm").read_text().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (64 << 20),) * 2)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
views = [np.broadcast_to(np.uint8(7), shape) for shape in ((100_000, 100_000), (100_000, 100_000, 3), (1 << 21, 30))]
for image in [*sorted(pathlib.Path(sys.argv[1]).iterdir()), *views]:
    for entrance in (scanner.decode, scanner.detect, lambda image: scanner.decode_quad(image, quad)):
        try:
            entrance(image)
        except fastqr.InvalidImageError as error:
            assert "must have at most" in str(error), error
        else:
            raise AssertionError(image)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout) < 16 << 10  # KiB


@pytest.mark.parametrize("shape", [(1, MAX_SIDE), (MAX_SIDE, 1), (1 << 14, 1 << 14)])
def test_the_largest_pictures_are_taken(shape: tuple[int, int]) -> None:
    picture = np.broadcast_to(np.uint8(9), shape)
    assert load_picture(picture) is picture


@pytest.mark.parametrize("shape", [(1, MAX_SIDE + 1), (MAX_SIDE + 1, 1, 3), ((1 << 14) + 1, 1 << 14)])
def test_larger_arrays_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(fastqr.InvalidImageError, match=rf"image must .* got {shape[1]} x {shape[0]}"):
        load_picture(np.broadcast_to(np.uint8(9), shape))


def test_larger_pil_images_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "strip.png"
    path.write_bytes(png(MAX_SIDE + 1, 1))
    with Image.open(path) as image, pytest.raises(fastqr.InvalidImageError, match=f"image must .* {MAX_SIDE + 1} x 1"):
        load_picture(image)


# What decoding takes ----------------------------------------------------------------------------------------------


def written(picture: np.ndarray, suffix: str) -> bytes:
    done, content = cv2.imencode(suffix, picture)
    assert done
    return bytes(content)


SMALL_FILES_THAT_TAKE_MUCH = {
    "GIF of 32 bytes": gif_without_pixels(16_384),
    "PNG of 16 bits": png(16_384, 16_384).replace(b"\x01\0\0\0\0", b"\x10\x06\0\0\0", 1),
    "PNG, animated": png(16_384, 16_384).replace(b"IDAT", b"acTL", 1),
    "JPEG, progressive, 4:4:4": jpeg((12_000, 12_000)).replace(b"\0\xff\xda", b"\3\1\x11\0\2\x11\0\3\x11\0\xff\xda"),
    "JPEG 2000 of 1,000 x 1,000 tiles": jpeg_2000_of_many_tiles(1_000),
    "AVIF that says 16 x 16": avif((16, 16), (16_384, 16_384)),
    "HEIC that says 16 x 16": heic((16, 16), (10_000, 10_000)),
    "HEIC with alpha": heic((8_000, 8_000)) + b"auxC\0\0\0\0urn:mpeg:hevc:2015:auxid:1\0",
    "Radiance": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 8192 +X 8192\n",
    "PFM": b"PF\n8192 8192\n-1\n",
    "PPM of 16 bits": b"P6\n16000 16000\n65535\n",
    "WebP animation": b"RIFF\0\1\0\0WEBPVP8X\x0a\0\0\0\2\0\0\0" + (9_999 << 24 | 9_999).to_bytes(6, "little"),
    "TIFF of doubles": tiff(4_096, 4_096, more=((258, 64), (277, 4), (262, 2))),
    "TIFF of one tile": tiff(16, 16, tile=16_384, more=((258, 8), (277, 4), (262, 2))),
}


@pytest.mark.parametrize("kind", SMALL_FILES_THAT_TAKE_MUCH)
def test_what_decoding_takes_is_known_from_the_header(kind: str) -> None:
    message = rf"image bytes must take at most {MAX_BYTES} bytes of memory, and decoding .* may take \d+: give a larger"
    with pytest.raises(fastqr.InvalidImageError, match=message) as caught:
        load_picture(SMALL_FILES_THAT_TAKE_MUCH[kind])
    assert kind.split()[0].strip(",") in str(caught.value) or kind.split()[0] in ("PFM", "PPM")


def test_prefix_codes_of_webp_are_counted() -> None:
    content = webp_of_many_codes()
    header = read_header(content)
    assert header is not None
    assert 381e6 < header.memory < 420e6  # 381 MB measured
    with pytest.raises(fastqr.InvalidImageError, match="decoding 1024 x 1024 of WebP may take"):
        load_picture(content, max_bytes=400 << 20)


@pytest.mark.parametrize(
    ("suffix", "dtype", "channels", "bytes_a_pixel"),
    [
        (".png", np.uint8, 1, 2),
        (".png", np.uint8, 3, 6),
        (".png", np.uint16, 4, 16),
        (".tiff", np.uint8, 1, 2),
        (".tiff", np.uint16, 3, 12),
        (".tiff", np.float32, 1, 8),
        (".tiff", np.float64, 4, 64),
        (".bmp", np.uint8, 3, 6),
        (".ppm", np.uint16, 3, 12),
        (".pgm", np.uint8, 1, 2),
        (".pfm", np.float32, 3, 24),
    ],
)
def test_bytes_a_pixel_depend_on_format_and_depth(suffix: str, dtype: type, channels: int, bytes_a_pixel: int) -> None:
    shape = (1_000, 1_000) if channels == 1 else (1_000, 1_000, channels)
    header = read_header(written(np.zeros(shape, dtype), suffix))
    assert header is not None
    assert header.memory == pytest.approx(bytes_a_pixel * 1e6, rel=0.05)


def test_the_limit_is_an_option_of_every_entrance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "blank.png"
    path.write_bytes(written(np.full((1_000, 1_000, 3), 255, np.uint8), ".png"))
    least, most = 30 << 20, 60 << 20
    scanner = fastqr.Scanner(max_bytes=least)
    quad = [[0, 0], [9, 0], [9, 9], [0, 9]]
    for entrance in (
        scanner.decode,
        scanner.detect,
        lambda image: scanner.decode_quad(image, quad),
        lambda image: list(scanner.decode_many([image])),
        lambda image: fastqr.decode(image, max_bytes=least),
        lambda image: fastqr.detect(image, max_bytes=least),
        lambda image: load_picture(image, max_bytes=least),
    ):
        for image in (path, path.read_bytes(), bytearray(path.read_bytes()), memoryview(path.read_bytes())):
            with pytest.raises(fastqr.InvalidImageError, match=f"must take at most {least} bytes of memory"):
                entrance(image)
    assert fastqr.decode(path, max_bytes=most) == []
    assert main(["scan", str(path), "--max-bytes", str(least)]) == 2
    assert f"must take at most {least} bytes of memory" in capsys.readouterr().err
    assert main(["scan", str(path), "--max-bytes", str(most)]) == 1


@pytest.mark.parametrize("mode", ["L", "I;16", "F", "RGB", "RGBA"])
def test_converting_a_pil_image_counts_too(mode: str) -> None:
    image = Image.new(mode, (1_000, 1_000))
    with pytest.raises(fastqr.InvalidImageError, match=f"image must take .* converting 1000 x 1000 of PIL's '{mode}'"):
        load_picture(image, max_bytes=3_000_000)
    assert load_picture(image, max_bytes=30_000_000).shape[:2] == (1_000, 1_000)


def test_a_stream_is_read_up_to_the_limit() -> None:
    stream = io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(5 << 20))
    with pytest.raises(fastqr.InvalidImageError, match="pipe must take at most 3000000 bytes of memory"):
        read_stream(stream, "pipe", max_bytes=3_000_000)
    assert stream.tell() < 5 << 20


def test_heic_of_another_codec_or_without_any_says_nothing() -> None:
    assert sides(heic((64, 48), (64, 48))) == (64, 48)
    assert sides(heic((64, 48), item=b"unci")) is None
    assert sides(heic((64, 48)).replace(b"hvcC", b"free")) is None
    assert sides(heic((64, 48)).replace(b"\3\1\x21", b"\1\1\x21")) is None  # lengths of two bytes


def test_a_tag_that_stands_twice_says_nothing() -> None:
    assert read_header(tiff(100, 100)) is not None
    assert read_header(tiff(100, 100, more=((256, 5),))) is None


SUFFIXES = [".png", ".jpg", ".bmp", ".gif", ".webp", ".tiff", ".ppm", ".pam", ".pfm", ".hdr", ".ras", ".jp2", ".avif"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_headers_say_what_opencv_decodes(suffix: str) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    try:
        done, content = cv2.imencode(suffix, picture / np.float32(255) if suffix in (".pfm", ".hdr") else picture)
    except cv2.error:
        done = False
    if not done:
        pytest.skip(f"this OpenCV writes no {suffix}")
    assert sides(content.tobytes()) == (WIDTH, HEIGHT)
    assert load_picture(content.tobytes()).shape[:2] == (HEIGHT, WIDTH)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"progressive": True}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("WEBP", {"exif": b"Exif\0\0"}),
        ("TIFF", {"compression": "tiff_lzw"}),
    ],
)
def test_headers_of_every_variant_are_read(kind: str, options: dict[str, object]) -> None:
    file = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT)).save(file, kind, **options)
    assert sides(file.getvalue()) == (WIDTH, HEIGHT)


@pytest.mark.parametrize("kind", BOMBS)
def test_a_header_that_is_cut_off_says_nothing(kind: str) -> None:
    whole = sides(BOMBS[kind])
    assert whole is not None
    # A number may lose its last digits, and of two frames the second.
    assert all(
        some is None or (some[0] <= whole[0] and some[1] <= whole[1])
        for some in (sides(BOMBS[kind][:length]) for length in range(60))
    )
    assert sides(BOMBS[kind][:6]) is None


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no file here never ends")
def test_a_device_is_no_file() -> None:
    with pytest.raises(fastqr.InvalidImageError, match="image file '/dev/zero' cannot be read: it is a device"):
        load_picture("/dev/zero")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no file here never ends")
def test_a_stream_without_end_is_no_picture() -> None:
    with open("/dev/zero", "rb") as stream, pytest.raises(fastqr.InvalidImageError, match="zeros is not a picture"):
        read_stream(stream, "zeros")


def test_a_file_of_more_bytes_than_any_picture_has_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sparse.png"
    with path.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(fastqr.InvalidImageError, match=rf"sparse\.png' must take at most {MAX_BYTES} bytes of memory"):
        load_picture(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_picture_may_come_through_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    content = png(WIDTH, HEIGHT, bytes(HEIGHT * 9))
    writer = threading.Thread(target=path.write_bytes, args=(content,))
    writer.start()
    with path.open("rb") as stream:
        assert load_picture(read_stream(stream, "pipe")).shape == (HEIGHT, WIDTH)
    writer.join()


# Conversions that take little memory ------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_black(value: float) -> None:
    heights = np.tile(np.linspace(1, 2, 20, dtype=np.float32), (10, 1))
    heights[3, 4] = value
    done, content = cv2.imencode(".tiff", heights)
    assert done
    loaded = load_picture(content.tobytes())
    assert loaded[3, 4] == 0
    assert (loaded[0, 0], loaded[0, -1]) == (0, 255)
    done, content = cv2.imencode(".tiff", np.full((5, 5), value, np.float32))
    assert done
    assert (load_picture(content.tobytes()) == 0).all()


def test_a_tall_transparent_picture_is_laid_over_white_band_by_band() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (200, 30, 4), np.uint8)
    done, content = cv2.imencode(".png", pixels)
    assert done
    alpha = pixels[:, :, 3:] / 255
    expected = pixels[:, :, :3] * alpha + 255 * (1 - alpha)
    assert np.abs(load_picture(content.tobytes()) - expected).max() <= 0.5 + 1e-9
