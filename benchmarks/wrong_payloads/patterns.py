"""Noise of any spectrum, and symbols of other kinds than QR codes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt
import zxingcpp

# Alphabets that each symbology takes, with the lengths that are tried.
SYMBOLOGIES: dict[str, tuple[str, tuple[int, int]]] = {
    "Aztec": ("text", (4, 120)),
    "AztecRune": ("digits", (1, 2)),
    "DataMatrix": ("text", (4, 120)),
    "MaxiCode": ("text", (4, 60)),
    "MicroQRCode": ("digits", (3, 20)),
    "RMQRCode": ("text", (4, 60)),
    "PDF417": ("text", (4, 120)),
    "CompactPDF417": ("text", (4, 60)),
    "MicroPDF417": ("text", (4, 40)),
    "Code128": ("text", (4, 16)),
    "Code39": ("digits", (4, 10)),
    "Code93": ("digits", (4, 12)),
    "ITF": ("digits", (6, 16)),
    "EAN13": ("digits", (12, 12)),
    "EAN8": ("digits", (7, 7)),
    "UPCA": ("digits", (11, 11)),
    "DataBarOmni": ("digits", (13, 13)),
    "Telepen": ("text", (4, 10)),
}
ALPHABETS = {"digits": "0123456789", "text": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .:/"}
DRAWINGS = 64  # of each symbology


def power_noise(rng: np.random.Generator, shape: tuple[int, int], exponent: float) -> npt.NDArray[np.float64]:
    """Noise whose amplitudes fall as frequency to the minus `exponent`; mean 0, deviation 1."""
    height, width = shape
    white = rng.standard_normal(shape)
    if exponent == 0:
        return white
    frequency = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    frequency[0, 0] = np.inf
    coloured = np.fft.irfft2(np.fft.rfft2(white) * frequency**-exponent, shape)
    result: npt.NDArray[np.float64] = coloured / coloured.std()
    return result


def other_symbology(rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """A symbol of another kind with its quiet zone, one pixel a module where it has modules, 0 dark."""
    names = list(SYMBOLOGIES)
    return drawn(names[rng.integers(len(names))], int(rng.integers(DRAWINGS)))


@lru_cache(maxsize=4096)
def drawn(name: str, number: int) -> npt.NDArray[np.uint8]:
    """One drawing of a symbology, the same for the same number."""
    letters, (shortest, longest) = SYMBOLOGIES[name]
    rng = np.random.default_rng([number, *name.encode()])
    text = "".join(rng.choice(list(ALPHABETS[letters]), int(rng.integers(shortest, longest + 1))))
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, name))
    return np.array(zxingcpp.write_barcode_to_image(made, scale=1), np.uint8)
