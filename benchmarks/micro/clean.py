"""Clean codes, as screens and labels show them: what the shortest way from pixels to a message is measured on."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import segno

__all__ = ["clean_code", "clean_pictures"]

QUIET_ZONE = 4  # modules
LABELS = 100


def clean_code(text: str, version: int, module: int) -> npt.NDArray[np.uint8]:
    """Draw a symbol of level M, black on white, with its quiet zone; `module` pixels a module."""
    symbol = segno.make_qr(text, version=version, error="M", boost_error=False)
    light = np.array([[not dark for dark in row] for row in symbol.matrix], np.uint8)
    return np.kron(np.pad(255 * light, QUIET_ZONE, constant_values=255), np.ones((module, module), np.uint8))


def clean_pictures() -> dict[str, npt.NDArray[np.uint8]]:
    """Draw one picture of each kind that the clean path has to be fast on, by name."""
    small = clean_code("https://example.org/abcdef", 2, 8)
    return {
        "version 2, 8 px a module": small,
        "version 2, 8 px a module, BGR": np.repeat(small[:, :, None], 3, axis=2),
        "version 10, 3 px a module": clean_code("https://example.org/" + "abcdefgh" * 24, 10, 3),
        "version 40, 3 px a module": clean_code("https://example.org/" + "abcdefgh" * 285, 40, 3),
        f"{LABELS} labels": _sheet(clean_code(f"label {i:05d}", 1, 3) for i in range(LABELS)),
    }


def _sheet(codes: Iterable[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
    tiles = list(codes)
    across = round(len(tiles) ** 0.5)
    rows = [np.concatenate(tiles[i : i + across], axis=1) for i in range(0, len(tiles), across)]
    return np.concatenate(rows)
