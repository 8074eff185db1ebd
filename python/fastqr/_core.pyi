"""The hot loops of fastqr: image, cascade, rectify and symbol stages in C++.

Pictures are uint8 arrays of shape (height, width) or (height, width, 3) in BGR order, of any strides; they are never
copied. Coordinates are pixels from the outer corner of the first pixel, whose centre is (0.5, 0.5); boxes are x1, y1,
x2, y2. Other arrays are converted to the type that is named. C is the picture's channels, 1 or 3. An argument of a
wrong shape or value raises ValueError, a wrong type TypeError; both name it. All loops release the GIL.
"""

from collections.abc import Sequence
from typing import Literal, final

import numpy as np
import numpy.typing as npt
from typing_extensions import Self

__version__: str
compiler: str
build_type: str
fortify_level: int | None  # glibc's checks of calls with a size: 0 to 3; None without glibc

_Picture = npt.NDArray[np.uint8]
_Float32 = npt.NDArray[np.float32]
_Float64 = npt.NDArray[np.float64]
_Looked = _Picture | "MipMap"

# Settings ------------------------------------------------------------------------------------------------------------

class _StageSettings:
    """A stage's settings: each value an attribute, with its unit and its meaning as documentation.

    Made of keyword arguments; those that are left out are the usual ones.

    Raises
    ------
    TypeError, ValueError
        There is no such setting, or its value is not accepted.
    """

    def __init__(self, **values: float) -> None: ...
    @classmethod
    def from_dict(cls, values: dict[str, float]) -> Self: ...
    def to_dict(self) -> dict[str, float]:
        """Give all values by their names."""

    @staticmethod
    def described() -> dict[str, tuple[str, str, float, float]]:
        """Give unit, meaning, and the least and most that are accepted, by name."""

@final
class FinderSettings(_StageSettings):
    """How closely pixels are searched for finder patterns, and which three of them may be a symbol's."""

    row_step: int
    window: int
    close_window: int
    contrast: int
    agreeing: float
    credible: float
    most_misfit: float

@final
class RectifySettings(_StageSettings):
    """What a place must show while it is registered."""

    near: float
    alignment_found: float

@final
class ReadSettings(_StageSettings):
    """What a place must show to be read, and how long it is tried."""

    sizes: int
    most_residual: float
    coherent: float
    convincing: float
    doubtful: float
    passes: int
    extra_passes: int
    sure: float
    hopeless: float
    noise: float
    still: float
    lost_modules: float
    corner_side: float
    corner_looks: int
    corner_sizes: int

@final
class DecoderSettings(_StageSettings):
    """How much the decoder asks for before it believes something."""

    evidence_needed: float

@final
class CascadeSettings(_StageSettings):
    """How far the cascade's search goes.

    Counts are of one round: the first one, or one that `Cascade.extend` adds. No count holds for windows that a network
    is sure of, so that none is lost among many.
    """

    whole_pixels: int
    top: int
    tile_top: int
    proposals: int
    candidates: int
    tile_candidates: float
    p_threshold: float
    r_threshold: float
    o_threshold: float
    sure: float

@final
class StageSettings:
    """Those of the stages from finder patterns to a message."""

    def __init__(
        self,
        *,
        finders: FinderSettings = ...,
        rectify: RectifySettings = ...,
        read: ReadSettings = ...,
        decode: DecoderSettings = ...,
    ) -> None: ...

# Image ------------------------------------------------------------------------------------------------------------

def area_resize(image: _Picture, height: int, width: int) -> _Picture:
    """Shrink a picture to grey pixels, each the mean of the area that it covers.

    Parameters
    ----------
    image : picture
    height, width : int
        1 to the picture's own.

    Returns
    -------
    ndarray of uint8, shape (height, width)
    """

def block_mean(image: _Picture, factor: int) -> _Picture:
    """Shrink a picture to grey pixels, each the mean of a block of whole pixels, at the speed of memory.

    Parameters
    ----------
    image : picture
    factor : int
        Side of the blocks in pixels, at least 1. Those at the right and at the bottom take what is left.

    Returns
    -------
    ndarray of uint8, shape (ceil(height / factor), ceil(width / factor))
    """

def with_light_levelled(image: _Picture, share: float) -> _Picture:
    """Take the light out: grey pixels by how many deviations of the window about them they lie from its mean.

    Parameters
    ----------
    image : picture
    share : float
        Side of the window in longer sides of the picture, above 0 and at most 1.

    Returns
    -------
    ndarray of uint8, shape (height, width)
        About 128, 50 a deviation.
    """

