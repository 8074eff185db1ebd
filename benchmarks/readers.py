"""The readers that are compared, each behind one function: picture in, texts and quads out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Reading:
    text: str
    quad: npt.NDArray[np.float32]


Reader = Callable[[Picture], list[Reading]]


def fastqr_reader(models: str | None = None) -> Reader:
    import fastqr

    scanner = fastqr.Scanner(models=models)
    return lambda picture: [
        Reading(symbol.text, np.asarray(symbol.quad)) for symbol in scanner.decode(picture) if symbol.quad is not None
    ]


def zxingcpp_reader() -> Reader:
    import zxingcpp

    def read(picture: Picture) -> list[Reading]:
        readings = []
        for code in zxingcpp.read_barcodes(
            picture, formats=zxingcpp.BarcodeFormat.QRCode, text_mode=zxingcpp.TextMode.Plain
        ):
            p = code.position
            corners = [p.top_left, p.top_right, p.bottom_right, p.bottom_left]
            readings.append(Reading(code.text, np.array([[c.x, c.y] for c in corners], np.float32)))
        return readings

    return read


READERS: dict[str, Callable[[], Reader]] = {"fastqr": fastqr_reader, "zxing-cpp": zxingcpp_reader}
