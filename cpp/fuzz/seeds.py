"""Makes the first inputs of the fuzz targets: real symbols, real streams and real pictures, in each target's format.

    python cpp/fuzz/seeds.py DIR

writes DIR/<target>/<name>. What a target takes from its bytes, and in which order, stands in its source; the functions
below have the names and the order of `Input` and `Picture`.
"""

from __future__ import annotations

import argparse
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import segno

Picture = npt.NDArray[np.uint8]
Modules = npt.NDArray[np.uint8]

# Every mode, every error correction level, versions with and without alignment patterns and version information.
SYMBOLS: dict[str, dict[str, object]] = {
    "numeric": {"content": "0123456789" * 2, "version": 1, "error": "l"},
    "alphanumeric": {"content": "FUZZ-ME $1.50", "version": 1, "error": "q"},
    "bytes": {"content": "just bytes", "version": 2, "error": "m", "mode": "byte"},
    "kanji": {"content": "点茗", "version": 1, "error": "m", "mode": "kanji", "encoding": "shift-jis"},
    "hanzi": {"content": "书读百遍", "version": 3, "error": "l", "mode": "hanzi"},
    "eci": {"content": "größer als", "version": 3, "error": "h", "encoding": "utf-8", "eci": True},
    "several-blocks": {"content": "several blocks of it", "version": 5, "error": "h"},
    "version-7": {"content": "version information", "version": 7, "error": "q"},
    "version-14": {"content": "alignment patterns " * 8, "version": 14, "error": "m"},
    "version-40": {"content": "the largest", "version": 40, "error": "l"},
}

# Symbols of Model 1, which segno does not draw: their modules in hexadecimal digits, row by row.
MODEL_1 = {
    "model-1": (
        "fe40bfc17cd06e982bb750a5dba0baec14f907faaafe00ac000ae0d574a851628a7b8c3c9137e89118645c44ec7e8a82183d"
        "c35178805eef7f9c84304ab74bae7a65d2a766e8a5e904c060fe0fd080"
    ),
    "model-1-blocks": (
        "fe847abbfc146d85106e875f50bb757e5025dbadae6f2ec15147a507faaaaaafe00806ff00e30a9461d8a0830f5a9cd802fd"
        "51b1a6e324aa36e55c3afef5249139390690636a360f86d2a7bd820a886959567e5ac6260f1ab32447ff533ab36672be18e2"
        "75a41e4f4bd4a599aec2c05e6f6c47a8ce80cd1477d65ae70262c43b6c137f5960d88065d9e70ffb594ef7f041ce2f17ba3f"
        "bd602dd144b7696eba527d7305d4040c0fe877c7de80"
    ),
}


def number(value: int, length: int = 2) -> bytes:
    """Give what `Input::between` takes: the distance from the lower limit."""
    return value.to_bytes(length, "little")


def homography(matrix: npt.NDArray[np.float64]) -> bytes:
    """Give what `homography_of` takes, as floats."""
    return b"\0" + struct.pack("<9f", *matrix.ravel())


def picture(pixels: Picture, *, layout: int = 0, gaps: int = 0) -> bytes:
    """Give what `Picture` takes, at a zoom of 1."""
    colour = layout | 1 if pixels.ndim == 3 else layout
    return number(pixels.shape[0], 4) + number(pixels.shape[1], 4) + bytes([colour, gaps, 0]) + pixels.tobytes()


def box(x1: int, y1: int, x2: int, y2: int, *, factor: int = 1) -> bytes:
    """Give what `place_in` takes: a small factor, a near region."""
    return b"\1" + number(factor - 1) + b"\1" + b"".join(number(v + 300) for v in (x1, y1, x2, y2))


def modules_of(name: str) -> Modules:
    """Modules of one of the symbols, 1 dark."""
    if name in MODEL_1:
        bits = np.unpackbits(np.frombuffer(bytes.fromhex(MODEL_1[name]), np.uint8))
        size = int(len(bits) ** 0.5)
        return bits[: size * size].reshape(size, size).copy()
    return np.array([list(row) for row in segno.make(**SYMBOLS[name], micro=False).matrix], np.uint8)