def image_pyramid(image: _Picture, scales: list[float], padding: int = 0) -> list[_Float32]:
    """Shrink a picture to each of the scales, every pixel the mean of the area that it covers.

    Parameters
    ----------
    image : picture
    scales : list of float
        Each above 0 and at most 1.
    padding : int
        Pixels of middle grey (0 after normalising) on each side, 0 to 1024.

    Returns
    -------
    list of ndarray of float32, shape (1, C, h, w)
        (v - 127.5) / 128; h and w are the picture's times the scale, rounded, plus the padding on both sides.
    """

# Cascade ----------------------------------------------------------------------------------------------------------

def nms(
    boxes: npt.NDArray[np.floating],
    scores: npt.NDArray[np.floating],
    threshold: float,
    mode: Literal["union", "min"] = "union",
) -> npt.NDArray[np.int64]:
    """Suppress boxes that overlap a better one by more than the threshold.

    Parameters
    ----------
    boxes : ndarray of float32, shape (N, 4)
    scores : ndarray of float32, shape (N,)
        NaN is never kept.
    threshold : float
        Of the intersection over the union, or over the smaller box.
    mode : {"union", "min"}

    Returns
    -------
    ndarray of int64, shape (K,)
        Indices of the boxes kept, best score first, equal scores in the order given.
    """

def calibrate_boxes(boxes: npt.NDArray[np.floating], offsets: npt.NDArray[np.floating]) -> _Float32:
    """Move each side of N boxes by its offset times the box's width or height; all arrays are float32 (N, 4)."""

def square_boxes(boxes: npt.NDArray[np.floating]) -> _Float32:
    """Squares about the boxes' centres with the longer side; float32 (N, 4) in and out."""

def extract_patches(image: _Picture, boxes: npt.NDArray[np.floating], size: int) -> _Float32:
    """Cut boxes out of a picture, resized to size x size.

    Shrinking averages the area that a patch pixel covers, enlarging is bilinear; outside the picture is black.

    Parameters
    ----------
    image : picture
    boxes : ndarray of float32, shape (N, 4)
        Finite, anywhere.
    size : int
        1 to 4096.

    Returns
    -------
    ndarray of float32, shape (N, C, size, size)
        (v - 127.5) / 128.
    """

def heatmap_landmarks(heatmaps: npt.NDArray[np.floating], boxes: npt.NDArray[np.floating]) -> tuple[_Float32, _Float32]:
    """Read O-Net's heat maps over its windows.

    Parameters
    ----------
    heatmaps : ndarray of float32, shape (N, 3, G, G)
        Heat of any finder pattern, of the top left one, and of the fourth point.
    boxes : ndarray of float32, shape (N, 4)
        The windows that the maps cover.

    Returns
    -------
    landmarks : ndarray of float32, shape (N, 5, 2)
        Finder centres top left, top right, bottom left (clockwise on screen about the diagonal), the fourth point, the
        centre.
    strengths : ndarray of float32, shape (N, 4)
        Heat at the first four; 0 where a point was completed from the others.
    """

def inside_quads(points: npt.NDArray[np.floating], quads: npt.NDArray[np.floating]) -> npt.NDArray[np.bool_]:
    """Tell which of K points (K, 2) lie in any of Q convex quads (Q, 4, 2), in either direction; edges count as in."""

def network_patches(view: MipMap, boxes: npt.NDArray[np.floating], size: int, tones: bool = False) -> _Float32:
    """Cut boxes out of a view as R-Net and O-Net see them, each in light of its own.

    That is the grey value less the patch's mean, 2.5 of its deviations being 1, which is as much as a value can be.

    Parameters
    ----------
    view : MipMap
    boxes : ndarray of float32, shape (N, 4)
        In the picture's pixels, finite, anywhere; 0 outside the view.
    size : int
        1 to 4096.

    Returns
    -------
    ndarray of float32, shape (N, 1, size, size)
        (v - 127.5) / 128, from the coarsest pixels of the view that show a box at `size` pixels or more.
    """

@final
class CascadeWork:
    """What the networks of one cascade have been given so far, in all rounds."""

    @property
    def pnet_pixels(self) -> int:
        """Pixels of the levels and tiles that P-Net saw, with their margins."""

    @property
    def rnet_windows(self) -> int:
        """Windows of 24 x 24 pixels."""

    @property
    def onet_windows(self) -> int:
        """Windows of 48 x 48 pixels."""

@final
class CascadeBoxes:
    """Where the cascade sees K codes, best score first."""

    def __len__(self) -> int: ...
    @property
    def boxes(self) -> _Float32:
        """x1, y1, x2, y2 in the picture's pixels; (K, 4)."""

    @property
    def scores(self) -> _Float32:
        """O-Net's probability of a code; (K,)."""

    @property
    def landmarks(self) -> _Float32:
        """Finder centres top left, top right, bottom left, the fourth point, the centre; (K, 5, 2)."""

    @property
    def strengths(self) -> _Float32:
        """Heat at the first four landmarks; (K, 4)."""

