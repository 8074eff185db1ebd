"""From points to a straightened symbol: homographies, resampling, lattices, sizes, registration, anchors."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from conftest import Picture, code_modules, code_picture, place, quad_of, strided_views, symbol_quad
from fastqr import _core
from rolled_drawing import rolled

Array = npt.NDArray[np.float64]
SQUARE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float64)


def mapped(homography: npt.ArrayLike, points: npt.ArrayLike) -> Array:
    return cv2.perspectiveTransform(np.asarray(points, np.float64).reshape(-1, 1, 2), np.asarray(homography))[:, 0]


def random_homography(rng: np.random.Generator, size: float, *, side: float = 300, tilt: float = 0.2) -> Array:
    """From a square of a size to a turned and tilted quadrilateral of about `side` pixels."""
    quad = quad_of((200, 200), side, degrees=float(rng.uniform(0, 360)))
    quad += rng.uniform(-tilt, tilt, (4, 2)) * side / 2
    return cv2.getPerspectiveTransform((SQUARE * size).astype(np.float32), quad.astype(np.float32))


def smooth_picture(height: int, width: int, channels: int = 1) -> Picture:
    noise = np.random.default_rng(3).normal(0, 1, (height, width, channels))
    smooth = cv2.GaussianBlur(noise, (0, 0), 4).reshape(height, width, channels)
    return np.clip(smooth / smooth.std() * 45 + 128, 0, 255).astype(np.uint8).squeeze()


# Homographies -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_four_points_give_the_map_that_opencv_gives(seed: int) -> None:
    rng = np.random.default_rng(seed)
    source = SQUARE * 100 + rng.uniform(-25, 25, (4, 2))
    target = SQUARE * 40 + rng.uniform(-10, 10, (4, 2)) + 1000
    expected = cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32))
    got = _core.homography(source, target)
    assert (got.dtype, got.shape) == (np.float64, (3, 3))
    np.testing.assert_allclose(mapped(got, source), target, atol=1e-6)
    inside = rng.uniform(20, 80, (50, 2))
    np.testing.assert_allclose(mapped(got, inside), mapped(expected, inside), atol=1e-3)


@pytest.mark.parametrize("seed", range(10))
def test_many_noisy_points_give_the_least_squares_map(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = random_homography(rng, 50)
    source = rng.uniform(0, 50, (40, 2))
    target = mapped(truth, source) + rng.normal(0, 1.5, (40, 2))
    expected, _ = cv2.findHomography(source, target, 0)  # least squares, polished by Levenberg and Marquardt
    got = _core.homography(source, target)
    squares = [np.square(mapped(h, source) - target).sum() for h in (got, expected)]
    assert squares[0] <= squares[1] * 1.001
    inside = rng.uniform(5, 45, (50, 2))
    np.testing.assert_allclose(mapped(got, inside), mapped(expected, inside), atol=0.05)
    assert np.abs(mapped(got, inside) - mapped(truth, inside)).max() < 3


def test_units_and_places_of_points_do_not_matter() -> None:
    rng = np.random.default_rng(0)
    source, target = rng.uniform(0, 1, (8, 2)), rng.uniform(0, 1, (8, 2)) * 0.1 + rng.uniform(0, 1, (8, 2))
    near = mapped(_core.homography(source, target), source)
    far = mapped(_core.homography(source * 1e4 + 1e6, target * 1e-3 - 50), source * 1e4 + 1e6)
    np.testing.assert_allclose((far + 50) * 1e3, near, atol=1e-3)


@pytest.mark.parametrize(
    "points",
    [
        pytest.param([[0, 0], [1, 1], [2, 2], [3, 3]], id="on a line"),
        pytest.param([[5, 5], [5, 5], [5, 5], [5, 5]], id="all the same"),
        pytest.param([[0, 0], [1, 0], [1, 0], [0, 0]], id="two places"),
    ],
)
def test_points_that_span_no_area_determine_no_map(points: list[list[float]]) -> None:
    with pytest.raises(ValueError, match="must span an area"):
        _core.homography(points, SQUARE)
    with pytest.raises(ValueError, match="must span an area"):
        _core.homography(points, points)


def test_three_points_of_four_on_a_line_determine_no_map() -> None:
    with pytest.raises(ValueError, match="must span an area"):
        _core.homography([[0, 0], [1, 0], [2, 0], [0, 1]], SQUARE)


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        (SQUARE[:3], SQUARE[:3], "4 or more points"),
        (SQUARE, SQUARE[:3], "the same number"),
        (SQUARE * np.array([np.nan, 1]), SQUARE, "source must be finite"),
        (SQUARE, np.where(SQUARE == 1, np.inf, SQUARE), "target must be finite"),
        (SQUARE.ravel(), SQUARE, r"source must have shape \(K, 2\), got \(8,\)"),
        (SQUARE, np.zeros((4, 3)), r"target must have shape \(K, 2\), got \(4, 3\)"),
    ],
)
def test_points_that_cannot_be_meant_are_named(source: Array, target: Array, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _core.homography(source, target)


# Resampling -------------------------------------------------------------------------------------------------------


def opencv_warp(picture: Picture, homography: Array, height: int, width: int) -> Array:
    """What `_core.warp` promises, by OpenCV, whose coordinates count from the first pixel's centre."""
    to_centres = np.array([[1, 0, -0.5], [0, 1, -0.5], [0, 0, 1]])
    about_centres = to_centres @ homography @ np.linalg.inv(to_centres)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpPerspective(
        picture.astype(np.float32), about_centres, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )


@pytest.mark.parametrize("seed", range(6))
def test_warping_is_bilinear_and_shows_the_mean_beyond_the_edge(seed: int) -> None:
    picture = smooth_picture(400, 400)
    homography = random_homography(np.random.default_rng(seed), 500, side=380)
    got = _core.warp(picture, homography, 500, 500)
    assert (got.dtype, got.shape) == (np.float32, (500, 500))
    row, column = np.mgrid[:500, :500] + 0.5
    at = mapped(homography, np.stack([column, row], -1)).reshape(500, 500, 2)
    beyond = np.maximum(-at, at - 400).max(-1)  # pixels from the picture's edge
    expected = opencv_warp(picture, homography, 500, 500)
    np.testing.assert_allclose(got[beyond < 0], expected[beyond < 0], atol=1.0)
    np.testing.assert_allclose(got[beyond > 0.6], picture.mean(), atol=0.5)
    assert 0.5 < (beyond < 0).mean() <= 1


def test_the_identity_returns_the_picture() -> None:
    picture = smooth_picture(40, 60)
    np.testing.assert_allclose(_core.warp(picture, np.eye(3), 40, 60), picture, atol=1e-4)


def test_bgr_is_warped_as_grey() -> None:
    picture = smooth_picture(80, 80, 3)
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    homography = random_homography(np.random.default_rng(1), 50, side=60)
    np.testing.assert_allclose(
        _core.warp(picture, homography, 50, 50), _core.warp(grey, homography, 50, 50), atol=1.001
    )


def test_strides_do_not_matter_to_resampling() -> None:
    picture = smooth_picture(90, 70, 3)
    homography = random_homography(np.random.default_rng(2), 21, side=50)
    nodes = _core.homography_lattice(homography, 21)
    for name, view in strided_views(picture).items():
        np.testing.assert_array_equal(
            _core.warp(view, homography, 30, 30), _core.warp(picture, homography, 30, 30), name
        )
        np.testing.assert_array_equal(_core.resample_lattice(view, nodes), _core.resample_lattice(picture, nodes), name)


@pytest.mark.parametrize("factor", [2, 3, 5, 8])
def test_shrinking_averages_instead_of_aliasing(factor: int) -> None:
    rng = np.random.default_rng(4)
    picture = rng.integers(0, 256, (40 * factor, 40 * factor), np.uint8)
    expected = cv2.resize(picture.astype(np.float32), (40, 40), interpolation=cv2.INTER_AREA)
    got = _core.warp(picture, np.diag([factor, factor, 1.0]), 40, 40)
    spread = expected.std()
    # Halving and interpolating is not quite the mean, and a level's pixel may be a third larger than a sample; one look
    # a pixel would differ by `factor` times the spread.
    assert (got - expected).std() < 0.9 * spread


def test_fine_stripes_vanish_when_shrinking() -> None:
    stripes = np.where(np.arange(400) % 2, 255, 0).astype(np.uint8) * np.ones((400, 1), np.uint8)
    inside = _core.warp(stripes, np.diag([4.0, 4.0, 1.0]), 100, 100)[:, 1:-1]
    assert np.abs(inside - 127.5).max() < 20
    nodes = _core.homography_lattice(np.diag([16.0, 16.0, 1.0]), 21, 0)
    assert np.abs(_core.resample_lattice(stripes, nodes, 4)[:, 1:-1] - 127.5).max() < 20


