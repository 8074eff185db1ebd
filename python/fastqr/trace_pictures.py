"""Pictures of a trace: an overview of the search, and one picture a code that was read or lost."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from . import _core
from .annotate import outline
from .errors import InvalidArgumentError
from .explanations import (
    Explanation,
    corners_at,
    differing_modules,
    explanations,
    function_modules,
    marks_at,
    mended_modules,
    symbol_modules,
)
from .labels import ROWS, label_width, shortened_label, write_label
from .pictures import ImageLike, Picture, load_picture
from .trace import Attempt, Mark, Trace

if TYPE_CHECKING:
    import cv2
else:
    from .libraries import cv2

__all__ = ["TracePicture", "draw_trace"]

FloatArray = npt.NDArray[np.float32]
Colour = tuple[int, int, int]

PAPER, INK, FAINT, RULE = (255, 255, 255), (45, 40, 35), (150, 145, 140), (225, 222, 218)
GREEN, RED, ORANGE, BLUE, VIOLET = (70, 160, 20), (50, 50, 215), (20, 135, 245), (205, 120, 25), (180, 60, 160)
MARGIN = 28  # pixels about and between panels
PANEL = 400  # pixels of a panel's side, at least
BASELINE = 14  # rows of a line of text above its baseline
LINE = 22  # pixels from one line of text to the next
LEAST_MODULE = 4  # pixels a module of a large symbol
LONGEST_TITLE = 100  # letters
MOST_LINES = 14  # of sentences below the panels
FRAME = (1000, 900)  # pixels of the overview's picture, at most
TABLE = 760  # pixels that the overview's list of steps takes
LISTED = 12  # codes that the overview has room for at least
SURE = 0.8  # |2p - 1| of a module that counts as seen


@dataclass(frozen=True, slots=True, eq=False)
class TracePicture:
    """One picture of a search.

    Attributes
    ----------
    name : str
        ``"overview"``, ``"code-1"`` … for what was read, ``"lost-1"`` … for what was not.
    picture : ndarray of uint8, shape (height, width, 3)
        BGR.
    words : tuple of str
        What the picture says in words.
    """

    name: str
    picture: Picture
    words: tuple[str, ...]


def draw_trace(trace: Trace, image: ImageLike) -> list[TracePicture]:
    """Draw a trace, as `Trace.draw` says."""
    picture = load_picture(image)
    if not trace.detail:
        raise InvalidArgumentError("trace must be kept with details to be drawn: take that of Scanner.explain")
    if trace.shape != picture.shape[:2]:
        raise InvalidArgumentError(
            f"image must be the picture that was searched, of shape {trace.shape}, got {picture.shape[:2]}"
        )
    colour = cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR) if picture.ndim == 2 else picture
    canvas = np.asarray(colour, np.uint8)
    told = explanations(trace)
    drawn = [_overview(trace, canvas, told)]
    if told:
        height, width = picture.shape[:2]
        view = _core.MipMap(picture, np.array([0, 0, width, height], np.float32))
        drawn.extend(_code(trace, canvas, view, explanation) for explanation in told)
    return drawn


# One code -------------------------------------------------------------------------------------------------------------


def _code(trace: Trace, picture: Picture, view: _core.MipMap, told: Explanation) -> TracePicture:
    attempt = told.attempt
    cells = 0 if attempt is None else len(attempt.nodes) - 1
    side = max(PANEL, LEAST_MODULE * cells)
    panels = [_seen(trace, picture, told, side)]
    if attempt is not None:
        panels.append(_patch(view, attempt, side))
        panels.append(_probabilities(attempt, side))
        panels.append(_symbol(attempt, side) if attempt.reading is not None else _patterns(attempt, side))
    else:
        panels.append(_straightened(view, trace, told.quad, side))
    width = len(panels) * (side + MARGIN) + MARGIN
    lines = _wrapped(told.words, width - 2 * MARGIN)
    top = 74
    height = top + LINE + side + 2 * LINE + 14 + LINE * len(lines) + MARGIN
    sheet = np.full((height, width, 3), 255, np.uint8)
    colour = GREEN if attempt is not None and attempt.reading is not None else RED
    cv2.rectangle(sheet, (0, 0), (width, 8), colour, -1)
    _write(sheet, _shortened(told.title, LONGEST_TITLE), (MARGIN, 44), colour, 2)
    for number, (title, panel, legend) in enumerate(panels):
        x = MARGIN + number * (side + MARGIN)
        _write(sheet, title, (x, top + 10), INK)
        sheet[top + LINE : top + LINE + side, x : x + side] = panel
        cv2.rectangle(sheet, (x - 1, top + LINE - 1), (x + side, top + LINE + side), RULE, 1)
        _legend(sheet, legend, (x, top + 2 * LINE + side), side)
    for number, line in enumerate(lines):
        _write(sheet, line, (MARGIN, top + 4 * LINE + side + 14 + number * LINE), INK)
    return TracePicture(told.name, sheet, (told.title, *told.words))


Panel = tuple[str, Picture, list[tuple[str, Colour]]]  # its title, its pixels, what its colours mean


def _seen(trace: Trace, picture: Picture, told: Explanation, side: int) -> Panel:
    """Show the code in the picture, and what each step saw there."""
    low, high = told.quad.min(0), told.quad.max(0)
    centre, reach = (low + high) / 2, 0.75 * float((high - low).max())
    scale = side / (2 * reach)
    shift = side / 2 - scale * centre
    # Enlarged pixels stay pixels; what is made smaller is averaged.
    small = picture
    factor = 1.0
    if scale < 1:
        x1, y1 = np.floor(np.maximum(centre - reach, 0)).astype(int)
        x2, y2 = np.ceil(centre + reach).astype(int)
        part = picture[y1:y2, x1:x2]
        if part.size:
            factor = scale
            shape = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
            small = np.asarray(cv2.resize(part, shape, interpolation=cv2.INTER_AREA), np.uint8)
            shift_of_part = shift + scale * np.array([x1, y1])
        else:
            shift_of_part = shift
    else:
        shift_of_part = shift
    step = scale / factor
    to_panel = np.array([[step, 0, shift_of_part[0]], [0, step, shift_of_part[1]]], np.float64)
    to_panel[:, 2] += (step - 1) / 2  # OpenCV counts from the first pixel's centre
    how = cv2.INTER_NEAREST if scale >= 3 else cv2.INTER_LINEAR
    shown = cv2.warpAffine(small, to_panel, (side, side), flags=how, borderValue=(238, 236, 234))
    panel = np.asarray(shown, np.uint8)

    legend: list[tuple[str, Colour]] = []
    quad = told.quad
    for meaning, colour, marks in (
        ("O-Net's box", ORANGE, marks_at(trace, "box", quad)[:1]),
        ("finder pattern", BLUE, _finder_patterns(trace, centre, reach)),
        ("L-Net's corner", VIOLET, corners_at(trace.steps, quad)),
    ):
        for mark in marks:
            points = mark.points * scale + shift
            outline(panel, points, colour, 2)
            if mark.score is not None:  # a box's below it, where no corner's is
                x, y = points[3] + (0, 20) if meaning == "O-Net's box" else points[np.argmin(points.sum(1))]
                _label(panel, f"{mark.score:.2f}", (x, y), colour)
        if marks:
            legend.append((meaning, colour))
    for mark in marks_at(trace, "landmarks", quad)[:1]:
        for x, y in mark.points * scale + shift:
            cv2.drawMarker(panel, _pixel((x, y)), ORANGE, cv2.MARKER_TILTED_CROSS, 11, 2, cv2.LINE_AA)
    read = told.attempt is not None and told.attempt.reading is not None
    if told.attempt is not None:
        colour = GREEN if read else RED
        outline(panel, _edge(told.attempt) * scale + shift, colour, 2)
        legend.append(("symbol" if read else "its grid", colour))
    return "What was seen in the picture", panel, legend


def _finder_patterns(trace: Trace, centre: FloatArray, reach: float) -> list[Mark]:
    """Give the finder patterns that lie about a place."""
    marks = (mark for step in trace.steps for mark in step.marks if mark.kind == "finder pattern")
    return [mark for mark in marks if np.abs(mark.points.mean(0) - centre).max() < reach]


def _straightened(view: _core.MipMap, trace: Trace, quad: FloatArray, side: int) -> Panel:
    """Show a place on which no grid could be laid, straightened by its landmarks where it has any."""
    marks = marks_at(trace, "landmarks", quad)
    corners = marks[0].points[[0, 1, 3, 2]] if marks else quad
    inset = side * (0.2 if marks else 0.1)  # finder patterns' centres lie further in than a symbol's corners
    square = np.array([[inset, inset], [side - inset, inset], [side - inset, side - inset], [inset, side - inset]])
    to_picture = cv2.getPerspectiveTransform(square.astype(np.float32), corners.astype(np.float32))
    grey = _core.warp(view, np.asarray(to_picture, np.float64), side, side)
    return "Straightened, and its contrast stretched", _stretched(grey, side), []


def _stretched(grey: FloatArray, side: int) -> Picture:
    """Give grey values as a picture of full contrast."""
    low, high = np.percentile(grey, (1, 99))
    levels = np.clip((grey - low) * (255 / max(float(high - low), 1.0)), 0, 255).astype(np.uint8)
    shown = cv2.resize(levels, (side, side), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.cvtColor(shown, cv2.COLOR_GRAY2BGR), np.uint8)


def _patch(view: _core.MipMap, attempt: Attempt, side: int) -> Panel:
    """Show the rectified patch, and the grid of its modules."""
    panel = _stretched(_core.resample_lattice(view, attempt.nodes, _core.GridReader.PIXELS), side)
    cells = len(attempt.nodes) - 1
    margin = (cells - attempt.size) // 2
    grid = panel.copy()
    for i in range(margin, cells - margin + 1):
        at, first, last = round(i * side / cells), round(margin * side / cells), round((cells - margin) * side / cells)
        cv2.line(grid, (at, first), (at, last), BLUE, 1)
        cv2.line(grid, (first, at), (last, at), BLUE, 1)
    strength = 0.45 if side >= 8 * cells else 0.2  # lines that are all but as wide as the modules hide them
    panel = np.asarray(cv2.addWeighted(grid, strength, panel, 1 - strength, 0), np.uint8)
    edge = round(margin * side / cells), round((cells - margin) * side / cells)
    cv2.rectangle(panel, (edge[0], edge[0]), (edge[1], edge[1]), GREEN if attempt.reading else RED, 2)
    return f"Rectified, with its grid of {attempt.size} x {attempt.size} modules", panel, []


def _probabilities(attempt: Attempt, side: int) -> Panel:
    """Show each module's probability of dark, and where it is not what was read, or unsure."""
    title = "How dark each module seems"
    if attempt.probabilities is None:
        panel = np.full((side, side, 3), 245, np.uint8)
        _write(panel, "The function patterns show no contrast.", (20, side // 2), FAINT)
        return title, panel, []
    grey = np.round(255 * (1 - np.nan_to_num(attempt.probabilities, nan=0.5))).astype(np.uint8)
    modules = np.repeat(grey[:, :, None], 3, 2)
    panel = _enlarged(modules, side)
    legend = [("dark", (0, 0, 0)), ("light", (200, 200, 200))]
    if attempt.reading is not None:
        wrong = differing_modules(attempt)
        _frame_modules(panel, wrong, attempt.size, RED)
        if wrong.any():
            legend.append((f"{int(wrong.sum())} otherwise than read", RED))
    else:
        unsure = ~(np.abs(2 * attempt.probabilities - 1) >= SURE)
        _frame_modules(panel, unsure, attempt.size, ORANGE)
        legend.append((f"{int(unsure.sum())} unsure", ORANGE))
    return title, panel, legend


def _symbol(attempt: Attempt, side: int) -> Panel:
    """Show the symbol that was read, and the codewords that were corrected."""
    modules = symbol_modules(attempt)
    colours = np.where(modules[:, :, None], np.array(INK), np.array((255, 255, 255)))
    fixed = function_modules(attempt.size) != 0
    colours[fixed & modules], colours[fixed & ~modules] = (150, 105, 60), (250, 240, 228)
    mended = mended_modules(attempt)
    colours[mended & modules], colours[mended & ~modules] = RED, (175, 175, 250)
    legend = [("function patterns", (150, 105, 60)), ("data", INK)]
    if mended.any():
        legend.append((f"{int(mended.sum()) // 8} codewords corrected", RED))
    return "The symbol as read", _enlarged(colours.astype(np.uint8), side), legend


def _patterns(attempt: Attempt, side: int) -> Panel:
    """Show the patterns that every symbol of the size has, and where the grid shows other modules."""
    patterns = function_modules(attempt.size)
    colours = np.full((*patterns.shape, 3), 245, np.uint8)
    colours[patterns > 0], colours[patterns < 0] = (150, 105, 60), (250, 240, 228)
    legend = [("dark", (150, 105, 60)), ("light", (235, 215, 195))]
    panel = _enlarged(colours, side)
    if attempt.probabilities is not None:
        wrong = (patterns != 0) & ((attempt.probabilities > 0.5) != (patterns > 0))
        _frame_modules(panel, wrong, attempt.size, RED)
        legend.append((f"{int(wrong.sum())} of {int((patterns != 0).sum())} not seen so", RED))
    return "The function patterns that it should show", panel, legend


def _frame_modules(panel: Picture, flags: npt.NDArray[np.bool_], size: int, colour: Colour) -> None:
    """Mark modules by a frame and a dot, which shows on dark and on light."""
    pitch = panel.shape[0] / size
    for row, column in np.argwhere(flags):
        x1, y1, x2, y2 = (round(v * pitch) for v in (column, row, column + 1, row + 1))
        if pitch < 8:
            cv2.rectangle(panel, (x1, y1), (x2 - 1, y2 - 1), colour, -1)
        else:
            cv2.rectangle(panel, (x1, y1), (x2 - 1, y2 - 1), colour, max(1, round(pitch / 7)))


def _enlarged(modules: Picture, side: int) -> Picture:
    return np.asarray(cv2.resize(modules, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)


def _edge(attempt: Attempt) -> FloatArray:
    """Give the edge of an attempt's symbol in the picture, module by module: paper may be bent."""
    near = (len(attempt.nodes) - 1 - attempt.size) // 2
    nodes = attempt.nodes[near : near + attempt.size + 1, near : near + attempt.size + 1]
    return np.concatenate([nodes[0, :-1], nodes[:-1, -1], nodes[-1, :0:-1], nodes[:0:-1, 0]])


# The whole picture ----------------------------------------------------------------------------------------------------


def _overview(trace: Trace, picture: Picture, told: Sequence[Explanation]) -> TracePicture:
    height, width = picture.shape[:2]
    scale = min(FRAME[0] / max(width, 1), FRAME[1] / max(height, 1), 4.0)
    shape = max(1, round(width * scale)), max(1, round(height * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST if scale >= 3 else cv2.INTER_LINEAR
    frame = np.full((shape[1], shape[0], 3), 238, np.uint8)
    if picture.size:
        frame = np.asarray(cv2.resize(picture, shape, interpolation=how), np.uint8)
    for mark in (m for step in trace.steps for m in step.marks if m.kind == "finder pattern"):
        outline(frame, mark.points * scale, BLUE, 1)
    boxes = [
        m for step in trace.steps for m in step.marks if m.kind == "box" and not any(_holds(e.quad, m) for e in told)
    ]
    for mark in boxes:
        outline(frame, mark.points * scale, ORANGE, 1)
        _label(frame, f"{mark.score:.2f}", mark.points[0] * scale, ORANGE)
    for explanation in told:
        colour = GREEN if explanation.name.startswith("code") else RED
        quad = explanation.quad * scale
        outline(frame, quad, colour, 2)
        _label(frame, explanation.name.partition("-")[2], quad.min(0), colour)
    read = sum(e.name.startswith("code") for e in told)
    total = sum(step.ms for step in trace.steps)
    places = len(told) - read
    title = f"{read} read, {places} place{'' if places == 1 else 's'} not read, {total:.1f} ms"
    rows = [(step.name, *_row(step)) for step in trace.steps]
    shown_ended = f"The search ended: {trace.ended or 'the picture is too small for a symbol'}."
    below = max(shape[1], LINE * (len(rows) + min(len(told), LISTED) + 3))
    sheet = np.full((74 + below + 2 * LINE + MARGIN, shape[0] + TABLE + 3 * MARGIN, 3), 255, np.uint8)
    cv2.rectangle(
        sheet, (0, 0), (sheet.shape[1], 8), GREEN if read and read == len(told) else RED if told else FAINT, -1
    )
    _write(sheet, f"{title}; picture of {width} x {height} pixels", (MARGIN, 44), INK, 2)
    sheet[74 : 74 + shape[1], MARGIN : MARGIN + shape[0]] = frame
    shows_finders = any(mark.kind == "finder pattern" for step in trace.steps for mark in step.marks)
    meanings = ("read", GREEN, read), ("not read", RED, read < len(told)), ("other boxes", ORANGE, boxes)
    legend = [(text, colour) for text, colour, shown in (*meanings, ("finder patterns", BLUE, shows_finders)) if shown]
    _legend(sheet, legend, (MARGIN, 74 + shape[1] + LINE), shape[0])
    x = 2 * MARGIN + shape[0]
    columns = (0, 320, 450, 550, 640, 720)  # of the names to the left, of all others to the right
    for column, heading in zip(columns, ("step", "ms", "k grey values", "M macs", "looks", "read"), strict=True):
        _cell(sheet, heading, x, column, 74 + 12, FAINT)
    cv2.line(sheet, (x, 74 + 20), (x + TABLE, 74 + 20), RULE, 1)
    for number, (step, row) in enumerate(zip(trace.steps, rows, strict=True)):
        y = 74 + 12 + LINE * (number + 1) + 6
        ink = FAINT if step.skipped is not None else INK
        for column, text in zip(columns, row, strict=False):
            _cell(sheet, text, x, column, y, ink)
        if step.skipped is not None:
            _write(sheet, f"left out: {step.skipped}", (x + 260, y), FAINT)
    y = 74 + 12 + LINE * (len(rows) + 1) + 14
    _write(sheet, shown_ended, (x, y), INK)
    for number, explanation in enumerate(told):
        y += LINE if number else 2 * LINE
        left = len(told) - number
        if left > 1 and y + 2 * LINE > sheet.shape[0]:
            _write(sheet, f"and {left} more", (x, y), FAINT)
            break
        colour = GREEN if explanation.name.startswith("code") else RED
        _write(sheet, f"{explanation.name}: {_shortened(explanation.title, 64)}", (x, y), colour)
    words = (title, *(e.title for e in told), shown_ended)
    return TracePicture("overview", sheet, words)


def _row(step: Any) -> tuple[str, ...]:
    if step.skipped is not None:
        return ()
    read = sum(look.outcome == "read" for look in step.looks)
    return (
        f"{step.ms:.1f}",
        f"{step.samples / 1e3:.0f}",
        f"{step.macs / 1e6:.1f}",
        str(len(step.looks)),
        str(read) if read else "-",
    )


def _holds(quad: FloatArray, mark: Mark) -> bool:
    low, high = quad.min(0), quad.max(0)
    centre = mark.points.mean(0)
    return bool((low < centre).all() and (centre < high).all())


# Text and lines -------------------------------------------------------------------------------------------------------


def _write(sheet: Picture, text: str, place: tuple[int, int], colour: Colour, scale: int = 1) -> None:
    """Write a line on its baseline, as far as the sheet's width lets it."""
    x, y = place
    shown = shortened_label(text, sheet.shape[1] - x, scale)
    write_label(sheet, shown, (x, y - BASELINE * scale), colour, scale)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _wrapped(words: Sequence[str], width: int) -> list[str]:
    """Break sentences into lines of a width in pixels; those beyond what a glance takes are counted."""
    letters = max(20, width // label_width("n"))
    lines = [line for sentence in words for line in textwrap.wrap(sentence, letters, subsequent_indent="    ")]
    if len(lines) > MOST_LINES:
        half = MOST_LINES // 2
        lines = [*lines[:half], f"    ({len(lines) - MOST_LINES + 1} lines more)", *lines[half + 1 - MOST_LINES :]]
    return lines


def _cell(sheet: Picture, text: str, x: int, column: int, y: int, colour: Colour) -> None:
    """Write a cell of the table: the first column to the left, the others to the right."""
    width = label_width(text) if column else 0
    _write(sheet, text, (x + column - width, y), colour)


def _legend(sheet: Picture, entries: Sequence[tuple[str, Colour]], place: tuple[int, int], width: int) -> None:
    """Say what colours mean, in a line or two."""
    x, y = place
    for text, colour in entries:
        length = label_width(text) + 36
        if x > place[0] and x + length > place[0] + width:
            x, y = place[0], y + LINE - 2
        cv2.rectangle(sheet, (x, y - 10), (x + 12, y + 1), colour, -1)
        _write(sheet, text, (x + 18, y), INK)
        x += length


def _label(canvas: Picture, text: str, place: Any, colour: Colour) -> None:
    """Write white on a coloured ground, within the canvas."""
    width = label_width(text) + 6
    x = int(np.clip(place[0], 0, max(0, canvas.shape[1] - width)))
    y = int(np.clip(place[1], ROWS, canvas.shape[0] - 1))
    cv2.rectangle(canvas, (x, y - ROWS), (x + width, y), colour, -1)
    write_label(canvas, text, (x + 3, y - ROWS), PAPER)


def _pixel(point: tuple[float, float]) -> tuple[int, int]:
    return round(float(np.clip(point[0], -3e4, 3e4))), round(float(np.clip(point[1], -3e4, 3e4)))