@final
class Cascade:
    """One view's levels, windows and boxes between the calls of P-, R- and O-Net; for one thread at a time.

    `next` says which network is to be run next on what. Each network also has a call that prepares its input and one
    that takes its outputs, in this order: P-Net's until nothing is left, then R-Net's and O-Net's likewise. An input is
    None where there is nothing to look at. An output of another shape than its input asks for raises ValueError.
    `extend` begins another round, on finer levels than those before.

    A level has pixels of 1, sqrt(2), 2, 2 * sqrt(2) and so on of the view's, whatever the view's size, and looks for
    codes of 12 of its pixels, up to a quarter of an octave smaller or larger. A level larger than `whole_pixels` is
    seen in tiles of 128 x 128, and only in those that show contrast along rows and along columns.
    """

    def __init__(
        self,
        view: MipMap,
        settings: CascadeSettings,
        *,
        least: float,
        most: float | None = None,
        known: npt.NDArray[np.floating] = ...,
    ) -> None:
        """Begin the first round, coarse to fine.

        Parameters
        ----------
        view : MipMap
            Of a picture or of a part of it.
        settings : CascadeSettings
        least, most : float
            Sides of the smallest and of the largest codes in the picture's pixels, above 0, as far as the view's pixels
            and its shorter side allow; by default codes as large as the view.
        known : ndarray of float32, shape (Q, 4, 2)
            Convex quads; what is centred in one of them goes no further.
        """

    def extend(self, least: float, known: npt.NDArray[np.floating] = ...) -> None:
        """Begin a round for smaller codes than before; what the rounds before gave is not given again."""

    def next(
        self, *outputs: npt.NDArray[np.floating]
    ) -> tuple[Literal["pnet", "rnet", "onet"], _Float32] | CascadeBoxes:
        """Take the outputs of the network that was asked for last, and say which is to be run next on what.

        In the end the boxes of the round are returned. The first call of a round takes nothing.
        """

    def pnet_input(self) -> _Float32 | None:
        """Next level, or up to 8 of its tiles below each other: (1, 1, h, w), in local light, 0 beyond the view.

        Of a level that is seen whole, what shows contrast along rows and along columns.
        """

    def pnet_windows(self) -> _Float32:
        """Boxes in the picture of that input's windows, row after row, (rows * columns, 4); 0 across two tiles."""

    def take_pnet(self, probability: npt.NDArray[np.floating], offsets: npt.NDArray[np.floating]) -> None:
        """Take that input's probabilities (1, 2, rows, columns) and offsets (1, 4, rows, columns)."""

    def rnet_input(self) -> _Float32 | None:
        """Next windows that were proposed, best first, (N, 1, 24, 24): until a batch shows nothing."""

    def take_rnet(self, probability: npt.NDArray[np.floating], offsets: npt.NDArray[np.floating]) -> None:
        """Take the windows' probabilities (N, 2) and offsets (N, 4)."""

    def onet_input(self) -> _Float32 | None:
        """Next windows that passed R-Net, likewise, (N, 1, 48, 48)."""

    def take_onet(
        self,
        probability: npt.NDArray[np.floating],
        offsets: npt.NDArray[np.floating],
        heat: npt.NDArray[np.floating],
    ) -> None:
        """Take the windows' probabilities (N, 2), offsets (N, 4) and heat maps (N, 3, G, G)."""

    def windows(self) -> _Float32:
        """Return the square windows that go to R-Net, or to O-Net once it was asked for, (N, 4), best first."""

    def scores(self) -> _Float32:
        """Return the probabilities that the network before gave those windows, (N,)."""

    def boxes(self) -> CascadeBoxes:
        """Return what this round's O-Net left."""

    @property
    def work(self) -> CascadeWork:
        """What the networks were given so far."""

# Rectify ----------------------------------------------------------------------------------------------------------

@final
class MipMap:
    """A part of a picture in grey, with its halves, quarters and so on, for many looks at one place."""

    def __init__(self, image: _Picture, box: npt.ArrayLike, factor: int = 1) -> None:
        """Make the map of a box (4,), which must overlap the picture; the picture is not kept.

        Its finest pixels are the means of factor x factor of the picture's. Looked at beyond the box, the map shows
        the box's mean.
        """

    def with_light_levelled(self, share: float, box: npt.ArrayLike | None = None) -> MipMap:
        """Make a map as `with_light_levelled` shows it, finest at some 900 pixels, of a box (4,) within or of all."""

