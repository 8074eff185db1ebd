"""Training: each network's command at its smallest size, samples that the seed determines, and labels that are true."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime
import pytest

from fastqr import _core

torch = pytest.importorskip("torch", reason="training needs the extra `train`: PyTorch is not installed")
pytest.importorskip("onnx", reason="training needs the extra `train`: onnx is not installed")
pytest.importorskip("matplotlib", reason="training needs the extra `train`: matplotlib is not installed")

from fastqr.models import load_models  # noqa: E402
from fastqr.training.branches import answer_where  # noqa: E402
from fastqr.training.curves import write_curve  # noqa: E402
from fastqr.training.densenet import DenseNet  # noqa: E402
from fastqr.training.export import export_onnx  # noqa: E402
from fastqr.training.loop import fit  # noqa: E402
from fastqr.training.nets import LNet, ONet, PNet, RNet  # noqa: E402
from fastqr.training.options import TrainingOptions  # noqa: E402
from fastqr.training.samples import Batches, Sample  # noqa: E402
from fastqr.training.scenes import Scene, make_scene  # noqa: E402
from fastqr.training.start import begin_from  # noqa: E402
from fastqr.training.synthesis.degradations import lamp  # noqa: E402
from fastqr.training.tiles import TILE, tile_samples  # noqa: E402
from fastqr.training.windows import POSITIVE  # noqa: E402

NETWORKS = ("pnet", "rnet", "onet", "lnet", "densenet")
SMOKE_STEPS = 20


def scene(number: int, seed: int = 1) -> Scene:
    return make_scene(np.random.default_rng([seed, number]), None)


# Scenes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(3))
def test_a_scene_is_a_function_of_its_seed(number: int) -> None:
    one, again, other = scene(number), scene(number), scene(number, seed=2)
    np.testing.assert_array_equal(one.picture, again.picture)
    for a, b in zip(one.codes, again.codes, strict=True):
        np.testing.assert_array_equal(a.quad, b.quad)
        np.testing.assert_array_equal(a.finders, b.finders)
    assert one.picture.shape != other.picture.shape or (one.picture != other.picture).any()


@pytest.mark.slow
def test_truths_of_a_code_agree_with_each_other() -> None:
    seen = 0
    for number in range(20):
        for code in scene(number).codes:
            seen += 1
            assert (code.size - 17) % 4 == 0
            assert (code.quad.shape, code.landmarks.shape, code.finders.shape) == ((4, 2), (5, 2), (3, 4, 2))
            np.testing.assert_array_equal(code.box, [*code.quad.min(0), *code.quad.max(0)])
            # Bent paper moves a centre off the mean of its corners a little, never by half a finder pattern.
            width = np.linalg.norm(np.roll(code.finders, -1, 1) - code.finders, axis=2).mean()
            assert np.abs(code.finders.mean(1) - code.landmarks[:3]).max() < 0.15 * width
            # The finder patterns' outermost corners are the symbol's.
            corners = code.finders[[0, 1, 2], [0, 1, 3]]
            np.testing.assert_allclose(corners, code.quad[[0, 1, 3]], atol=0.05)
    assert seen > 15


@pytest.mark.slow
def test_finder_patterns_are_where_the_labels_say() -> None:
    # Patterns of a symbol must agree with the picture best under the labels' own map, not a module or two beside it.
    right = seen = 0
    for number in range(150):
        made = scene(number)
        for code in made.codes:
            side = np.linalg.norm(np.roll(code.quad, -1, 0) - code.quad, axis=1).min()
            if side / code.size < 2:
                continue
            sizes, maps, _ = _core.fit_sizes(code.finders.astype(np.float64), 40)
            if code.size not in sizes:
                continue
            truth = maps[list(sizes).index(code.size)]
            score = abs(_core.pattern_score(made.picture, truth, code.size))
            beside = [
                abs(_core.pattern_score(made.picture, truth @ shifted(dx, dy), code.size))
                for dx, dy in ((1.5, 0), (-1.5, 0), (0, 1.5), (0, -1.5), (2, 2), (-2, -2))
            ]
            seen += 1
            right += score > max(beside)
    assert seen > 20
    assert right / seen > 0.85  # some codes are covered, washed out or too blurred to tell


def shifted(dx: float, dy: float) -> npt.NDArray[np.float64]:
    return np.array([[1, 0, dx], [0, 1, dy], [0, 0, 1]])


@pytest.mark.slow
def test_most_scenes_hold_codes_and_some_hold_none() -> None:
    counts = [len(scene(number).codes) for number in range(60)]
    assert 0 in counts
    assert max(counts) > 3
    assert np.mean([count > 0 for count in counts]) > 0.6


def test_a_lamp_is_white_and_all_else_darker_than_it_was() -> None:
    picture = np.full((120, 160), 0.5, np.float32)
    for number in range(8):
        lit = lamp(picture, np.random.default_rng(number))
        assert lit.max() > 0.97
        assert np.median(lit) < 0.5


def test_backgrounds_may_come_from_photographs(tmp_path: Path) -> None:
    photo = np.full((300, 400), 0, np.uint8)
    photo[:, 200:] = 255
    assert cv2.imwrite(str(tmp_path / "photo.png"), photo)
    pictures = [make_scene(np.random.default_rng(n), tmp_path).picture for n in range(3)]
    made_up = [make_scene(np.random.default_rng(n), None).picture for n in range(3)]
    assert any(a.shape != b.shape or (a != b).any() for a, b in zip(pictures, made_up, strict=True))


def test_tiles_of_levels_label_every_window() -> None:
    positives = 0
    for number in range(12):
        for tile, classes, offsets in tile_samples(np.random.default_rng([3, number]), None):
            assert (tile.shape, classes.shape, offsets.shape) == ((1, TILE, TILE), (21, 21), (4, 21, 21))
            assert np.abs(tile).max() <= 1
            shown = classes == POSITIVE
            positives += int(shown.sum())
            # A window that shows a code by half and more is moved by less than its side.
            assert np.abs(offsets[:, shown]).max(initial=0) < 1
            assert not offsets[:, classes == -1].any() or (classes == -1).sum() < classes.size
    assert positives > 40


@pytest.mark.parametrize(
    ("network", "shapes"),
    [
        (RNet, [(1, 24, 24)]),
        (ONet, [(1, 48, 48)]),
        (LNet, [(1, 24, 24)]),
        (PNet, [(1, 40, 40)]),
        (DenseNet, [(1, 40, 40), (2, 10, 10)]),
    ],
)
def test_a_run_begins_with_the_weights_of_an_exported_network(
    network: type[torch.nn.Module], shapes: list[tuple[int, ...]], tmp_path: Path
) -> None:
    torch.manual_seed(1)
    first = network()
    seen = [torch.rand(64, *shape) * 2 - 1 for shape in shapes]
    first.train()(*seen)  # batch norms have seen something
    names = {f"y{k}": {0: "batch"} for k in range(len(first.eval()(*seen)))}
    inputs = {f"x{k}": {0: "batch"} for k in range(len(seen))}
    export_onnx(first, tmp_path / "network.onnx", tuple(each[:2] for each in seen), inputs, names)
    second = network()
    layers = sum(isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)) for module in second.modules())
    if network is ONet:  # its heat maps in a branch, as they ship
        answer_where(tmp_path / "network.onnx", "y2", "y0", 2.0)
        session = onnxruntime.InferenceSession(tmp_path / "network.onnx", providers=["CPUExecutionProvider"])
        assert not session.run(["y2"], {"x0": seen[0].numpy()})[0].any()
    assert begin_from(tmp_path / "network.onnx", second, *seen) == layers
    with torch.no_grad():
        for mine, theirs in zip(second.eval()(*seen), first.eval()(*seen), strict=True):
            np.testing.assert_allclose(mine.numpy(), theirs.numpy(), atol=2e-5 + 1e-3 * float(theirs.std()))
            assert theirs.std() > 1e-4


# The loop ---------------------------------------------------------------------------------------------------------


def points_of_a_line(rng: np.random.Generator) -> list[Sample]:
    """Some points of y = 3 x - 1, not always as many."""
    return [(x, 3 * x - 1) for x in rng.random((int(rng.integers(1, 9)), 1), np.float32)]


def line() -> Batches:
    return Batches(points_of_a_line, seed=0, size=16, workers=0)


def squared_miss(network: torch.nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
    x, y = batch
    return (network(x.float()).float() - y).square().mean()


def options_of(folder: Path, steps: int, **more: object) -> TrainingOptions:
    return TrainingOptions(folder, steps=steps, device="cpu", command="test", **more)  # type: ignore[arg-type]


class Line(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = torch.nn.Conv2d(1, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x[:, :, None, None])[:, :, 0, 0]


def test_training_lowers_the_loss(tmp_path: Path) -> None:
    outcome = fit("line", Line(), line(), squared_miss, options_of(tmp_path, 300), peak=0.1)
    assert outcome.steps == len(outcome.losses) == 300
    assert np.mean(outcome.losses[-20:]) < 0.1 * np.mean(outcome.losses[:20])


def test_training_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    first = fit("line", Line(), line(), squared_miss, options_of(tmp_path, 5))
    assert (tmp_path / "line.checkpoint.pt").exists()
    on = fit("line", Line(), line(), squared_miss, options_of(tmp_path, 8, resume=True))
    assert (on.steps, on.losses[:5]) == (8, first.losses)
    again = fit("line", Line(), line(), squared_miss, options_of(tmp_path, 6))
    assert again.steps == 6
    assert again.losses[:5] == first.losses
    assert again.losses[5] != on.losses[5]


def number_of(rng: np.random.Generator) -> list[Sample]:
    """Tell the picture's number, as often as says the number itself."""
    number = int(rng.bit_generator.seed_seq.entropy[1])  # type: ignore[attr-defined]
    return [(np.array([number], np.float32), np.array([number], np.float32))] * (1 + number % 5)


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_a_resumed_run_sees_pictures_that_it_has_not_seen(tmp_path: Path, workers: int) -> None:
    seen: list[list[int]] = []

    def noted(network: torch.nn.Module, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
        seen[-1] += batch[0][:, 0].int().tolist()
        return squared_miss(network, batch)

    for steps in (5, 9, 12):
        seen.append([])
        stream = Batches(number_of, seed=0, size=16, workers=workers)
        fit("line", Line(), stream, noted, options_of(tmp_path, steps, resume=True))
    first, second, third = seen
    assert min(first) == 0
    assert max(first) < min(second) <= max(first) + 1 + workers
    assert max(second) < min(third) <= max(second) + 1 + workers


# The commands -----------------------------------------------------------------------------------------------------


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "fastqr.training", *arguments], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all five networks, trained for seconds."""
    folder = tmp_path_factory.mktemp("trained")
    done = command("all", "--smoke", "--device", "cpu", "--workers", "0", "--out", str(folder))
    assert done.returncode == 0, done.stderr[-2000:]
    return folder


@pytest.mark.parametrize("lowest", [2.0, -1.0])
def test_a_loss_curve_is_drawn_to_its_end_also_where_it_is_negative(tmp_path: Path, lowest: float) -> None:
    write_curve(tmp_path / "curve.png", "loss", np.linspace(lowest + 2, lowest, 400).tolist())
    picture = cv2.imread(str(tmp_path / "curve.png"))
    assert picture is not None
    blue = np.abs(picture.astype(int) - (180, 119, 31)).max(2) < 20
    assert np.flatnonzero(blue.any(0)).max() > 0.9 * picture.shape[1]


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_a_smoke_run_leaves_network_curve_checkpoint_and_entry(trained: Path, name: str) -> None:
    entry = json.loads((trained / "manifest.json").read_text())["models"][name]
    assert (entry["file"], entry["steps"], entry["seed"]) == (f"{name}.onnx", SMOKE_STEPS, 1)
    assert entry["command"].startswith("python -m fastqr.training all --smoke")
    assert entry["bytes"] == (trained / f"{name}.onnx").stat().st_size
    assert entry["scores"]
    assert entry["inputs"]
    curve = cv2.imread(str(trained / f"{name}.png"))
    assert curve is not None
    state = torch.load(trained / f"{name}.checkpoint.pt", weights_only=True)
    assert state["steps"] == len(state["losses"]) == SMOKE_STEPS
    assert np.isfinite(state["losses"]).all()


@pytest.mark.slow
def test_networks_of_a_smoke_run_load_and_have_the_shapes_that_the_reader_feeds(trained: Path) -> None:
    models = load_models(trained)
    rng = np.random.default_rng(0)

    def noise(*shape: int) -> npt.NDArray[np.float32]:
        return rng.normal(0, 1, shape).astype(np.float32)

    probability, offsets = models.pnet(noise(1, 1, 40, 60))
    assert (probability.shape[:2], offsets.shape[:2]) == ((1, 2), (1, 4))
    assert probability.shape[2:] == offsets.shape[2:] == (6, 11)  # windows of 12 pixels and 4 about each, every 4
    np.testing.assert_allclose(probability.sum(1), 1, atol=1e-5)
    for network, size in ((models.rnet, 24), (models.onet, 48)):
        probability, offsets, *heat = network(noise(3, 1, size, size))
        assert (probability.shape, offsets.shape) == ((3, 2), (3, 4))
        assert [h.shape for h in heat] == ([(3, 3, 24, 24)] if size == 48 else [])
    finder, corners = models.lnet(noise(5, 1, 24, 24))
    assert (finder.reshape(5, -1).shape, corners.reshape(5, -1).shape) == ((5, 1), (5, 8))
    logits, displacement = models.densenet(noise(1, 1, 100, 100), noise(1, 2, 25, 25))
    assert (logits.shape, displacement.shape) == ((1, 1, 25, 25), (1, 3, 25, 25))


@pytest.mark.slow
def test_quantising_starts_from_the_floats_and_gives_the_same_again(trained: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(trained, tmp_path / "copy")
    before = json.loads((folder / "manifest.json").read_text())["models"]
    quantised = [name for name in NETWORKS if "int8" in before[name]]
    assert quantised == ["onet", "lnet", "densenet"]
    for name in quantised:
        floats = (folder / f"{name}.float.onnx").read_bytes()
        assert hashlib.sha256(floats).hexdigest() == before[name]["int8"]["float_sha256"]
        assert len(floats) > before[name]["bytes"]
    done = command("quantise", "--smoke", "--out", str(folder))
    assert done.returncode == 0, done.stderr[-2000:]
    after = json.loads((folder / "manifest.json").read_text())["models"]
    assert {n: after[n]["sha256"] for n in NETWORKS} == {n: before[n]["sha256"] for n in NETWORKS}
    assert after["onet"]["int8"]["command"].startswith("python -m fastqr.training quantise")
    # A network trained since is the one to start from.
    done = command("lnet", "--smoke", "--seed", "2", "--device", "cpu", "--workers", "0", "--out", str(folder))
    assert done.returncode == 0, done.stderr[-2000:]
    done = command("quantise", "--smoke", "--out", str(folder))
    assert done.returncode == 0, done.stderr[-2000:]
    anew = json.loads((folder / "manifest.json").read_text())["models"]
    changed = {
        n
        for n in NETWORKS
        if anew[n].get("int8", {}).get("float_sha256") != after[n].get("int8", {}).get("float_sha256")
    }
    assert changed == {"lnet"}
    load_models(folder)


@pytest.mark.slow
def test_a_finished_run_that_is_resumed_trains_no_further(trained: Path) -> None:
    before = torch.load(trained / "pnet.checkpoint.pt", weights_only=True)["losses"]
    done = command("pnet", "--smoke", "--resume", "--device", "cpu", "--workers", "0", "--out", str(trained))
    assert done.returncode == 0, done.stderr[-2000:]
    assert torch.load(trained / "pnet.checkpoint.pt", weights_only=True)["losses"] == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pnet"], "--out"),
        (["knet", "--out", "x"], "invalid choice: 'knet'"),
        (["pnet", "--out", "x", "--backgrounds", "absent"], "no folder 'absent'"),
        (["pnet", "--out", "x", "--start", "absent"], "--start: no folder 'absent'"),
    ],
)
def test_a_wrong_command_line_says_why(arguments: list[str], message: str) -> None:
    done = command(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