def scene(modules: Modules, pitch: float, degrees: float, tilt: float) -> tuple[Picture, npt.NDArray[np.float64]]:
    """Draw a symbol in a picture of its own; give the picture and the homography that put it there."""
    size = len(modules)
    side = int(size * pitch * 1.45)
    cosine, sine = pitch * np.cos(np.radians(degrees)), pitch * np.sin(np.radians(degrees))
    placed = np.array([[cosine, -sine, side / 2], [sine, cosine, side / 2], [tilt / size, 0, 1]])
    matrix = placed @ np.array([[1, 0, -size / 2], [0, 1, -size / 2], [0, 0, 1]])
    matrix /= matrix[2, 2]
    looks = 8  # pixels a module of what is warped, border of four modules
    border = 4
    print_out = np.kron(
        np.pad(np.where(modules, 40, 215).astype(np.uint8), border, constant_values=215), np.ones((8, 8))
    )
    to_symbol = np.array([[1 / looks, 0, -border + 0.5 / looks], [0, 1 / looks, -border + 0.5 / looks], [0, 0, 1]])
    to_pixels = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])
    warped = cv2.warpPerspective(
        print_out.astype(np.uint8), to_pixels @ matrix @ to_symbol, (side, side), borderValue=215, flags=cv2.INTER_AREA
    )
    return cv2.GaussianBlur(warped, (0, 0), 0.4), matrix


def scenes() -> Iterator[tuple[str, Picture, npt.NDArray[np.float64], int]]:
    """Small pictures of some symbols: name, picture, homography, modules a side."""
    for name, pitch, degrees, tilt in (
        ("numeric", 3.0, 0, 0.0),
        ("bytes", 2.5, 30, 0.1),
        ("several-blocks", 2.2, 90, 0.0),
        ("version-7", 2.5, 200, 0.1),
        ("version-14", 2.0, 3, 0.0),
        ("model-1", 3.0, 10, 0.0),
    ):
        modules = modules_of(name)
        yield name, *scene(modules, pitch, degrees, tilt), len(modules)


def version_byte(size: int) -> int:
    """Give what `symbol_size_of` takes."""
    return (size - 17) // 4 - 1