def homography(source: npt.ArrayLike, target: npt.ArrayLike) -> _Float64:
    """Least-squares homography of K >= 4 point pairs.

    Parameters
    ----------
    source, target : ndarray of float64, shape (K, 2)
        Finite; neither on a line.

    Returns
    -------
    ndarray of float64, shape (3, 3)
        Maps source to target, acting on columns (x, y, 1).
    """

def homography_lattice(homography: npt.NDArray[np.floating], size: int, margin: int = 2) -> _Float32:
    """Image coordinates of the module corners of a symbol and a margin about it.

    Returns
    -------
    ndarray of float32, shape (S + 1, S + 1, 2)
        With S = size + 2 * margin; node (i, j) belongs to symbol coordinates (j - margin, i - margin).
    """

def resample_lattice(image: _Looked, nodes: npt.NDArray[np.floating], pixels_per_module: int = 4) -> _Float32:
    """Grey picture of a lattice's cells.

    Parameters
    ----------
    image : picture or MipMap
    nodes : ndarray of float32, shape (S + 1, S + 1, 2)
        Corners of the cells in the picture.
    pixels_per_module : int
        1 to 64.

    Returns
    -------
    ndarray of float32, shape (S * pixels_per_module, S * pixels_per_module)
        0 to 255; does not alias where the lattice is coarser than the picture.
    """

def warp(image: _Looked, homography: npt.NDArray[np.floating], height: int, width: int) -> _Float32:
    """Grey picture, float32 (height, width), whose coordinates the homography maps into the image."""

def warp_patches(image: _Looked, homographies: npt.NDArray[np.floating], size: int) -> _Float32:
    """Patches of M maps (M, 3, 3) from the unit square to the image: float32 (M, 1, size, size) in -1..1, in own light.

    Each patch's mean is 0, and 1 is 2.5 of its deviations; what lies farther is cut.
    """

LOCAL_CELLS: int  # modules along a side of the window by which a patch is normalised: the DenseNet's training crops

def normalise_patch(patch: npt.NDArray[np.floating], cells: int) -> _Float32:
    """Bring a straightened patch to mean 0 and deviation 1: the one normalisation for training and for reading.

    Parameters
    ----------
    patch : ndarray of float32, shape (P, P)
        Grey values.
    cells : int
        Modules along a side, the margin included; P is a multiple of it. Up to `LOCAL_CELLS` the whole patch is one
        window; above, each pixel is normalised by the window around it, since light falls unevenly over a large symbol.

    Returns
    -------
    ndarray of float32, shape (P, P)
    """

def fit_sizes(corners: npt.NDArray[np.floating], top: int = 5) -> tuple[npt.NDArray[np.int32], _Float64, _Float64]:
    """Sizes for which the corners of three finder patterns fit one homography.

    Parameters
    ----------
    corners : ndarray of float64, shape (3, 4, 2)
        Outer corners of the finder patterns top left, top right, bottom left, each clockwise from the symbol's top
        left.
    top : int
        At most so many sizes.

    Returns
    -------
    sizes : ndarray of int32, shape (K,)
        In modules, best fit first.
    homographies : ndarray of float64, shape (K, 3, 3)
        Symbol to image.
    residuals : ndarray of float64, shape (K,)
        Root mean square distance of the corners, in modules.
    """

def refine_homography(
    image: _Looked, homography: npt.NDArray[np.floating], size: int
) -> tuple[_Float64, float, Literal[-1, 1]]:
    """Refine a map from symbol to image on the patterns that every symbol of the size shows.

    Returns
    -------
    homography : ndarray of float64, shape (3, 3)
    score : float
        Mean correlation of the patterns, up to 1.
    polarity : int
        1 for dark on light, -1 for light on dark.
    """

def pattern_score(image: _Looked, homography: npt.NDArray[np.floating], size: int) -> float:
    """How well the patterns of a size agree with the picture under a map as it stands, up to 1."""

def rank_frames(
    image: _Looked, square: npt.NDArray[np.floating], inset: float, top: int = 6
) -> tuple[npt.NDArray[np.int32], _Float64, _Float64]:
    """Try all turns and sizes of a symbol whose square is known.

    Parameters
    ----------
    image : picture or MipMap
    square : ndarray of float64, shape (4, 2)
        Clockwise from any corner.
    inset : float
        Modules by which the corners lie inside the symbol's: 0 for outer corners, 3.5 for finder centres.
    top : int
        At most so many.

    Returns
    -------
    sizes : ndarray of int32, shape (K,)
        Best agreement first.
    homographies : ndarray of float64, shape (K, 3, 3)
        Symbol to image.
    scores : ndarray of float64, shape (K,)
    """

