"""The reader's DenseNet: straightened patch in, log-odds and displacement of every module out.

After Huang, Liu, van der Maaten and Weinberger, "Densely Connected Convolutional Networks", CVPR 2017. One cell a
module from the stem on, so a layer costs modules, not pixels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from .. import _core
from .cascade_run import begun, start_of
from .curves import write_curve
from .export import export_onnx
from .loop import fit
from .manifest import update_manifest
from .options import TrainingOptions
from .samples import Batches, Make, Sample
from .synthesis import degradations as world
from .synthesis.geometry import Bend, View, random_bend, wrinkled
from .synthesis.symbols import draw_cells, paper_contrast, random_modules, random_size
from .synthesis.textures import background

__all__ = ["CELLS", "DenseNet", "make_samples", "samples_of", "train"]

CELLS = _core.LOCAL_CELLS  # modules along a side of a training crop
PIXELS = 4
GROWTH = 16
DILATIONS = (1, 2, 4, 8, 2, 1)
REACH = 1.6  # modules; beyond it a displacement cannot be told from its neighbour's and is not trained
LATTICES = 3  # looks at each picture made
WRINKLED = 0.2  # share of the lattices that miss creases of some modules
LEAST_PITCH = 1.2  # pixels a module, along the direction in which a tilt shrinks them

FloatArray = npt.NDArray[np.float32]


class DenseNet(nn.Module):
    """Stem of one cell a module, dense layers of growing reach, one linear head."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 32, 6, stride=PIXELS, padding=1, bias=False)
        self.known = nn.Conv2d(2, 32, 3, padding=1, bias=False)
        self.first = nn.BatchNorm2d(32)
        self.layers = nn.ModuleList()
        width = 32
        for dilation in DILATIONS:
            layer = nn.Sequential(
                nn.Conv2d(width, GROWTH, 3, padding=dilation, dilation=dilation, bias=False),
                nn.BatchNorm2d(GROWTH),
                nn.ReLU(),
            )
            self.layers.append(layer)
            width += GROWTH
        self.head = nn.Conv2d(width, 4, 1)

    def forward(self, patch: torch.Tensor, template: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Log-odds of dark B×1×S×S; displacement in modules and the log of its error B×3×S×S."""
        x = functional.relu(self.first(self.stem(patch) + self.known(template)))
        for layer in self.layers:
            x = torch.cat([x, layer(x)], 1)
        y = self.head(x)
        return y[:, :1], y[:, 1:]


def make_samples(rng: np.random.Generator, backgrounds: Path | None) -> list[Sample]:
    """One picture of a part of a symbol, and some crops of it through lattices that are not quite right.

    Returns
    -------
    list of tuple
        patch 1×116×116, template 2×29×29, dark 29×29 (float32), displacement 2×29×29 in modules (float32),
        kind 29×29 uint8 (0 outside the symbol or out of reach, 1 data, 2 function pattern).
    """
    size = random_size(rng)
    modules = random_modules(rng, size)
    patterns = np.asarray(_core.function_patterns(size))
    # Where the crop lies in the symbol; two cells of margin can be seen on a side.
    spare = max(0, size + 4 - CELLS)
    row, column = (int(v) for v in rng.integers(0, spare + 1, 2) - 2)
    if spare == 0 and size < CELLS:
        row, column = (-2 - int(v) for v in rng.integers(0, CELLS - size - 3, 2))
    picture, to_picture = _picture(rng, modules, patterns, row, column, backgrounds)
    inside_rows, inside_columns = (np.arange(CELLS) + o for o in (row, column))
    in_rows = (inside_rows >= 0) & (inside_rows < size)
    in_columns = (inside_columns >= 0) & (inside_columns < size)
    inside = in_rows[:, None] & in_columns[None, :]
    where = np.ix_(np.clip(inside_rows, 0, size - 1), np.clip(inside_columns, 0, size - 1))
    template = np.stack([np.where(inside, patterns[where], 0), inside]).astype(np.float32)
    dark = (modules[where] & inside).astype(np.float32)
    kind = np.where(inside, np.where(patterns[where] == 0, 1, 2), 0).astype(np.uint8)
    samples: list[Sample] = []
    for _ in range(LATTICES):
        off = _lattice_error(rng, size)
        nodes = np.mgrid[0 : CELLS + 1, 0 : CELLS + 1].astype(np.float32)[::-1]
        dx, dy = off(nodes[0], nodes[1])
        lattice = to_picture(nodes[0] + dx, nodes[1] + dy)
        patch = _core.resample_lattice(picture, lattice, PIXELS)
        patch = _core.normalise_patch(patch, CELLS)
        centres = np.mgrid[0:CELLS, 0:CELLS].astype(np.float32)[::-1] + np.float32(0.5)
        ex, ey = off(centres[0], centres[1])
        displacement = np.stack([-ex, -ey]).astype(np.float32)
        near = np.abs(displacement).max(0) < REACH
        samples.append((patch[None], template, dark, displacement, np.where(near, kind, 0).astype(np.uint8)))
    return samples


def _lattice_error(rng: np.random.Generator, size: int) -> _Error:
    """How a lattice that the stages before might hand over misses the truth, as a function of the place."""
    if rng.random() < 0.25:  # corrected by an earlier pass
        sigma, strength, local = 0.08, 0.05, 0.05
    else:
        sigma = float(rng.choice([0.06, 0.2, 0.35, 0.6, 1.0], p=[0.2, 0.27, 0.28, 0.17, 0.08]))
        strength = float(rng.uniform(0.1, 0.8)) if rng.random() < 0.4 else 0.0
        local = float(rng.uniform(0.1, 0.5)) if rng.random() < 0.25 else 0.0
    bend = random_bend(rng, CELLS, strength, local)
    if rng.random() < WRINKLED:
        bend = wrinkled(rng, bend)
    return _Error(rng.normal(0, sigma, (2, 2, 2)).astype(np.float32), bend)


@dataclass(frozen=True, slots=True)
class _Error:
    corners: FloatArray  # 2×2×2: errors at the crop's corners, in modules
    bend: Bend

    def __call__(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        u, v = x / CELLS, y / CELLS
        a, b, c, d = self.corners[0, 0], self.corners[0, 1], self.corners[1, 0], self.corners[1, 1]
        dx, dy = self.bend(x, y)
        linear = [(a[k] * (1 - u) + b[k] * u) * (1 - v) + (c[k] * (1 - u) + d[k] * u) * v for k in (0, 1)]
        return dx + linear[0], dy + linear[1]


def _picture(
    rng: np.random.Generator,
    modules: npt.NDArray[np.bool_],
    patterns: npt.NDArray[np.int8],
    row: int,
    column: int,
    backgrounds: Path | None,
) -> tuple[npt.NDArray[np.uint8], Callable[[FloatArray, FloatArray], FloatArray]]:
    """Take a camera's picture of the crop's cells and some beyond; and give the map from crop coordinates into it."""
    size = len(modules)
    border = 4
    pitch = float(np.exp(rng.uniform(np.log(1.5), np.log(8.5))))  # pixels a module in the picture
    pixels = int(np.clip(np.ceil(1.5 * pitch), 4, 10))  # pixels a module on paper
    cells = CELLS + 2 * border
    rows, columns = np.arange(cells) + row - border, np.arange(cells) + column - border
    where = np.ix_(np.clip(rows, 0, size - 1), np.clip(columns, 0, size - 1))
    inside = ((rows >= 0) & (rows < size))[:, None] & ((columns >= 0) & (columns < size))[None, :]
    dark = modules[where] & inside
    corner = np.zeros((size, size), bool)
    corner[:8, :8] = corner[:8, -8:] = corner[-8:, :8] = True
    ink = draw_cells(dark, corner[where] & inside, pixels, rng)
    ink_grey, paper_grey = paper_contrast(rng)
    side = cells * pixels
    paper = np.full((side, side), paper_grey, np.float32)
    quiet = float(rng.choice([0, 0.5, 1, 2, 4, 9], p=[0.06, 0.06, 0.1, 0.14, 0.34, 0.3]))
    near = ((rows >= -quiet) & (rows < size + quiet))[:, None] & ((columns >= -quiet) & (columns < size + quiet))[
        None, :
    ]
    if not near.all():
        beyond = np.kron(~near, np.ones((pixels, pixels), bool))
        paper = np.where(beyond, background(rng, side, side, backgrounds), paper)
    if rng.random() < 0.08:  # printed over a picture that shows through
        paper = 0.6 * paper + 0.4 * background(rng, side, side, backgrounds)
    sheet = paper * (1 - ink) + ink_grey * ink
    if rng.random() < 0.12:  # a logo
        sheet = world.occluded(sheet.astype(np.float32), rng, 0.25)
    if rng.random() < 0.25:
        sheet = world.worn(sheet.astype(np.float32), rng)
    # A tilted view: the pitch shrinks along one direction.
    angle = rng.uniform(-np.pi, np.pi)
    tilt = rng.uniform(min(1.0, max(0.25, LEAST_PITCH / pitch)), 1.0) if rng.random() < 0.35 else 1.0
    direction = rng.uniform(0, np.pi)
    turn = _rotation(angle) @ _rotation(direction) @ np.diag([tilt, 1.0]) @ _rotation(-direction)
    half = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * cells / 2
    bent = half * (1 + rng.normal(0, 0.04, (4, 1)))
    span = (turn @ bent.T).T * pitch
    low = span.min(0)
    target = span - low + 2 + rng.uniform(0, 1, 2)
    width, height = (int(v) for v in np.ceil(span.max(0) - low) + 5)
    paper_corners = half + cells / 2
    homography = cv2.getPerspectiveTransform(paper_corners.astype(np.float32), target.astype(np.float32))
    bend = random_bend(
        rng,
        CELLS,
        rng.uniform(0.2, 1.2) if rng.random() < 0.3 else 0.0,
        rng.uniform(0.1, 0.5) if rng.random() < 0.2 else 0.0,
    )
    view = View(np.asarray(homography, np.float64), bend)  # of the cells
    blurred = cv2.GaussianBlur(sheet.astype(np.float32), (0, 0), max(0.3, 0.42 * pixels / pitch))
    image = view.render(np.asarray(blurred, np.float32), pixels, 0, 0, width, height)
    image = _seen(image, pitch * np.sqrt(tilt), rng)

    def to_picture(x: FloatArray, y: FloatArray) -> FloatArray:
        return view.to_picture(x + border, y + border)

    return world.camera(image, rng), to_picture


def _rotation(angle: float) -> npt.NDArray[np.float64]:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _seen(image: FloatArray, pitch: float, rng: np.random.Generator) -> FloatArray:
    """Light and lens; blur is drawn in modules, since that is what reading suffers from."""
    chance = rng.random(5)
    if chance[0] < 0.35:
        image = world.shaded(image, rng)
    if chance[1] < 0.18:
        image = world.glare(image, rng)
    if chance[2] < 0.08:
        image = world.moire(image, rng)
    has_moved = chance[3] < 0.25
    blur = float(rng.uniform(0.0, 0.35)) if has_moved or rng.random() < 0.4 else float(rng.uniform(0.3, 1.0))
    image = world.defocused(image, blur * pitch, rng)
    if has_moved:
        image = world.moved(image, float(rng.uniform(0.3, 3.2)) * pitch, rng)
    return image


def loss_of(network: nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """Cross-entropy on data modules, a fifth of it on function patterns, Laplace likelihood of the displacement."""
    patch, template, dark, displacement, kind = batch
    logits, moves = network(patch, template)
    logits, moves = logits.float(), moves.float()
    entropy = functional.binary_cross_entropy_with_logits(logits[:, 0], dark, reduction="none")
    data, function = (kind == 1).float(), (kind == 2).float()
    log_error = moves[:, 2].clamp(-4, 2)
    miss = (moves[:, :2] - displacement).abs().sum(1)
    laplace = miss * torch.exp(-log_error) + 2 * log_error
    known = data + function
    total: torch.Tensor = (
        (entropy * data).sum() / data.sum().clamp(min=1)
        + 0.2 * (entropy * function).sum() / function.sum().clamp(min=1)
        + 0.1 * (laplace * known).sum() / known.sum().clamp(min=1)
    )
    return total


def samples_of(options: TrainingOptions) -> Make:
    """Return what makes samples, with the photographs of `options` behind them."""
    return partial(make_samples, backgrounds=options.backgrounds)


def train(options: TrainingOptions) -> dict[str, Any]:
    """Train, export and enter into the manifest; returns the manifest's facts."""
    torch.manual_seed(options.seed)
    make = samples_of(options)
    size = 8 if options.smoke else 64
    network = begun("densenet", DenseNet(), make, options, inputs=2)
    outcome = fit("densenet", network, Batches(make, options.seed, size, options.workers), loss_of, options)
    return finish(outcome.network, options, outcome.steps, outcome.seconds, outcome.losses)


def finish(
    network: nn.Module, options: TrainingOptions, steps: int, seconds: float, losses: list[float]
) -> dict[str, Any]:
    """Measure on samples of a seed of their own, export, write curve and manifest."""
    network = network.cpu().float().eval()
    held_out = Batches(samples_of(options), options.seed + 10_000, 32, 0)
    wrong = total = 0.0
    with torch.no_grad():
        for _ in range(1 if options.smoke else 20):
            patch, template, dark, _, kind = next(held_out)
            data = kind == 1
            wrong += float((((network(patch, template)[0][:, 0] > 0) != (dark > 0.5)) & data).sum())
            total += float(data.sum())
    path = options.out / "densenet.onnx"
    export_onnx(
        network,
        path,
        (torch.randn(2, 1, 100, 100), torch.randn(2, 2, 25, 25)),
        {"patch": {0: "batch", 2: "height", 3: "width"}, "template": {0: "batch", 2: "rows", 3: "columns"}},
        {"logits": {0: "batch", 2: "rows", 3: "columns"}, "displacement": {0: "batch", 2: "rows", 3: "columns"}},
    )
    write_curve(options.out / "densenet.png", "densenet", losses)
    facts = {
        "normalisation": "mean 0, deviation 1 of the patch, above 29 cells of the window of 29 cells around each pixel",
        "command": options.command,
        "seed": options.seed,
        "steps": steps,
        "batch": 64,
        "seconds": round(seconds),
        "data": f"{steps * 64} crops, {LATTICES} of each synthetic picture",
        **start_of("densenet", options),
        "scores": {"module_error_rate": round(wrong / total, 5), "last_loss": round(float(np.mean(losses[-200:])), 4)},
    }
    update_manifest(path, "densenet", facts)
    return facts
