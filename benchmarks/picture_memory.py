"""What decoding a picture takes, format by format: ``python -m benchmarks.picture_memory --side 3072``.

Every file is read in a process of its own, and the most memory that this process ever held is set beside what
`fastqr.headers` says of the file. Files are ordinary ones of every depth, and some that are forged to take more than
they show. Linux only, for that is where a process can forget its peak.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from fastqr.headers import read_header
from fastqr.pictures import load_picture

__all__ = ["FORGED", "KINDS", "Measured", "Source", "measured"]

Pixels = npt.NDArray[np.uint8]


class Source:
    """A picture of a side, in the forms that encoders want."""

    def __init__(self, side: int) -> None:
        y, x = np.mgrid[:side, :side]
        colours = np.stack([x * 255 // side, y * 255 // side, (x + y) * 127 // side], -1).astype(np.uint8)
        self.colours: Pixels = colours ^ np.random.default_rng(0).integers(0, 8, colours.shape, np.uint8)
        self.grey: Pixels = self.colours[:, :, 0].copy()
        self.alpha: Pixels = np.dstack([self.colours, self.grey])

    @cached_property
    def image(self) -> Image.Image:
        return Image.fromarray(self.colours)

    @cached_property
    def transparent(self) -> Image.Image:
        return Image.fromarray(self.alpha)

    @cached_property
    def palette(self) -> Image.Image:
        return self.image.quantize(16)


def _pil(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def _animated(image: Image.Image, kind: str, **options: object) -> bytes:
    return _pil(image, kind, save_all=True, append_images=[image.transpose(Image.Transpose.ROTATE_90)], **options)


def _cv(pixels: npt.NDArray[np.generic], suffix: str, *options: int) -> bytes:
    done, encoded = cv2.imencode(suffix, pixels, list(options))
    if not done:
        raise OSError(f"this OpenCV writes no {suffix}")
    return bytes(encoded)


def _heic(image: Image.Image, **options: object) -> bytes:
    import pillow_heif

    file = io.BytesIO()
    pillow_heif.from_pillow(image).save(file, quality=90, enc_params={"preset": "ultrafast"}, **options)
    return file.getvalue()


def _heic_12(pixels: Pixels, mode: str, chroma: int) -> bytes:
    import pillow_heif

    file = io.BytesIO()
    deep = pixels.astype(np.uint16) * 257
    pillow_heif.encode(mode, deep.shape[1::-1], deep.tobytes(), file, quality=90, chroma=chroma, save_to_12bit=True)
    return file.getvalue()


def _deep(pixels: Pixels) -> npt.NDArray[np.uint16]:
    return pixels.astype(np.uint16) * 257


def _turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


_AVIF_12 = (cv2.IMWRITE_AVIF_DEPTH, 12, cv2.IMWRITE_AVIF_SPEED, 9) if hasattr(cv2, "IMWRITE_AVIF_DEPTH") else ()

KINDS: dict[str, Callable[[Source], bytes]] = {
    "PNG, 1 bit": lambda s: _pil(s.image.convert("1"), "PNG"),
    "PNG, grey": lambda s: _cv(s.grey, ".png"),
    "PNG, palette": lambda s: _pil(s.palette, "PNG"),
    "PNG, colours": lambda s: _cv(s.colours, ".png"),
    "PNG, alpha": lambda s: _cv(s.alpha, ".png"),
    "PNG, grey, 16 bits": lambda s: _cv(_deep(s.grey), ".png"),
    "PNG, colours, 16 bits": lambda s: _cv(_deep(s.colours), ".png"),
    "PNG, alpha, 16 bits": lambda s: _cv(_deep(s.alpha), ".png"),
    "PNG, animated, alpha": lambda s: _animated(s.transparent, "PNG"),
    "JPEG, grey": lambda s: _pil(s.image.convert("L"), "JPEG"),
    "JPEG": lambda s: _pil(s.image, "JPEG", exif=_turned()),
    "JPEG, progressive": lambda s: _pil(s.image, "JPEG", progressive=True),
    "JPEG, progressive, 4:4:4": lambda s: _pil(s.image, "JPEG", progressive=True, subsampling=0),
    "JPEG, progressive, CMYK": lambda s: _pil(s.image.convert("CMYK"), "JPEG", progressive=True, subsampling=0),
    "GIF": lambda s: _pil(s.palette, "GIF"),
    "GIF, animated": lambda s: _animated(s.palette, "GIF", disposal=3),
    "WebP": lambda s: _pil(s.image, "WEBP", method=0),
    "WebP, alpha": lambda s: _pil(s.transparent, "WEBP", method=0),
    "WebP, lossless": lambda s: _pil(s.image, "WEBP", lossless=True, method=0, quality=0),
    "WebP, lossless, alpha": lambda s: _pil(s.transparent, "WEBP", lossless=True, method=0, quality=0),
    "WebP, animated": lambda s: _animated(s.image, "WEBP", method=0),
    "WebP, animated, lossless": lambda s: _animated(s.transparent, "WEBP", lossless=True, method=0, quality=0),
    "AVIF": lambda s: _pil(s.image, "AVIF", speed=10),
    "AVIF, 4:4:4": lambda s: _pil(s.image, "AVIF", speed=10, subsampling="4:4:4"),
    "AVIF, 4:4:4, alpha": lambda s: _pil(s.transparent, "AVIF", speed=10, subsampling="4:4:4"),
    "AVIF, animated": lambda s: _animated(s.image, "AVIF", speed=10),
    "AVIF, 12 bits, lossless": lambda s: _cv(
        s.colours.astype(np.uint16) << 4, ".avif", *_AVIF_12, cv2.IMWRITE_AVIF_QUALITY, 100
    ),
    "AVIF, 12 bits, alpha": lambda s: _cv(s.alpha.astype(np.uint16) << 4, ".avif", *_AVIF_12),
    "HEIC, grey": lambda s: _heic(s.image.convert("L")),
    "HEIC": lambda s: _heic(s.image),
    "HEIC, tiles": lambda s: _heic(s.image, tile_size=512),
    "HEIC, 4:4:4, alpha": lambda s: _heic(s.transparent, chroma=444),
    "HEIC, 12 bits": lambda s: _heic_12(s.colours, "RGB;16", 420),
    "HEIC, 12 bits, 4:4:4, alpha": lambda s: _heic_12(s.alpha, "RGBA;16", 444),
    "JPEG 2000, grey": lambda s: _pil(s.image.convert("L"), "JPEG2000"),
    "JPEG 2000": lambda s: _pil(s.image, "JPEG2000"),
    "JPEG 2000, alpha": lambda s: _pil(s.transparent, "JPEG2000"),
    "JPEG 2000, 16 bits": lambda s: _cv(_deep(s.colours), ".jp2"),
    "JPEG 2000, tiled": lambda s: _pil(s.image, "JPEG2000", tile_size=(512, 512)),
    "JPEG 2000, blocks of 4 x 4": lambda s: _pil(s.image, "JPEG2000", codeblock_size=(4, 4)),
    "JPEG 2000, tiles of 16 x 16": lambda s: _pil(s.image, "JPEG2000", tile_size=(16, 16)),
    "JPEG 2000, two tiles": lambda s: _pil(s.image, "JPEG2000", tile_size=(s.image.width - 1, s.image.height)),
    "TIFF, 1 bit": lambda s: _pil(s.image.convert("1"), "TIFF", compression="group4"),
    "TIFF, grey": lambda s: _cv(s.grey, ".tiff"),
    "TIFF, colours": lambda s: _cv(s.colours, ".tiff"),
    "TIFF, colours, one strip": lambda s: _pil(s.image, "TIFF"),
    "TIFF, colours, JPEG": lambda s: _pil(s.image, "TIFF", compression="jpeg"),
    "TIFF, alpha, one strip": lambda s: _pil(s.transparent, "TIFF"),
    "TIFF, CMYK, one strip": lambda s: _pil(s.image.convert("CMYK"), "TIFF"),
    "TIFF, grey, 16 bits": lambda s: _cv(_deep(s.grey), ".tiff"),
    "TIFF, colours, 16 bits": lambda s: _cv(_deep(s.colours), ".tiff"),
    "TIFF, alpha, 16 bits": lambda s: _cv(_deep(s.alpha), ".tiff"),
    "TIFF, grey, 32 bits, one strip": lambda s: _pil(Image.fromarray(s.grey.astype(np.int32)), "TIFF"),
    "TIFF, grey, float": lambda s: _cv(s.grey.astype(np.float32), ".tiff"),
    "TIFF, colours, float": lambda s: _cv(s.colours.astype(np.float32), ".tiff"),
    "TIFF, alpha, double": lambda s: _cv(s.alpha.astype(np.float64), ".tiff"),
    "BMP, grey": lambda s: _cv(s.grey, ".bmp"),
    "BMP, colours": lambda s: _cv(s.colours, ".bmp"),
    "BMP, alpha": lambda s: _cv(s.alpha, ".bmp"),
    "PBM": lambda s: _pil(s.image.convert("1"), "PPM"),
    "PGM": lambda s: _cv(s.grey, ".pgm"),
    "PPM": lambda s: _cv(s.colours, ".ppm"),
    "PPM, 16 bits": lambda s: _cv(_deep(s.colours), ".ppm"),
    "PAM": lambda s: _cv(s.colours, ".pam"),
    "PFM": lambda s: _cv(s.colours.astype(np.float32), ".pfm"),
    "Radiance": lambda s: _cv(s.colours.astype(np.float32), ".hdr"),
    "Sun raster": lambda s: _cv(s.colours, ".ras"),
}


# Files that take more than they show ------------------------------------------------------------------------------


def gif_without_pixels(side: int = 11_000) -> bytes:
    """A logical screen with a frame as large, and no pixels."""
    screen = struct.pack("<HHBBB", side, side, 0x80, 0, 0) + bytes(6)
    frame = b"," + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\2\0"
    return b"GIF89a" + screen + frame + b";"


def webp_of_many_codes() -> bytes:
    """A lossless WebP of 1,024 x 1,024 pixels with a group of prefix codes of its own for each 4 x 4 of them."""
    bits: list[int] = []

    def put(value: int, count: int) -> None:
        bits.extend(value >> i & 1 for i in range(count))

    def codes_of_8_bits(alphabet: int) -> None:
        put(0, 1)
        put(8, 4)
        for length in (0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1):  # of the lengths 0 and 8
            put(length, 3)
        put(0, 1)
        for symbol in range(alphabet):
            put(symbol < 256, 1)

    def code_of_one_symbol() -> None:
        put(1, 4)

    put(0x2F, 8)
    put(1023, 14)
    put(1023, 14)
    put(0, 4)
    put(0, 2)  # no transform, no cache
    put(1, 1)  # several groups
    put(0, 3)  # of 4 x 4 pixels
    put(0, 1)
    codes_of_8_bits(280)
    codes_of_8_bits(256)
    for _ in range(3):
        code_of_one_symbol()
    for group in range(1 << 16):
        put(int(f"{group & 255:08b}"[::-1], 2), 8)
        put(int(f"{group >> 8:08b}"[::-1], 2), 8)
    for _ in range(5 << 16):
        code_of_one_symbol()
    put(0, 64)
    content = np.packbits(np.array(bits, np.uint8), bitorder="little").tobytes()
    content += bytes(len(content) % 2)
    return b"RIFF" + struct.pack("<I", len(content) + 12) + b"WEBPVP8L" + struct.pack("<I", len(content)) + content


def jpeg_2000_of_many_tiles(side: int = 255, components: int = 3) -> bytes:
    """A header of one tile a pixel, and nothing after it."""
    siz = struct.pack(">8IH", side, side, 0, 0, 1, 1, 0, 0, components) + b"\7\1\1" * components
    cod = struct.pack(">BBHBBBBBB", 0, 0, 1, 0, 5, 4, 4, 0, 1)
    segments = ((0xFF51, b"\0\0" + siz), (0xFF52, cod), (0xFF5C, b"\x40" * 17))
    header = b"".join(struct.pack(">HH", marker, len(body) + 2) + body for marker, body in segments)
    return b"\xff\x4f" + header + struct.pack(">HHHIBBH", 0xFF90, 10, 0, 14, 0, 1, 0xFF93)


def avif_that_says_less(side: int = 8192) -> bytes:
    """A large AVIF whose container says that it has 16 x 16 pixels; the decoder decodes it and scales it down."""
    whole = _pil(Image.new("RGB", (side, side), (90, 200, 10)), "AVIF", speed=10)
    return whole.replace(b"ispe" + struct.pack(">III", 0, side, side), b"ispe" + struct.pack(">III", 0, 16, 16))


FORGED: dict[str, Callable[[], bytes]] = {
    "GIF of 32 bytes": gif_without_pixels,
    "WebP of 65,536 groups of codes": webp_of_many_codes,
    "JPEG 2000 of 65,025 tiles": jpeg_2000_of_many_tiles,
    "AVIF that says 16 x 16": avif_that_says_less,
}


# Measurement ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measured:
    """Bytes of a file, the most that reading it took, what its header says, and whether it was decoded."""

    file: int
    peak: int
    promised: int
    decoded: bool


def measured(contents: Iterable[bytes]) -> list[Measured]:
    """Measure each of some files in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        paths, promised = [], []
        for number, content in enumerate(contents):
            path = Path(folder, str(number))
            path.write_bytes(content)
            header = read_header(content)
            if header is None:
                raise ValueError("a file without a header")
            paths.append(path)
            promised.append(header.memory + len(content))
        command = [sys.executable, "-m", "benchmarks.picture_memory", "--peaks", *map(str, paths)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        peaks = [json.loads(line) for line in done.stdout.splitlines()]
        return [
            Measured(path.stat().st_size, peak, promise, decoded)
            for path, promise, (peak, decoded) in zip(paths, promised, peaks, strict=True)
        ]


def _print_peaks(paths: list[str]) -> None:
    for path in paths:
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            print(json.dumps(_peak(path)), flush=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            raise ChildProcessError(f"reading {path} ended with {status}")


def _peak(path: str) -> tuple[int, bool]:
    load_picture(_cv(np.zeros((9, 9), np.uint8), ".png"))  # code that every format shares is in memory then
    before = _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    try:
        load_picture(path, max_bytes=1 << 40)
    except ValueError:
        return _memory("VmHWM") - before, False
    return _memory("VmHWM") - before, True


def _memory(name: str) -> int:
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) << 10


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the memory that decoding takes.")
    parser.add_argument("--side", type=int, default=3072, help="of the pictures, in pixels (default %(default)s)")
    parser.add_argument("--only", default="", help="kinds whose name holds this")
    parser.add_argument("--peaks", nargs="+", metavar="PATH", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peaks:
        _print_peaks(options.peaks)
        return
    source = Source(options.side)
    pixels = options.side**2
    print("| kind | file | measured | header |\n|---|---|---|---|")
    for name, make in KINDS.items():
        if options.only in name:
            try:
                content = make(source)
            except (ImportError, OSError, KeyError, cv2.error) as error:
                print(f"| {name} | not written here: {error} |")
                continue
            (result,) = measured([content])
            shares = (result.file / pixels, result.peak / pixels, result.promised / pixels)
            print(f"| {name} | {' | '.join(f'{share:.1f}' for share in shares)} |")
    print("\n| forged | file, bytes | measured, MB | header, MB |\n|---|---|---|---|")
    for name, forge in FORGED.items():
        if options.only in name:
            (result,) = measured([forge()])
            print(f"| {name} | {result.file} | {result.peak / 1e6:.0f} | {result.promised / 1e6:.0f} |")


if __name__ == "__main__":
    main()