def displace_lattice(
    nodes: npt.NDArray[np.floating],
    displacement: npt.NDArray[np.floating],
    log_error: npt.NDArray[np.floating],
    degree: int,
) -> _Float32:
    """Move a lattice by a smooth field fitted to what is known of each cell.

    Parameters
    ----------
    nodes : ndarray of float32, shape (S + 1, S + 1, 2)
    displacement : ndarray of float32, shape (2, S, S)
        x and y in modules; NaN for cells of which nothing is known.
    log_error : ndarray of float32, shape (S, S)
        Logarithm of the displacement's expected error in modules.
    degree : int
        Total degree of the polynomial, 0 to 4; above 4 what it leaves is followed too, smoothed over some modules.

    Returns
    -------
    ndarray of float32, shape (S + 1, S + 1, 2)
    """

def bend_lattice(
    image: _Looked,
    homography: npt.NDArray[np.floating],
    size: int,
    margin: int = 2,
    corners: npt.NDArray[np.floating] | None = None,
) -> tuple[_Float32, float]:
    """Lattice for paper that is rolled about a cylinder, registered on finder and timing patterns.

    Parameters
    ----------
    corners : ndarray of float64, shape (3, 4, 2), optional
        Of the finder patterns, as `fit_sizes` takes them; by default where the homography has them.

    Returns
    -------
    nodes : ndarray of float32, shape (S + 1, S + 1, 2)
        With S = size + 2 * margin.
    largest : float
        How far the bend moves a place of the symbol, in modules.
    """

def grow_anchors(
    image: _Looked, homography: npt.NDArray[np.floating], size: int, margin: int = 2
) -> tuple[_Float32, int, float]:
    """Lattice for paper that is not flat, held by the alignment patterns that are found.

    Returns
    -------
    nodes : ndarray of float32, shape (S + 1, S + 1, 2)
        With S = size + 2 * margin.
    found : int
        Alignment patterns found.
    agreement : float
        Their mean correlation.
    """

# Symbol -----------------------------------------------------------------------------------------------------------

@final
class SymbolRecord:
    """What the decoder read, before text is made of it, and where; its arrays are read-only."""

    @property
    def quad(self) -> _Float32 | None:
        """Outer corners (4, 2) as of `SymbolReading`; None for a symbol that was not read from a picture."""

    @property
    def landmarks(self) -> _Float32 | None:
        """Landmarks (5, 2) as of `SymbolReading`, or None."""

    @property
    def inverted(self) -> bool:
        """Whether the symbol is light on dark; False for one that was not read from a picture."""

    @property
    def version(self) -> int:
        """1 to 40."""

    @property
    def model(self) -> Literal[1, 2]:
        """1 or 2; of Model 1 versions 1 to 14."""

    @property
    def ec_level(self) -> Literal["L", "M", "Q", "H"]:
        """Error correction level."""

    @property
    def mask(self) -> int:
        """Data mask, 0 to 7."""

    @property
    def segments(
        self,
    ) -> list[tuple[Literal["numeric", "alphanumeric", "byte", "kanji", "hanzi"], int | None, bytes]]:
        """Mode, ECI assignment number in force or None, bytes."""

    @property
    def structured_append(self) -> tuple[int, int, int] | None:
        """Index from 0, total, parity."""

    @property
    def fnc1(self) -> Literal["first", "second"] | None:
        """Position of FNC1."""

    @property
    def application_indicator(self) -> int | None:
        """With FNC1 in second position: 0 to 99, or a letter's code plus 100."""

    @property
    def padding_conforms(self) -> bool:
        """Whether the codewords after the message are the standard's padding."""

    @property
    def corrected_codewords(self) -> int:
        """Codewords that were read wrong."""

    @property
    def erased_codewords(self) -> int:
        """Codewords that were not relied on."""

    @property
    def mended_codewords(self) -> list[int]:
        """Both, by their places in the symbol's sequence, ascending."""

    @property
    def mirrored(self) -> bool:
        """Whether the transposed modules were read."""

    @property
    def modules(self) -> npt.NDArray[np.bool_]:
        """The corrected symbol, bool (N, N), True for dark, never mirrored."""

    @property
    def confidence(self) -> float:
        """0 to 1."""

def decode_modules(
    probabilities: npt.NDArray[np.generic],
    *,
    try_mirrored: bool = True,
    soft: bool = True,
    settings: DecoderSettings = ...,
) -> SymbolRecord | None:
    """Decode a symbol.

    Parameters
    ----------
    probabilities : ndarray of float32, shape (N, N)
        Of dark; NaN and 0.5 say that nothing is known of a module.
    try_mirrored : bool
        Read the transposed modules too.
    soft : bool
        Go past the standard's correction where the probabilities vouch for it.
    settings : DecoderSettings

    Returns
    -------
    SymbolRecord or None
        None when the error correction vouches for nothing, or for two different things.
    """