def symbol_modules() -> Iterator[tuple[str, bytes]]:
    """Clean symbols, mirrored ones, and some with a row of wrong modules."""
    for name in (*SYMBOLS, *MODEL_1):
        modules = modules_of(name)
        head = bytes([version_byte(len(modules)), 3])
        yield name, head + np.packbits(modules).tobytes()
        yield f"{name}-mirrored", head + np.packbits(modules.T).tobytes()
        modules[len(modules) // 2, 9:] ^= 1
        yield f"{name}-damaged", head + np.packbits(modules).tobytes()


def symbol_probabilities() -> Iterator[tuple[str, bytes]]:
    """Noisy symbols, and symbols of which a corner is unknown."""
    rng = np.random.default_rng(1)
    for name in (*SYMBOLS, *MODEL_1):
        modules = modules_of(name)
        head = bytes([3, version_byte(len(modules))])
        for noise in (0.1, 0.35):
            doubtful = np.clip(modules + rng.normal(0, noise, modules.shape), 0, 1)
            yield f"{name}-noise-{noise}", head + (doubtful * 249).astype(np.uint8).tobytes()
        covered = modules * np.uint8(249)
        covered[-len(modules) // 4 :, -len(modules) // 4 :] = 250  # exactly a half
        yield f"{name}-covered", head + covered.tobytes()


def stream(*parts: tuple[int, int]) -> bytes:
    """Codewords of numbers of so many bits, a terminator and padding."""
    bits = "".join(format(value, f"0{length}b") for value, length in parts) + "0000"
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big") + bytes([236, 17, 236])


def bit_stream() -> Iterator[tuple[str, bytes]]:
    """One segment of each kind, and what may stand before segments."""
    letters = [(4, 4), (3, 8), *((c, 8) for c in b"abc")]
    parts: dict[str, list[tuple[int, int]]] = {
        "numeric": [(1, 4), (5, 10), (123, 10), (45, 7)],
        "alphanumeric": [(2, 4), (3, 9), (45 * 10 + 11, 11), (38, 6)],
        "byte": letters,
        "kanji": [(8, 4), (2, 8), (0xD9F, 13), (0x1AAA, 13)],
        "hanzi": [(13, 4), (1, 4), (1, 8), (0x0C1, 13)],
        "eci-1": [(7, 4), (26, 8), *letters],
        "eci-2": [(7, 4), (0x8000 | 899, 16), *letters],
        "eci-3": [(7, 4), (0xC00000 | 123456, 24), *letters],
        "structured-append": [(3, 4), (0x12, 8), (0x5A, 8), *letters],
        "fnc1-first": [(5, 4), (2, 4), (2, 9), (45 * 38 + 38, 11)],
        "fnc1-second": [(9, 4), (ord("A") + 100, 8), *letters],
        "mixed": [*letters, (1, 4), (1, 10), (7, 4), *letters],
    }
    for name, segments in parts.items():
        yield name, b"\0" + stream(*segments)
        yield f"{name}-model-1", bytes([128]) + stream((0, 4), *segments)
    yield "long-counts", bytes([39]) + stream((4, 4), (3, 16), *((c, 8) for c in b"abc"))
    yield "no-terminator", b"\0" + stream(*letters)[:5]


def reed_solomon() -> Iterator[tuple[str, bytes]]:
    """Blocks of several sizes with errors and erasures."""
    for ec, count, wrong in ((7, 19, 3), (10, 16, 5), (30, 118, 20), (68, 187, 40)):
        damage = b"".join(bytes([7 * i % 256, i % 2, 3 * i + 1]) for i in range(wrong))
        yield f"{ec}-{count}", bytes([ec - 1, count - 1, *range(count), wrong]) + damage


def image() -> Iterator[tuple[str, bytes]]:
    """Every operation on grey and colour in several layouts."""
    rng = np.random.default_rng(2)
    grey, colour = rng.integers(0, 256, (37, 51), np.uint8), rng.integers(0, 256, (20, 33, 3), np.uint8)
    for what in range(4):
        head = bytes([what]) + number(12) + number(17) + b"\1" + number(2) + number(9000) + struct.pack("<2f", 7.3, 9.1)
        for layout, gaps in ((0, 0), (2, 5), (12, 8), (16, 3), (32, 64), (36, 128)):
            yield f"{what}-grey-{layout}-{gaps}", head + picture(grey, layout=layout, gaps=gaps)
            yield f"{what}-colour-{layout}-{gaps}", head + picture(colour, layout=layout, gaps=gaps)


def mip_map() -> Iterator[tuple[str, bytes]]:
    """Whole pictures and parts of them."""
    looks = struct.pack("<f", 3.0) + b"".join(struct.pack("<Bff", i, 5.0 * i, 40.0) for i in range(4))
    for name, pixels, _, _ in scenes():
        height, width = pixels.shape
        for part, region in (("whole", (0, 0, width, height)), ("part", (9, -20, width // 2, height + 30))):
            yield (
                f"{name}-{part}",
                box(*region, factor=2 if part == "part" else 1)
                + number(6000)
                + looks.ljust(84, b"\1")
                + picture(pixels),
            )


def cascade() -> Iterator[tuple[str, bytes]]:
    """Of whole pictures and of parts, with a patch of the symbol, between networks that are sure or not."""
    for name, pixels, _, _ in scenes():
        height, width = pixels.shape
        for whole in (0, 1):
            part = bytes([0]) + (b"" if whole else box(5, 5, width - 9, height - 20))
            corners = b"".join(number(64 * v + 32768) for v in (5, 5, width - 20, height - 9))
            head = (bytes([1]) if whole else part) + bytes([1]) + number(15) + bytes([1, 23, 1]) + corners
            numbers = bytes([0, 200 * whole, 1, 0, 200, 1, *(i * 41 % 256 for i in range(23))])
            yield f"{name}-{whole}", head + numbers + picture(pixels)


def boxes() -> Iterator[tuple[str, bytes]]:
    """One map with a few peaks, and boxes that overlap."""
    rng = np.random.default_rng(3)
    cells = rng.integers(0, 9, 5 * 8 * 6, np.uint8).tobytes()
    yield "proposals", bytes([1, 1, 8, 6]) + struct.pack("<d", 2.0) + bytes([4, 7, 1, 9, 1, 40, 0]) + cells
    for overlap in (0, 1):
        rows = b"".join(
            bytes([x, y, x + 80, y + 70, 1, 0, 2, 1, 1, score]) for x, y, score in rng.integers(0, 90, (30, 3)).tolist()
        )
        yield f"suppression-{overlap}", bytes([0, 1, overlap, 0, 128, 30]) + rows


def heatmaps() -> Iterator[tuple[str, bytes]]:
    """Three finders, the top left one, the fourth point; and noise."""
    side = 12
    maps = np.zeros((3, side, side), np.uint8)
    maps[0, [3, 3, 9], [3, 9, 3]] = 240
    maps[1, 3, 3] = maps[2, 9, 9] = 220
    blurred = np.stack([cv2.GaussianBlur(m, (0, 0), 0.8) * 3 for m in maps])
    yield "symbol", bytes([1, side - 1]) + blurred.tobytes()
    yield "noise", bytes([1, side - 1]) + np.random.default_rng(4).integers(0, 256, maps.shape, np.uint8).tobytes()
    yield "any", bytes([0, side - 1]) + struct.pack("<4f", 1, 2, 60, 70) + maps.astype(np.float32).tobytes()


def finder_patterns() -> Iterator[tuple[str, bytes]]:
    """Pictures of symbols, and corners alone."""
    for name, pixels, matrix, size in scenes():
        yield name, bytes([0, 1, 5]) + picture(pixels)
        places = [
            (x + dx, y + dy)
            for x, y in ((0, 0), (size - 7, 0), (0, size - 7))
            for dx, dy in ((0, 0), (7, 0), (7, 7), (0, 7))
        ]
        corners = cv2.perspectiveTransform(np.array([places], np.float64), matrix)[0]
        head = bytes([1, 1, 5, 0])
        yield f"{name}-corners", head + b"".join(number(int(32 * v) + 32768) for v in corners.ravel())


def registration() -> Iterator[tuple[str, bytes]]:
    """Every operation where the symbol is, or a little aside."""
    for name, pixels, matrix, size in scenes():
        for what in range(4):
            at = matrix @ np.array([[1, 0, 0.4], [0, 1, -0.3], [0, 0, 1]])
            if what == 3:
                square = np.array([[[0, 0], [size, 0], [size, size], [0, size]]], np.float64)
                at = np.append(cv2.perspectiveTransform(square, matrix).ravel(), 1).reshape(3, 3)
            head = bytes([what, 1, version_byte(size)]) + homography(at) + number(0) + bytes([1, 5])
            yield f"{name}-{what}", head + picture(pixels)


def lattice() -> Iterator[tuple[str, bytes]]:
    """Every operation on the symbol's own homography."""
    for name, pixels, matrix, size in scenes():
        for what in range(6):
            head = bytes([what, 1, version_byte(size), size - 1, 2]) + homography(matrix) + bytes([2, 1, 5, 0])
            moves = bytes(i * 37 % 256 for i in range(3 * size * size)) if what == 0 else picture(pixels)
            yield f"{name}-{what}", head + moves


def fitting() -> Iterator[tuple[str, bytes]]:
    """Points of a homography, a spline's places, and levels of a symbol."""
    rng = np.random.default_rng(5)
    for what in (0, 1):
        for count in (4, 12):
            points = rng.integers(0, 65536, 4 * count).tolist()
            yield f"{what}-{count}", bytes([what, 0, count]) + b"".join(number(v) for v in points) + number(1000) * 3
    modules = modules_of("numeric")
    yield "levels", bytes([2, 0, version_byte(len(modules))]) + np.where(modules, 40, 215).astype(np.uint8).tobytes()


def reading() -> Iterator[tuple[str, bytes]]:
    """Pictures to look at, upright, in colour, negative; and lattices to read."""
    for name, pixels, matrix, size in scenes():
        for direct in (0, 1):
            for kind, shown in (
                ("grey", pixels),
                ("colour", cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)),
                ("negative", 255 - pixels),
            ):
                head = bytes([direct, 1]) + number(799) + bytes([1, 9, kind == "negative", version_byte(size), 2])
                yield f"{name}-{direct}-{kind}", head + homography(matrix) + picture(shown)


def grid_reading() -> Iterator[tuple[str, bytes]]:
    """Places a little aside and squares of finder patterns, with networks that are sure, unsure and broken."""
    for name, pixels, matrix, size in scenes():
        aside = matrix @ np.array([[1, 0, 0.8], [0, 1, -0.7], [0, 0, 1]])
        near, far = 3.5, size - 3.5
        centres = np.array([[[near, near], [far, near], [far, far], [near, far]]], np.float64)
        square = np.append(cv2.perspectiveTransform(centres, matrix).ravel(), 1).reshape(3, 3)
        for corners, at in ((0, aside), (1, square)):
            for kind, scale, odd in (("sure", 20.0, 0), ("unsure", 0.7, 0), ("broken", 8.0, 1)):
                head = bytes([corners, 1, version_byte(size), 1, 0]) + homography(at)
                network = number(len(name), 4) + struct.pack("<f", scale) + bytes([odd, 40])
                yield f"{name}-{corners}-{kind}", head + network + picture(pixels)


TARGETS: dict[str, Callable[[], Iterator[tuple[str, bytes]]]] = {
    function.__name__: function
    for function in (
        symbol_modules,
        symbol_probabilities,
        bit_stream,
        reed_solomon,
        image,
        mip_map,
        cascade,
        boxes,
        heatmaps,
        finder_patterns,
        registration,
        lattice,
        fitting,
        reading,
        grid_reading,
    )
}


def write(folder: Path) -> int:
    """Write the seeds of every target below a folder; return how many there are."""
    count = 0
    for target, seeds in TARGETS.items():
        (folder / target).mkdir(parents=True, exist_ok=True)
        for name, data in seeds():
            (folder / target / name).write_bytes(data)
            count += 1
    return count


def main() -> None:
    """Write the seeds to the folder that is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where DIR/<target>/<name> go")
    print(f"{write(parser.parse_args().folder)} seeds")


if __name__ == "__main__":
    main()
