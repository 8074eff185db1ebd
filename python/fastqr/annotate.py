"""Pictures of what was found: outlines, and labels that say what was read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .appearances import Appearance
from .cascade import Detection
from .labels import ROWS, Colour, label_width, shortened_label, write_label
from .pictures import ImageLike, load_picture
from .pixels import Picture
from .symbol import Symbol

if TYPE_CHECKING:
    import cv2
else:
    from .libraries import cv2

__all__ = ["draw", "draw_followed", "outline"]

Box: TypeAlias = tuple[int, int, int, int]

GREEN, ORANGE, WHITE, INK = (80, 200, 0), (0, 140, 255), (255, 255, 255), (20, 20, 20)
PIXELS_A_THICKNESS = 400  # of the picture's longer side: lines that are seen when the whole picture is
SIDE_A_THICKNESS = 30  # pixels of a symbol's side
PIXELS_A_SCALE = 900  # of the same: text that is read then
LETTERS = 10  # that a label has room for above its symbol at least, where it is larger than the smallest


def draw(image: ImageLike, symbols: Iterable[Symbol], detections: Sequence[Detection] = ()) -> Picture:
    """Return a copy of a picture with each symbol's outline and text, and the boxes in which nothing was read.

    Parameters
    ----------
    image : picture
        As for `decode`.
    symbols : iterable of Symbol
        Those without a place in a picture are left out.
    detections : sequence of Detection, optional
        Drawn thinly where no symbol's centre lies in the box.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        BGR. Labels are one line in any script, in a size that follows the picture's and the symbol's; what does not
        print is escaped, what has no room is cut off with an ellipsis.

    Examples
    --------
    >>> import fastqr
    >>> scene = fastqr.demo_scene()
    >>> fastqr.draw(scene, fastqr.decode(scene)).shape
    (640, 960, 3)
    """
    picture = load_picture(image)
    canvas = np.repeat(picture[:, :, None], 3, 2) if picture.ndim == 2 else np.array(picture, order="C")
    if not canvas.size:
        return canvas
    thick = max(1, round(max(canvas.shape[:2]) / PIXELS_A_THICKNESS))
    placed = [(symbol, symbol.quad) for symbol in symbols if symbol.quad is not None]
    for detection in detections:
        x1, y1, x2, y2 = detection.box.tolist()
        if not any(x1 <= x <= x2 and y1 <= y <= y2 for x, y in (quad.mean(0) for _, quad in placed)):
            outline(canvas, np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]]), ORANGE, thick)
    for _, quad in placed:
        outline(canvas, quad, GREEN, max(1, min(2 * thick, _side(_box(quad)) // SIDE_A_THICKNESS)))
    _write_labels(canvas, [(symbol.text, _box(quad)) for symbol, quad in placed])
    return canvas


def draw_followed(picture: Picture, appearances: Sequence[Appearance]) -> Picture:
    """Return a copy of a frame with each code's outline, its number and text, and the path of its centre.

    Codes that the frame does not show to the end are drawn in another colour: orange where only their patterns were
    found, thinly where they are only expected.
    """
    canvas = np.repeat(picture[:, :, None], 3, 2) if picture.ndim == 2 else np.array(picture, order="C")
    thick = max(1, round(max(canvas.shape[:2]) / PIXELS_A_THICKNESS))
    for code in appearances:
        path = np.round(np.clip(code.path.mean(1) - 0.5, -3e4, 3e4) * 16).astype(np.int32)
        cv2.polylines(canvas, [path], False, GREEN, thick, cv2.LINE_AA, 4)
        outline(canvas, code.quad, GREEN if code.read else ORANGE, 2 * thick if code.seen else thick)
    _write_labels(canvas, [(f"{code.id}: {code.symbol.text}", _box(code.quad)) for code in appearances])
    return canvas


def outline(canvas: Picture, points: npt.NDArray[Any], colour: Colour, thick: int) -> None:
    """Draw a closed line, to a sixteenth of a pixel, with a light edge that shows it on any ground."""
    corners = [np.round(np.clip(points - 0.5, -3e4, 3e4) * 16).astype(np.int32)]
    cv2.polylines(canvas, corners, True, WHITE, thick + 2, cv2.LINE_AA, 4)
    cv2.polylines(canvas, corners, True, colour, thick, cv2.LINE_AA, 4)


def _box(quad: npt.NDArray[np.float32]) -> Box:
    (x1, y1), (x2, y2) = np.floor(quad.min(0)).tolist(), np.ceil(quad.max(0)).tolist()
    return int(x1), int(y1), int(x2), int(y2)


def _scale(canvas: Picture, box: Box) -> int:
    """Return the size of a symbol's label, in pixels a row of the font."""
    longer: int = max(canvas.shape[:2])
    return max(1, min(round(longer / PIXELS_A_SCALE), _side(box) // (LETTERS * ROWS // 2)))


def _claim(canvas: Picture, box: Box) -> Box:
    """Return what a symbol takes together with a label of its width above it."""
    x1, y1, x2, y2 = box
    return x1, y1 - _scale(canvas, box) * (ROWS + 6), x2, y2


def _write_labels(canvas: Picture, texts: Sequence[tuple[str, Box]]) -> None:
    """Write what symbols say near their boxes, where the labels leave each other room."""
    claims = [_claim(canvas, box) for _, box in texts]
    labels: list[Box] = []
    for number, (text, box) in enumerate(texts):
        labels.append(_label(canvas, text, box, claims[:number] + claims[number + 1 :], labels))


def _label(canvas: Picture, text: str, box: Box, claims: Sequence[Box], labels: Sequence[Box]) -> Box:
    """Write what a symbol says above it, or where there is room; return the box that this takes."""
    height, width = canvas.shape[:2]
    x1, y1, x2, y2 = box
    scale = _scale(canvas, box)
    edge = 2 * scale
    tall = scale * ROWS + 2 * edge
    inside = max(0, min(y2, height) - tall)
    places = [y for y in (y1 - tall - edge, y2 + edge) if 0 <= y <= height - tall]
    free = (y for y in places if not any(_meet((x1, y, x2, y + tall), label) for label in labels))
    y = next(free, inside)
    others = (*claims, *labels)
    plate = _plate(text, x1, y, width - 2 * edge, scale, width)
    if any(_meet(plate, other) for other in others):  # then as far as the next neighbour
        ends = (other[0] for other in others if other[0] > x1 and other[1] < y + tall and y < other[3])
        end = min(ends, default=width) - edge
        plate = _plate(text, x1, y, max(x2, end, x1 + ROWS * scale) - x1 - 2 * edge, scale, width)
    left, top, right, bottom = plate
    shown = shortened_label(text, right - left - 2 * edge, scale)
    if not shown:
        return box
    cv2.rectangle(canvas, (left, top), (right - 1, bottom - 1), GREEN, -1)
    write_label(canvas, shown, (left + edge, top + edge), INK, scale)
    return plate


def _plate(text: str, x: int, y: int, room: int, scale: int, width: int) -> Box:
    """Return the box of a label that begins at x where the picture's width lets it."""
    wide = label_width(shortened_label(text, room, scale), scale) + 4 * scale
    left = max(0, min(x, width - wide))
    return left, y, left + wide, y + scale * (ROWS + 4)


def _side(box: Box) -> int:
    return max(box[2] - box[0], box[3] - box[1])


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
