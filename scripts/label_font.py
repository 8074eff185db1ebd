"""Pack GNU Unifont for the labels that fastqr draws: a bitmap of 16 rows for each character.

Usage: python scripts/label_font.py unifont.otf unifont_upper.otf (needs Pillow and fontTools), of
https://unifoundry.com/unifont/ or a distribution's package. Writes python/fastqr/fonts/unifont.xz: how many characters
there are; their code points, rising; how far each moves the pen; and 16 rows of 16 pixels each, the highest bit to the
left. All little-endian, in 4, 4, 1 and 2 bytes. What moves the pen by nothing is drawn before it, onto the character
before.
"""

from __future__ import annotations

import lzma
import sys
from pathlib import Path

import numpy as np
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw, ImageFont

ROWS = 16
TARGET = Path(__file__).resolve().parents[1] / "python" / "fastqr" / "fonts" / "unifont.xz"
ABOVE = range(0x1F000, 0x1FB00)  # of the planes above the first: pictographs; letters of dead scripts are left out


def glyphs(path: str) -> dict[int, tuple[int, np.ndarray]]:
    """Code points of a font that are drawn, each with its advance and rows."""
    font = ImageFont.truetype(path, ROWS, layout_engine=ImageFont.Layout.BASIC)
    found = {}
    for code in TTFont(path).getBestCmap():
        letter = chr(code)
        if not letter.isprintable() or (code > 0xFFFF and code not in ABOVE):
            continue  # what does not print is escaped before it is drawn
        advance = round(font.getlength(letter))
        pen = ROWS if advance == 0 else 0
        image = Image.new("1", (2 * ROWS, ROWS))
        ImageDraw.Draw(image).text((pen, 0), letter, font=font, fill=1)
        rows = np.asarray(image)[:, :ROWS] @ (1 << np.arange(ROWS - 1, -1, -1))
        found[code] = (advance, rows.astype("<u2"))
    return found


def main() -> None:
    """Write the file."""
    found = {code: glyph for path in reversed(sys.argv[1:]) for code, glyph in glyphs(path).items()}
    codes = sorted(found)
    packed = (
        np.array([len(codes)], "<u4").tobytes()
        + np.array(codes, "<u4").tobytes()
        + np.array([found[code][0] for code in codes], np.uint8).tobytes()
        + np.array([found[code][1] for code in codes], "<u2").tobytes()
    )
    TARGET.write_bytes(lzma.compress(packed, preset=9 | lzma.PRESET_EXTREME))
    print(f"{len(codes)} characters, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