def recognition_evidence(known: SymbolRecord, probabilities: npt.NDArray[np.floating]) -> float:
    """Tell how far modules speak for a symbol that is known already, and against every other message in its place.

    Parameters
    ----------
    known : SymbolRecord
    probabilities : ndarray of float32, shape (N, N)
        Of dark, of the known symbol's size, as seen: of a mirrored symbol they are mirrored. NaN says nothing.

    Returns
    -------
    float
        In bits: log2 of the likelihood of the known codewords over that of other ones, of those codewords that another
        message may differ in and that speak least for the known one; of the block that speaks least.
    """

def version_named(probabilities: npt.NDArray[np.floating]) -> int | None:
    """Version that the version information among N x N probabilities names beyond doubt, or None."""

def function_patterns(size: int, model: int = 2) -> npt.NDArray[np.int8]:
    """Modules that all symbols of a size and model share, int8 (size, size): 1 dark, -1 light, 0 not fixed."""

def codeword_placement(size: int, model: int = 2) -> npt.NDArray[np.int32]:
    """Modules in the order in which the codewords' bits fill them, (M, 2) rows and columns, eight a codeword.

    In Model 1 the first four are those of the pattern in the corner.
    """

def alignment_centres(size: int) -> list[int]:
    """Row and column indices of the alignment patterns' centres, ascending."""

# Read -------------------------------------------------------------------------------------------------------------

def is_read(quads: npt.NDArray[np.floating], quad: npt.NDArray[np.floating]) -> bool:
    """Tell whether a symbol (4, 2) is one of those that were read (Q, 4, 2).

    It is where it lies in the same place and neither lies within the other, with its own quiet zone.
    """

def read_levels(image: MipMap, nodes: npt.NDArray[np.floating], size: int, inverted: bool) -> SymbolRecord | None:
    """Read a lattice by its grey levels alone: what a clean picture needs no network for.

    Parameters
    ----------
    image : MipMap
    nodes : ndarray of float32, shape (S + 1, S + 1, 2)
        Corners of the cells in the picture, of the symbol's modules and the same margin on every side.
    size : int
        17 + 4 * version.
    inverted : bool
        Whether the symbol is light on dark.

    Returns
    -------
    SymbolRecord or None
        None where nothing is read.
    """

def module_probabilities(image: MipMap, nodes: npt.NDArray[np.floating], size: int, inverted: bool) -> _Float32 | None:
    """Give the probability of dark of each module, (size, size), by its grey value alone; parameters as `read_levels`.

    None where the function patterns show no contrast.
    """

class SymbolReading:
    """A decoded symbol and the lattice that it was read on."""

    def __init__(self, record: SymbolRecord, nodes: npt.NDArray[np.floating], size: int, inverted: bool) -> None: ...
    @property
    def record(self) -> SymbolRecord:
        """Copy of what was read and where, without the lattice."""

    @property
    def size(self) -> int:
        """17 + 4 * version."""

    @property
    def inverted(self) -> bool:
        """Whether the symbol is light on dark."""

    @property
    def recognised(self) -> bool:
        """Whether its modules were not decoded, but speak for a symbol that was known already."""

    @property
    def nodes(self) -> _Float32:
        """Corners of the modules in the picture, of the symbol's and a margin's, (S + 1, S + 1, 2)."""

    @property
    def quad(self) -> _Float32:
        """Outer corners (4, 2): top left, top right, bottom right, bottom left of the symbol as it is read."""

    @property
    def landmarks(self) -> _Float32:
        """Centres (5, 2) of the finder patterns, the point that completes their square, and the symbol's centre."""

class Place:
    """Where a symbol of a size may be, and how well its function patterns are seen there."""

    def __init__(
        self, homography: npt.NDArray[np.floating], size: int, score: float = 0.0, inverted: bool = False
    ) -> None: ...
    @property
    def homography(self) -> _Float64:
        """From symbol to picture, (3, 3)."""

    @property
    def size(self) -> int:
        """17 + 4 * version."""

    @property
    def score(self) -> float:
        """How well the function patterns agree, up to 1."""

    @property
    def inverted(self) -> bool:
        """Whether it is light on dark."""

    def corners(self) -> _Float64:
        """Outer corners in the picture, (4, 2), clockwise from the symbol's top left."""

class PassEvent:
    """What became of one pass over one lattice."""

    @property
    def grid(self) -> Literal["straight", "bent", "grown"]:
        """How the lattice came about."""

    @property
    def size(self) -> int:
        """Modules a side that were looked for."""

    @property
    def number(self) -> int:
        """Of the pass over this lattice, from 0."""

    @property
    def certainty(self) -> float | None:
        """Of the network's modules, 0 to 1; None where it was not asked."""

    @property
    def outcome(self) -> str:
        """Say it in words.

        "read by grey values", "read by the network", "recognised", "too uncertain", "too many errors", "no message"
        (sure modules that stay in place and do not decode), "no grid", "out of allowance" or "version n named".
        """