def test_patches_of_unit_squares_are_warps_in_light_of_their_own() -> None:
    picture = smooth_picture(200, 200)
    rng = np.random.default_rng(5)
    maps = np.stack([random_homography(rng, 1, side=40) for _ in range(3)])
    patches = _core.warp_patches(picture, maps, 24)
    assert (patches.dtype, patches.shape) == (np.float32, (3, 1, 24, 24))
    for patch, unit_to_picture in zip(patches, maps, strict=True):
        expected = _core.warp(picture, unit_to_picture @ np.diag([1 / 24, 1 / 24, 1.0]), 24, 24)
        in_light = np.clip((expected - expected.mean()) / (2.5 * expected.std()), -1, 1)
        np.testing.assert_allclose(patch[0], in_light, atol=1e-4)
    dim = _core.warp_patches((picture // 4).astype(np.uint8), maps, 24)
    assert np.abs(dim - patches).mean() < 0.02
    assert _core.warp_patches(picture, np.zeros((0, 3, 3)), 24).shape == (0, 1, 24, 24)


@pytest.mark.parametrize(
    "homography", [np.zeros((3, 3)), np.array([[1, 0, 0], [0, 1, 0], [1, 1, -5.0]]), np.eye(3) * 1e300]
)
def test_maps_to_infinity_read_the_border(homography: Array) -> None:
    picture = smooth_picture(30, 30)
    got = _core.warp(picture, homography, 12, 12)
    assert picture.min() <= got.min() <= got.max() <= picture.max()


def test_resampling_names_the_argument_that_is_wrong() -> None:
    picture, nodes = smooth_picture(30, 30), _core.homography_lattice(np.eye(3), 21)
    with pytest.raises(ValueError, match="image must have pixels"):
        _core.warp(np.zeros((0, 5), np.uint8), np.eye(3), 5, 5)
    with pytest.raises(ValueError, match=r"homography must have shape \(3, 3\), got \(2, 3\)"):
        _core.warp(picture, np.eye(3)[:2], 5, 5)
    with pytest.raises(ValueError, match="homography must be finite"):
        _core.warp(picture, np.full((3, 3), np.nan), 5, 5)
    with pytest.raises(ValueError, match="height and width must be 1 to 16384"):
        _core.warp(picture, np.eye(3), 0, 5)
    with pytest.raises(ValueError, match=r"nodes must have shape \(S \+ 1, S \+ 1, 2\)"):
        _core.resample_lattice(picture, nodes[:, :-1])
    with pytest.raises(ValueError, match="nodes must be finite"):
        _core.resample_lattice(picture, np.full_like(nodes, np.nan))
    with pytest.raises(ValueError, match="pixels_per_module must be 1 to 64"):
        _core.resample_lattice(picture, nodes, 0)
    with pytest.raises(ValueError, match=r"homographies must have shape \(M, 3, 3\)"):
        _core.warp_patches(picture, np.eye(3), 24)


# Lattices ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "margin"), [(21, 2), (45, 0), (177, 2), (1, 64)])
def test_a_lattice_holds_the_corners_of_all_modules(size: int, margin: int) -> None:
    homography = random_homography(np.random.default_rng(size), size)
    nodes = _core.homography_lattice(homography, size, margin)
    side = size + 2 * margin + 1
    assert (nodes.dtype, nodes.shape) == (np.float32, (side, side, 2))
    row, column = np.mgrid[:side, :side] - margin
    expected = mapped(homography, np.stack([column, row], -1).astype(float)).reshape(side, side, 2)
    np.testing.assert_allclose(nodes, expected, rtol=1e-5, atol=1e-3)


def test_a_lattice_is_resampled_as_the_homography_that_made_it() -> None:
    picture = smooth_picture(400, 400)
    size = 25
    homography = random_homography(np.random.default_rng(6), size, side=100)
    got = _core.resample_lattice(picture, _core.homography_lattice(homography, size, 0), 4)
    expected = opencv_warp(picture, homography @ np.diag([0.25, 0.25, 1.0]), 4 * size, 4 * size)
    # Positions are bilinear within a module, which misses the perspective by a hundredth of a pixel.
    np.testing.assert_allclose(got, expected, atol=1.5)


def test_a_lattice_may_be_curved() -> None:
    picture = smooth_picture(300, 300)
    y, x = np.mgrid[:22, :22].astype(np.float32)
    nodes = np.stack([30 + 10 * x + 8 * np.sin(y / 4), 30 + 10 * y + 8 * np.sin(x / 5)], -1)
    at = (np.arange(84) + 0.5) / 4
    got = _core.resample_lattice(picture, nodes, 4)
    fx, fy = np.meshgrid(at, at)
    places = np.stack([30 + 10 * fx + 8 * np.sin(fy / 4), 30 + 10 * fy + 8 * np.sin(fx / 5)], -1) - 0.5
    expected = cv2.remap(
        picture, places[..., 0].astype(np.float32), places[..., 1].astype(np.float32), cv2.INTER_LINEAR
    )
    assert np.abs(got - expected).mean() < 1.5


@pytest.mark.parametrize(("size", "margin"), [(0, 2), (178, 2), (21, -1), (21, 65)])
def test_lattices_have_bounds(size: int, margin: int) -> None:
    with pytest.raises(ValueError, match="size must be" if margin == 2 else "margin must be"):
        _core.homography_lattice(np.eye(3), size, margin)


# Displacement -----------------------------------------------------------------------------------------------------


def moved_by(degree: int, places: Array, side: int, seed: int) -> Array:
    """A polynomial displacement of at most about 1.5 modules at places in cells of a lattice of a side."""
    rng = np.random.default_rng(seed)
    x, y = (2 * places / side - 1).T
    terms = np.stack([x**i * y**j for i in range(degree + 1) for j in range(degree + 1 - i)])
    return (terms.T @ rng.uniform(-1, 1, (len(terms), 2))) * 1.5 / len(terms)


def cell_centres(side: int) -> Array:
    row, column = np.mgrid[:side, :side] + 0.5
    return np.stack([column.ravel(), row.ravel()], 1)


@pytest.mark.parametrize("degree", [1, 2, 4])
def test_a_smooth_displacement_is_recovered_from_noisy_cells_with_outliers(degree: int) -> None:
    size, pitch = 41, 4.0
    rng = np.random.default_rng(degree)
    nodes = _core.homography_lattice(np.diag([pitch, pitch, 1]), size, 0)
    seen = moved_by(degree, cell_centres(size), size, seed=degree) + rng.normal(0, 0.1, (size**2, 2))
    wrong = rng.choice(size**2, 100, replace=False)
    seen[wrong] += rng.uniform(-1.5, 1.5, (100, 2))
    displacement = seen.T.reshape(2, size, size).astype(np.float32)
    got = _core.displace_lattice(nodes, displacement, np.full((size, size), -2, np.float32), degree)
    places = nodes.reshape(-1, 2) / pitch
    expected = (places + moved_by(degree, places, size, seed=degree)) * pitch
    assert np.abs(got.reshape(-1, 2) - expected).max() < 0.2 * pitch
    assert np.abs(got.reshape(-1, 2) - expected).mean() < 0.02 * pitch


def test_cells_that_expect_a_large_error_count_little() -> None:
    size = 25
    nodes = _core.homography_lattice(np.eye(3), size, 0)
    displacement = np.full((2, size, size), 0.5, np.float32)
    log_error = np.full((size, size), -3, np.float32)
    displacement[:, :, 12:] = -1.5
    log_error[:, 12:] = 2
    got = _core.displace_lattice(nodes, displacement, log_error, 0)
    np.testing.assert_allclose(got, nodes + 0.5, atol=0.03)


def test_no_displacement_leaves_the_lattice_as_it_is() -> None:
    nodes = _core.homography_lattice(random_homography(np.random.default_rng(7), 29), 29)
    still = np.zeros((2, 33, 33), np.float32)
    np.testing.assert_allclose(_core.displace_lattice(nodes, still, still[0], 4), nodes, atol=1e-3)


def test_cells_that_know_nothing_are_left_out() -> None:
    nodes = _core.homography_lattice(np.eye(3), 21, 0)
    displacement = np.full((2, 21, 21), 0.25, np.float32)
    displacement[:, :5] = np.nan
    got = _core.displace_lattice(nodes, displacement, np.zeros((21, 21), np.float32), 1)
    np.testing.assert_allclose(got, nodes + 0.25, atol=0.01)
    nothing = np.full_like(displacement, np.nan)
    assert np.isfinite(_core.displace_lattice(nodes, nothing, np.zeros((21, 21), np.float32), 2)).all()


def test_displacements_name_the_argument_that_is_wrong() -> None:
    nodes, still = _core.homography_lattice(np.eye(3), 21, 0), np.zeros((2, 21, 21), np.float32)
    with pytest.raises(ValueError, match=r"displacement must have shape \(2, S, S\)"):
        _core.displace_lattice(nodes, still[:, 1:], still[0], 2)
    with pytest.raises(ValueError, match=r"log_error must have shape \(S, S\)"):
        _core.displace_lattice(nodes, still, still, 2)


# Sizes ------------------------------------------------------------------------------------------------------------


def finder_corners(homography: Array, size: int) -> Array:
    """Outer corners of the three finder patterns in the picture, each clockwise from the symbol's top left."""
    origins = np.array([[0, 0], [size - 7, 0], [0, size - 7]], float)
    return mapped(homography, origins[:, None] + SQUARE * 7).reshape(3, 4, 2)


@pytest.mark.parametrize("version", range(1, 41))
@pytest.mark.parametrize("seed", range(3))
def test_exact_finder_corners_give_the_size_under_any_perspective(version: int, seed: int) -> None:
    size = 17 + 4 * version
    homography = random_homography(np.random.default_rng([version, seed]), size)
    sizes, homographies, residuals = _core.fit_sizes(finder_corners(homography, size))
    assert sizes[0] == size
    assert residuals[0] < 1e-3
    assert (np.diff(residuals) >= 0).all()
    corners = SQUARE * size
    np.testing.assert_allclose(mapped(homographies[0], corners), mapped(homography, corners), atol=0.01)


def test_sizes_come_best_first_and_at_most_so_many() -> None:
    corners = finder_corners(random_homography(np.random.default_rng(8), 33), 33)
    for top in (1, 2, 5):
        sizes, homographies, residuals = _core.fit_sizes(corners, top)
        assert (sizes.shape, homographies.shape, residuals.shape) == ((top,), (top, 3, 3), (top,))
        assert len(set(sizes.tolist())) == top
    assert len(_core.fit_sizes(corners, 0)[0]) == 0


def test_corners_in_one_place_have_no_size() -> None:
    sizes, homographies, residuals = _core.fit_sizes(np.ones((3, 4, 2)))
    assert (sizes.shape, homographies.shape, residuals.shape) == ((0,), (0, 3, 3), (0,))
    with pytest.raises(ValueError, match=r"corners must have shape \(3, 4, 2\)"):
        _core.fit_sizes(np.ones((12, 2)))
    with pytest.raises(ValueError, match="corners must be finite"):
        _core.fit_sizes(np.full((3, 4, 2), np.inf))


# Registration -----------------------------------------------------------------------------------------------------


def rendered(version: int, seed: int, *, pitch: float = 4.0, inverted: bool = False) -> tuple[Picture, Array]:
    """A picture of a tilted symbol, and the true map from the symbol to it."""
    rng = np.random.default_rng([version, seed])
    size = 17 + 4 * version
    code = code_picture(f"registration {seed}", version=version, error="l", scale=8)
    room = int(1.5 * (size + 8) * pitch)
    outer = quad_of((room / 2, room / 2), (size + 8) * pitch, degrees=float(rng.uniform(0, 360)), tilt=0.08)
    picture = place(np.full((room, room), 255, np.uint8), code, outer)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.2 * pitch) // 2 + 60
    noisy = picture + rng.normal(0, 4, picture.shape)
    quad = symbol_quad(outer, size).astype(np.float32)
    truth = cv2.getPerspectiveTransform((SQUARE * size).astype(np.float32), quad)
    return np.clip(255 - noisy if inverted else noisy, 0, 255).astype(np.uint8), truth


def disturbed(truth: Array, size: int, modules: float, seed: int) -> Array:
    """The map with each corner moved by up to so many modules."""
    rng = np.random.default_rng(seed)
    corners = SQUARE * size
    off = corners + rng.uniform(-modules, modules, (4, 2))
    return cv2.getPerspectiveTransform(corners.astype(np.float32), mapped(truth, off).astype(np.float32))


def worst_miss(homography: Array, truth: Array, size: int) -> float:
    """In modules, over the symbol's corners."""
    return float(np.abs(mapped(np.linalg.inv(truth) @ homography, SQUARE * size) - SQUARE * size).max())


@pytest.mark.parametrize("inverted", [False, True], ids=["dark on light", "light on dark"])
@pytest.mark.parametrize("version", [1, 2, 5, 7, 12, 20])
@pytest.mark.parametrize("seed", range(3))
def test_a_disturbed_map_finds_back(version: int, seed: int, inverted: bool) -> None:
    size = 17 + 4 * version
    picture, truth = rendered(version, seed, inverted=inverted)
    start = disturbed(truth, size, 0.7, seed)
    assert worst_miss(start, truth, size) > 0.3
    refined, score, polarity = _core.refine_homography(picture, start, size)
    assert worst_miss(refined, truth, size) < 0.15
    assert score > 0.8
    assert score >= _core.pattern_score(picture, start, size) - 0.05
    assert polarity == (-1 if inverted else 1)


def test_the_score_tells_a_symbol_from_another_place_and_another_size() -> None:
    picture, truth = rendered(5, 0)
    right = _core.pattern_score(picture, truth, 37)
    assert right > 0.4
    for size in (29, 33, 41, 45):
        assert _core.pattern_score(picture, truth @ np.diag([37 / size, 37 / size, 1.0]), size) < right - 0.1
    elsewhere = truth @ np.array([[1, 0, 9], [0, 1, 11], [0, 0, 1.0]])
    assert _core.pattern_score(picture, elsewhere, 37) < right - 0.2
    assert _core.pattern_score(np.full_like(picture, 128), truth, 37) == 0


@pytest.mark.parametrize("size", [-1, 0, 20, 22, 181])
def test_registration_takes_sizes_of_symbols_only(size: int) -> None:
    picture = smooth_picture(50, 50)
    for call in (_core.refine_homography, _core.pattern_score, _core.grow_anchors):
        with pytest.raises(ValueError, match=r"size must be 17 \+ 4 \* version"):
            call(picture, np.eye(3), size)


def test_registration_of_any_picture_with_any_map_never_fails() -> None:
    rng = np.random.default_rng(9)
    for picture in (np.zeros((1, 1), np.uint8), smooth_picture(60, 60), smooth_picture(9, 400, 3)):
        for homography in (np.zeros((3, 3)), np.eye(3) * 1e200, rng.normal(0, 10, (3, 3))):
            refined, score, polarity = _core.refine_homography(picture, homography, 29)
            assert refined.shape == (3, 3)
            assert -1.001 <= score <= 1.001
            assert polarity in (-1, 1)
            nodes, _, _ = _core.grow_anchors(picture, homography, 29)
            assert nodes.shape == (34, 34, 2)


# Anchors ----------------------------------------------------------------------------------------------------------


def bent(code: Picture, cells: int, modules: float) -> tuple[Picture, object]:
    """A code's picture bent like paper on a cylinder, and the map from its sheet's cells to the bent ones."""
    scale = len(code) / cells

    def sag(x: npt.NDArray[np.floating]) -> Array:
        return np.asarray(modules * np.sin(np.pi * x / cells))

    y, x = np.mgrid[: len(code), : len(code)].astype(np.float32)
    source_y = y - sag((x + 0.5) / scale) * scale
    picture = cv2.remap(code, x, source_y.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return picture, lambda points: np.stack([points[:, 0], points[:, 1] + sag(points[:, 0])], 1)


@pytest.mark.parametrize(("version", "sag"), [(7, 2.0), (14, 2.0), (25, 2.0), (25, 6.0), (40, 9.0)])
@pytest.mark.parametrize("inverted", [False, True], ids=["dark on light", "light on dark"])
def test_a_curved_symbol_is_followed_from_pattern_to_pattern(version: int, sag: float, inverted: bool) -> None:
    size, border = 17 + 4 * version, 6
    cells = size + 2 * border
    code, bend = bent(code_picture("curved", version=version, scale=6, border=border), cells, sag)
    picture = cv2.GaussianBlur(255 - code if inverted else code, (0, 0), 1.5)
    # The homography of the outer finder corners, as the stage before would give it.
    origins = np.array([[0, 0], [size - 7, 0], [0, size - 7]], float)
    places = (origins[:, None] + SQUARE * 7).reshape(-1, 2)
    start = _core.homography(places, bend(places + border) * 6)
    nodes, found, agreement = _core.grow_anchors(picture, start, size, 0)
    expected = len(_core.alignment_centres(size)) ** 2 - 3
    assert found > 0.9 * expected
    assert agreement > 0.6
    truth = bend(cell_centres(size) + border) * 6
    got = ((nodes[:-1, :-1] + nodes[:-1, 1:] + nodes[1:, :-1] + nodes[1:, 1:]) / 4).reshape(-1, 2)
    flat = mapped(start, cell_centres(size))
    miss, miss_without = (np.linalg.norm(p - truth, axis=1) / 6 for p in (got, flat))
    assert np.percentile(miss, 95) < 0.4
    assert miss_without.max() > 1


@pytest.mark.parametrize("version", [2, 4, 6])
def test_a_rolled_symbol_of_few_patterns_is_bent_back(version: int) -> None:
    size, border = 17 + 4 * version, 6
    cells = size + 2 * border
    code, bend = bent(code_picture("rolled", version=version, scale=6, border=border), cells, 1.5)
    picture = cv2.GaussianBlur(code, (0, 0), 1.5)
    origins = np.array([[0, 0], [size - 7, 0], [0, size - 7]], float)
    places = (origins[:, None] + SQUARE * 7).reshape(-1, 2)
    start = _core.homography(places, bend(places + border) * 6)
    nodes, largest = _core.bend_lattice(picture, start, size, 0)
    truth = bend(cell_centres(size) + border) * 6
    got = ((nodes[:-1, :-1] + nodes[:-1, 1:] + nodes[1:, :-1] + nodes[1:, 1:]) / 4).reshape(-1, 2)
    miss, miss_without = (np.linalg.norm(p - truth, axis=1) / 6 for p in (got, mapped(start, cell_centres(size))))
    assert largest > 0.2
    assert miss.max() < 0.6 * miss_without.max()


@pytest.mark.parametrize("version", [2, 4, 7])
@pytest.mark.parametrize(("arc", "axis"), [(60, 0), (90, 30), (110, 90), (110, 135)])
def test_a_symbol_on_a_cylinder_is_unrolled(version: int, arc: float, axis: float) -> None:
    size, border, scale = 17 + 4 * version, 4, 8
    picture, rolls = rolled(code_picture("rolled", version=version, scale=scale, border=border), arc, axis)
    picture = cv2.GaussianBlur(picture, (0, 0), 1.5)
    origins = np.array([[0, 0], [size - 7, 0], [0, size - 7]], float)
    places = origins[:, None] + SQUARE * 7
    corners = rolls((places + border) * scale)
    start = _core.homography(places.reshape(-1, 2), corners.reshape(-1, 2))
    noise = np.random.default_rng(version).normal(0, 0.1 * scale, corners.shape)
    nodes, _ = _core.bend_lattice(picture, start, size, 0, corners + noise)
    edges = np.stack(np.meshgrid(np.arange(size + 1.0), np.arange(size + 1.0)), -1)
    truth = rolls((edges + border) * scale)
    flat = mapped(start, edges.reshape(-1, 2)).reshape(truth.shape)
    miss, miss_without = (np.linalg.norm(p - truth, axis=-1).max() / scale for p in (nodes, flat))
    assert miss < 0.7
    assert miss < 0.7 * miss_without


def test_a_flat_symbol_is_not_bent() -> None:
    picture, truth = rendered(3, 0)
    nodes, largest = _core.bend_lattice(picture, truth, 29)
    assert largest < 0.25
    np.testing.assert_allclose(nodes, _core.homography_lattice(truth, 29), atol=0.3 * 4)


def test_a_map_of_a_part_shows_the_same_as_the_whole_picture() -> None:
    picture, truth = rendered(3, 1)
    nodes = _core.homography_lattice(truth, 29, 0)
    low, high = nodes.reshape(-1, 2).min(0) - 3, nodes.reshape(-1, 2).max(0) + 3
    view = _core.MipMap(picture, np.concatenate([low, high]))
    # Places are whole pixels of the part apart, which single precision rounds otherwise.
    np.testing.assert_allclose(_core.resample_lattice(view, nodes), _core.resample_lattice(picture, nodes), atol=0.05)
    got, expected = (_core.refine_homography(image, truth, 29) for image in (view, picture))
    np.testing.assert_allclose(got[0], expected[0], rtol=1e-3, atol=1e-3)


def test_a_map_names_the_box_that_is_wrong() -> None:
    picture = smooth_picture(30, 40)
    for box in ([50, 0, 60, 20], [-9, 0, 0, 20], [20, 20, 10, 10]):
        with pytest.raises(ValueError, match="box must overlap the image"):
            _core.MipMap(picture, np.array(box, float))
    with pytest.raises(ValueError, match="box must be finite"):
        _core.MipMap(picture, np.array([0, 0, np.nan, 5]))
    with pytest.raises(ValueError, match=r"box must have shape \(4,\)"):
        _core.MipMap(picture, np.zeros((1, 4)))
    with pytest.raises(TypeError, match="image must be a uint8 array or a MipMap, got list"):
        _core.warp([[1, 2], [3, 4]], np.eye(3), 5, 5)


def test_turn_and_size_of_a_square_are_ranked_by_how_well_the_patterns_agree() -> None:
    for version in (1, 3, 6):
        size = 17 + 4 * version
        picture, truth = rendered(version, 3)
        corners = mapped(truth, SQUARE * size)
        for turn in range(4):
            sizes, maps, scores = _core.rank_frames(picture, np.roll(corners, turn, axis=0), 0.0)
            assert sizes[0] == size
            assert worst_miss(maps[0], truth, size) < 0.5
            assert (np.diff(scores) <= 0).all()


def test_version_1_has_nothing_to_grow_on() -> None:
    picture, truth = rendered(1, 0)
    nodes, found, agreement = _core.grow_anchors(picture, truth, 21)
    assert (found, agreement) == (0, 0)
    np.testing.assert_array_equal(nodes, _core.homography_lattice(truth, 21))


def test_a_lattice_grown_on_a_flat_symbol_stays_where_it_is() -> None:
    picture, truth = rendered(10, 1)
    nodes, found, _ = _core.grow_anchors(picture, truth, 57)
    assert found == len(_core.alignment_centres(57)) ** 2 - 3
    np.testing.assert_allclose(nodes, _core.homography_lattice(truth, 57), atol=0.2 * 4)


def test_rendered_symbols_are_what_segno_draws() -> None:
    # Holds the rendering and the straightening together: the modules come back from the picture.
    picture, truth = rendered(6, 2)
    patch = _core.resample_lattice(picture, _core.homography_lattice(truth, 41, 0), 4)
    patch = patch.reshape(41, 4, 41, 4)[:, 1:3, :, 1:3].mean((1, 3))  # the middle of each module
    np.testing.assert_array_equal(patch < patch.mean(), code_modules("registration 2", version=6, error="l"))


# Reading without networks -----------------------------------------------------------------------------------------


def whole(picture: Picture) -> _core.MipMap:
    return _core.MipMap(picture, np.array([0, 0, picture.shape[1], picture.shape[0]]))


VIEWS = {
    "as it is": lambda p: p,
    "a quarter turn": np.rot90,
    "upside down": lambda p: p[::-1, ::-1],
    "mirrored": lambda p: p[:, ::-1],
    "transposed": lambda p: p.T,
    "inverted": lambda p: 255 - p,
    "inverted and mirrored": lambda p: 255 - p[:, ::-1],
}


@pytest.mark.parametrize("way", VIEWS)
@pytest.mark.parametrize("version", [1, 4, 12])
def test_a_search_by_finder_patterns_reads_a_code_however_it_is_shown(way: str, version: int) -> None:
    size = 17 + 4 * version
    picture = VIEWS[way](code_picture("by finders", version=version, scale=5))
    search = _core.search_finder_patterns(whole(picture))
    (reading,) = search.readings
    record, nodes, inverted = reading.record, reading.nodes, reading.inverted
    assert search.unread == []
    assert not search.exhausted
    assert (search.ungrouped.dtype, search.ungrouped.shape) == (np.float64, (0, 4, 2))
    assert (reading.size, inverted) == (size, "inverted" in way)
    assert record.mirrored == ("mirrored" in way or way == "transposed")
    assert record.segments[0][2] == b"by finders"
    assert (nodes.dtype, nodes.shape) == (np.float32, (size + 5, size + 5, 2))
    corners = nodes[2:-2, 2:-2][[0, 0, -1, -1], [0, -1, 0, -1]]
    assert np.abs(np.sort(corners, 0) - np.repeat([20, 20 + 5 * size], 2)[:, None]).max() < 1.5
    again = _core.read_levels(whole(picture), nodes, size, inverted)
    assert again is not None
    assert again.segments == record.segments
    assert _core.read_levels(whole(picture), nodes, size, not inverted) is None


def test_a_search_by_finder_patterns_ends_after_so_many_and_tells_what_it_could_not_read() -> None:
    code = code_picture("one of many", version=2)
    assert len(_core.search_finder_patterns(whole(np.hstack([code, code])), 1).readings) == 1
    assert len(_core.search_finder_patterns(whole(code), milliseconds=1e300).readings) == 1
    for search in (
        _core.search_finder_patterns(whole(code), milliseconds=0),
        _core.search_finder_patterns(whole(code), work=0),
    ):
        assert (search.readings, search.unread, search.exhausted) == ([], [], True)
    torn = code.copy()
    torn[24 + 9 * 6 : -24, 24 + 9 * 6 : -24] = 255
    search = _core.search_finder_patterns(whole(torn))
    assert search.readings == []
    place = search.unread[0]
    assert (place.homography.shape, place.size, place.inverted) == ((3, 3), 25, False)
    assert 0.5 < place.score <= 1


def test_a_search_by_finder_patterns_at_nothing_sees_nothing() -> None:
    rng = np.random.default_rng(3)
    for shape in ((1, 1), (3, 300), (300, 3), (20, 20), (200, 300)):
        assert _core.search_finder_patterns(whole(rng.integers(0, 256, shape, np.uint8))).readings == []
        search = _core.search_finder_patterns(whole(np.full(shape, 200, np.uint8)))
        assert (search.readings, search.unread, len(search.ungrouped)) == ([], [], 0)


def test_a_blank_is_searched_as_far_as_anything_else_only_where_that_is_wanted() -> None:
    light = np.kron(~code_modules("no margin", version=2), np.full((4, 4), 170, np.uint8))
    code = np.pad(40 + light, 50, constant_values=40)  # on paper of its own ink
    noise = cv2.GaussianBlur(np.random.default_rng(5).integers(0, 256, (200, 200), np.uint8), (5, 5), 0)
    for picture, count in ((code, 1), (noise, 0)):
        as_far, no_further = (
            _core.search_finder_patterns(whole(picture), blank_too=wanted) for wanted in (True, False)
        )
        assert (len(as_far.readings), as_far.blank) == (count, False)
        assert (len(no_further.readings), no_further.blank) == (0, True)
        assert no_further.work < as_far.work / 2
    torn = code_picture("shows itself", version=2, scale=4)
    torn[24 + 9 * 4 : -24, 24 + 9 * 4 : -24] = 255
    works = [_core.search_finder_patterns(whole(torn), blank_too=wanted).work for wanted in (True, False)]
    assert works[0] == works[1]  # finder patterns show, so it is no blank


def test_reading_without_networks_names_the_argument_that_is_wrong() -> None:
    view = whole(smooth_picture(60, 60))
    nodes = _core.homography_lattice(np.eye(3), 21, 2)
    with pytest.raises(ValueError, match="most must be at least 1, got 0"):
        _core.search_finder_patterns(view, 0)
    with pytest.raises(ValueError, match="work must be at least 0, got -1"):
        _core.search_finder_patterns(view, work=-1)
    with pytest.raises(ValueError, match=r"size must be 17 \+ 4 \* version"):
        _core.read_levels(view, nodes, 22, False)
    with pytest.raises(ValueError, match="nodes must have the symbol's modules and a margin"):
        _core.read_levels(view, nodes, 29, False)
    with pytest.raises(ValueError, match=r"nodes must have shape \(S \+ 1, S \+ 1, 2\)"):
        _core.read_levels(view, nodes[0], 21, False)