class GridReader:
    """Reads one place with the DenseNet, which the caller runs; what is between two passes stays inside.

    Lattices come in the order of their likelihood. Each is tried by its grey values before the network is asked,
    decoded from the network's probabilities, and moved by its displacements. Where the modules name another version,
    that size is read in place of the first. It belongs to one thread at a time.

    Examples
    --------
    >>> while (inputs := reader.next_inputs()) is not None:  # doctest: +SKIP
    ...     reader.take(*densenet(*inputs))
    >>> reader.reading  # doctest: +SKIP
    """

    MARGIN: int  # modules around the symbol that the DenseNet sees: the quiet zone, or what stands in its place
    PIXELS: int  # samples a module that it sees, along each axis

    def __init__(
        self,
        image: MipMap,
        place: Place,
        effort: Literal["quick", "thorough"] = "thorough",
        settings: StageSettings = ...,
        known: Sequence[SymbolRecord] = (),
    ) -> None:
        """Begin with a place.

        Parameters
        ----------
        image : MipMap
        place : Place
        effort : {"thorough", "quick"}
            "quick" looks at the likeliest lattice alone and moves it once.
        settings : StageSettings
        known : sequence of SymbolRecord
            Symbols of earlier pictures. One for which the modules speak is the reading, by as many bits as a decoder
            asks for and against every other message, where they do not decode within what the standard guarantees.
        """

    def next_inputs(self, exhausted: bool = False) -> tuple[_Float32, _Float32] | None:
        """Give what the network is to see next.

        Parameters
        ----------
        exhausted : bool
            Whether the caller's allowance is used up: nothing further is begun. The first lattice always is.

        Returns
        -------
        patch : ndarray of float32, shape (1, 1, P, P)
            Grey, normalised, dark on light, `PIXELS` samples a cell.
        template : ndarray of float32, shape (1, 2, S, S)
            What is known of a symbol of the size before it is read: its function patterns (1 dark, -1 light, 0 not
            fixed), and where it is (1, 0 in the margin).

        None instead of both once the symbol is read or nothing is left to try.
        """

    def take(self, logits: npt.NDArray[np.floating], displacement: npt.NDArray[np.floating]) -> None:
        """Take what the network says of the last patch.

        Parameters
        ----------
        logits : ndarray of float32, shape (1, 1, S, S)
            Log-odds of dark, S cells along a side of the patch.
        displacement : ndarray of float32, shape (1, 3, S, S)
            x and y in modules, and the logarithm of their expected error.
        """

    @property
    def reading(self) -> SymbolReading | None:
        """What was read."""

    @property
    def has_no_message(self) -> bool:
        """Whether a place that convinces has sure modules that stay in place and do not decode."""

    @property
    def events(self) -> list[PassEvent]:
        """What became of each pass, in their order."""

    @property
    def size(self) -> int:
        """Modules a side, as looked for last."""

    @property
    def nodes(self) -> _Float32 | None:
        """Copy of the last lattice, (S + 1, S + 1, 2); None before there is one."""

    @property
    def probabilities(self) -> _Float32 | None:
        """Copy of the last probabilities of dark, N x N; None before the network was asked."""

    @property
    def work(self) -> int:
        """Grey values visited so far."""

class SeenCorners:
    """What L-Net saw at the four corners of a rough square."""

    def __init__(self, finder: npt.NDArray[np.floating], corners: npt.NDArray[np.floating]) -> None: ...
    @property
    def finder(self) -> _Float32:
        """Probability of a finder pattern at each corner, (4,)."""

    @property
    def corners(self) -> _Float64:
        """Outer corners of the finder pattern at each, (4, 4, 2), clockwise from the one at the square's top left."""

    def reached_by(self, count: int) -> float:
        """Give the probability that `count` of the four corners reach, 1 to 4."""

class CornerFinder:
    """Looks with L-Net, which the caller runs, at the four corners of a rough square, and once more from near.

    Where that shows fewer than three finder patterns, further rounds look closer at where the square then is.

    Examples
    --------
    >>> outputs = []  # doctest: +SKIP
    >>> while (patches := finder.next_patches(*outputs)) is not None:  # doctest: +SKIP
    ...     outputs = lnet(patches)
    >>> finder.seen  # doctest: +SKIP
    """

    def __init__(
        self,
        image: MipMap,
        square: npt.NDArray[np.floating],
        settings: StageSettings = ...,
        rounds: int = 1,
        known: SeenCorners | None = None,
    ) -> None:
        """Begin with a square (4, 2): centres of three finder patterns and the fourth point, clockwise from any.

        `known` is what the first round saw, where it was gone through before.
        """

    def next_patches(
        self, probabilities: npt.NDArray[np.floating] | None = None, corners: npt.NDArray[np.floating] | None = None
    ) -> _Float32 | None:
        """Take what the network says of the last patches, and give what it is to see next.

        Parameters
        ----------
        probabilities : ndarray of float32, shape (4, 1)
            Of a finder pattern; None in the first call, as `corners`.
        corners : ndarray of float32, shape (4, 8)
            Its corners, x and y in sides of the patch.

        Returns
        -------
        ndarray of float32, shape (4, 1, 24, 24), or None
            None once the corners are seen.
        """

    @property
    def seen(self) -> SeenCorners:
        """What was seen; probabilities are 0 where the square is all but a line."""

class RankedPlaces:
    """Places worth reading, registered only as they are asked for: the convincing ones first, then the best others."""

    def __iter__(self) -> RankedPlaces: ...
    def __next__(self) -> Place: ...

class TriedPlaces:
    """The places that were read so far, so that none is read twice."""

    def __init__(self, same: float) -> None:
        """Take places of one size and polarity for the same whose corners lie within so many modules of each other."""

    def add(self, place: Place, light: str, effort: Literal["quick", "thorough"]) -> bool:
        """Remember a place that is to be read; tell whether none all but the same was, in that light with that effort.

        What was read thoroughly need not be read quickly.
        """

def places_by_corners(
    image: MipMap,
    seen: SeenCorners,
    least: float,
    rolled: bool = False,
    settings: StageSettings = ...,
    turns: int = 2,
) -> RankedPlaces:
    """Give places of a square's turns whose finder patterns all have a probability of `least`, likeliest first.

    With `rolled` also on paper that is rolled so much that no homography has them. The likeliest `turns` are taken, 1
    to 4 at most.
    """

def places_by_pairs(image: MipMap, seen: SeenCorners, least: float, settings: StageSettings = ...) -> RankedPlaces:
    """Give places of symbols of which two finder patterns have a probability of `least`, and no third one is needed.

    Each pattern is registered by itself; their distance in modules tells the size, their corners the map.
    """

def places_by_correlation(
    image: MipMap,
    square: npt.NDArray[np.floating],
    inset: float,
    seems: float | None = None,
    settings: StageSettings = ...,
) -> RankedPlaces:
    """Give places of all turns and sizes of a square (4, 2) whose corners lie `inset` modules inside the symbol's.

    Sizes far from the modules a side that it `seems` to have are left out.
    """

class FinderSearch:
    """What a search by finder patterns found."""

    @property
    def view(self) -> MipMap:
        """The pixels that were searched, for what is to look at them next."""

    @property
    def readings(self) -> list[SymbolReading]:
        """What was read."""

    @property
    def all_read(self) -> bool:
        """Whether something was read, and nothing else shows that it might be a symbol or a part of one."""

    @property
    def records(self) -> list[SymbolRecord]:
        """What was read, from top to bottom, then from left to right, by the centres."""

    @property
    def unread(self) -> list[Place]:
        """Places that look like a symbol and did not decode, best first."""

    @property
    def ungrouped(self) -> _Float64:
        """Outer corners (K, 4, 2), clockwise from anywhere, of credible finder patterns outside what was read."""

    @property
    def credible(self) -> _Float64:
        """The same of all finder patterns that are credible or part of what was read."""

    @property
    def work(self) -> int:
        """Grey values visited that led to no symbol."""

    @property
    def blank(self) -> bool:
        """Whether the pixels were searched no further, because nothing shows."""

    @property
    def exhausted(self) -> bool:
        """Whether the allowance of work or time ended the search."""

def search_finder_patterns(
    image: _Looked,
    most: int = 1 << 30,
    work: float = 1e15,
    milliseconds: float = ...,
    again: bool = True,
    settings: StageSettings = ...,
    blank_too: bool = True,
) -> FinderSearch:
    """Read what shows its three finder patterns, of any size from the picture's own pixels upwards, without networks.

    Parameters
    ----------
    image : picture or MipMap
        A picture is searched as its whole mip map is.
    most : int
        Ends after so many symbols, at least 1.
    work : float
        Grey values that may be visited, beyond the pixels themselves, for what leads to no symbol.
    milliseconds : float
        Begins nothing new after so many; without end where it is not given.
    again : bool
        Where something is missing, search the pixels again with ink judged by what is near alone, and enlarged, which
        costs five times as much.
    settings : StageSettings
    blank_too : bool
        Whether that is done as well where nothing is read and no finder pattern of a symbol shows; otherwise such
        pixels are searched again with ink judged by what is near alone, and no further.

    Returns
    -------
    FinderSearch
    """
