"""Any input, and nothing but documented errors: ``python -m benchmarks.fuzz --minutes 2``.

Hypothesis draws pictures, files, corners, modules, options and model folders, most of them nearly right. Whatever
comes, a call returns what it promises or raises one of the errors that its documentation names, no warning leaves it,
and a payload that was drawn is read as it was drawn or not at all. Anything else is a finding: it is printed in its
smallest form, and the exit status is 1. A call that takes minutes ends the run with every thread's stack.
"""

from __future__ import annotations

import argparse
import contextlib
import faulthandler
import hashlib
import io
import itertools
import json
import shutil
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import hypothesis
import numpy as np
import numpy.typing as npt
import segno
from hypothesis import HealthCheck
from hypothesis import strategies as st
from PIL import Image

import fastqr
from fastqr.models import MODEL_NAMES, models_folder

Array = npt.NDArray[Any]

TEXT = "DRAWN"  # fits every version and level
HANG_S = 300  # of one call: a thousand times what the slowest takes
MOST_FINDINGS = 20  # after which a run ends early
BATCH = 100  # inputs of one kind before the next kind's turn

executions: Counter[str] = Counter()


@cache
def scanner() -> fastqr.Scanner:
    return fastqr.Scanner()


@contextlib.contextmanager
def documented(*errors: type[fastqr.FastQRError]) -> Iterator[None]:
    """Let pass what a call may raise, and end the run where it does not come back."""
    faulthandler.dump_traceback_later(HANG_S, exit=True, file=sys.__stderr__)
    try:
        yield
    except errors:
        pass
    finally:
        faulthandler.cancel_dump_traceback_later()


def check_symbols(symbols: list[fastqr.Symbol]) -> None:
    for symbol in symbols:
        assert symbol.text == TEXT, f"read {symbol.text!r}"
        assert symbol.quad is not None
        assert np.isfinite(symbol.quad).all()
        assert 0 <= symbol.confidence <= 1


# Arrays -----------------------------------------------------------------------------------------------------------


@cache
def code(scale: int) -> Array:
    """A code in grey, with its quiet zone."""
    modules = np.pad(modules_of(1, "L"), 4)
    return np.kron(np.where(modules, 20, 230).astype(np.uint8), np.ones((scale, scale), np.uint8))


@cache
def modules_of(version: int, level: str) -> npt.NDArray[np.bool_]:
    return segno_modules(TEXT, version=version, error=level, boost_error=False)


def segno_modules(text: str, **options: Any) -> npt.NDArray[np.bool_]:
    return np.array([list(row) for row in segno.make_qr(text, **options).matrix], np.uint8) == 1


SIDES = st.one_of(st.integers(0, 40), st.sampled_from([0, 1, 2, 20, 21, 63, 255, 1600, 1601, 4000, 65_535]))
DTYPES = ["u1", "?", "i1", "u2", "i8", "f2", "f4", "f8", "c8", "O", "U1", "S1", "M8[s]", "V3", [("a", "u1")]]


@st.composite
def pictures(draw: st.DrawFn) -> Array:
    """uint8 pictures of noise, of one value, of modules and of a code, damaged, in memory of any order."""
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    kind = draw(st.sampled_from(["noise", "flat", "modules", "code", "code", "code"]))
    if kind == "code":
        picture = code(draw(st.integers(1, 5))).copy()
        height, width = picture.shape
        for _ in range(draw(st.integers(0, 3))):
            y, x = rng.integers(0, height), rng.integers(0, width)
            picture[y : y + rng.integers(1, 20), x : x + rng.integers(1, 20)] = rng.integers(0, 256)
        noise = draw(st.sampled_from([0, 0, 10, 60]))
        picture = np.clip(picture + rng.normal(0, noise, picture.shape), 0, 255).astype(np.uint8)
        picture = np.pad(picture, draw(st.integers(0, 30)), mode="edge")
    else:
        height, width = draw(SIDES), draw(SIDES)
        height = min(height, 4_000_000 // max(width, 1))
        if kind == "noise":
            picture = rng.integers(0, 256, (height, width), np.uint8)
        elif kind == "flat":
            picture = np.broadcast_to(np.uint8(rng.integers(0, 256)), (height, width))
        else:
            scale = draw(st.integers(1, 9))
            coins = 255 * rng.integers(0, 2, (-(-height // scale), -(-width // scale)), np.uint8)
            picture = np.kron(coins, np.ones((scale, scale), np.uint8))[:height, :width]
    if draw(st.booleans()):
        picture = np.repeat(picture[..., None], draw(st.sampled_from([3, 3, 3, 1])), axis=2)
    return draw(st.sampled_from(ORDERS))(picture)


ORDERS: list[Callable[[Array], Array]] = [
    lambda p: p,
    lambda p: p[::-1],
    lambda p: p[:, ::-1],
    lambda p: p.swapaxes(0, 1),
    lambda p: np.asfortranarray(p),
    lambda p: np.repeat(p, 3, axis=1)[:, ::3],
    lambda p: p[::2, ::2],
    lambda p: np.frombuffer(b"\0" + p.tobytes(), np.uint8)[1:].reshape(p.shape),  # not aligned, not writable
    lambda p: p[..., ::-1],
    lambda p: p.view(np.ma.MaskedArray),
    lambda p: p.view(np.recarray),
]


@st.composite
def arrays(draw: st.DrawFn) -> Array:
    """Arrays of any type, number of axes and strides, most of them no pictures."""
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    shape = draw(st.lists(st.integers(0, 30), max_size=5)) + draw(st.sampled_from([[], [1], [2], [3], [4], [5]]))
    array = np.zeros(shape[:5], dtype)
    if dtype.kind in "fc":
        array.fill(draw(st.sampled_from([np.nan, np.inf, 0.5, -1e4])))
    if draw(st.booleans()):
        wide = draw(st.sampled_from([(100_000, 100_000), (1 << 21, 30), (1 << 40, 1), (16_385, 16_385, 3)]))
        array = np.broadcast_to(np.zeros((), dtype), wide)
    return array


def check_picture(image: Array) -> None:
    executions["pictures"] += 1
    with documented(fastqr.InvalidImageError):
        check_symbols(scanner().decode(image))
    with documented(fastqr.InvalidImageError):
        assert all(np.isfinite(found.box).all() and 0 <= found.score <= 1 for found in scanner().detect(image))
    with documented(fastqr.InvalidImageError, fastqr.ArgumentTypeError):
        check_symbols(fastqr.Tracker(scanner()).decode(image))


# Files ------------------------------------------------------------------------------------------------------------


@cache
def files() -> tuple[bytes, ...]:
    """The same code in every format that can be written here, in every kind of pixel that it has."""
    # Of an even width: OpenCV's writer of Sun rasters reads a byte beyond the last row of an odd one.
    grey = cv2.copyMakeBorder(code(3), 0, 1, 0, 1, cv2.BORDER_REPLICATE)
    kinds = [grey, np.repeat(grey[..., None], 3, 2), np.dstack([grey] * 4), grey.astype(np.uint16) * 257]
    made = []
    suffixes = (".png", ".jpg", ".bmp", ".gif", ".webp", ".tiff", ".pgm", ".ppm", ".pam", ".ras", ".jp2", ".avif")
    for suffix, kind in itertools.product(suffixes, kinds):
        with contextlib.suppress(cv2.error):
            done, content = cv2.imencode(suffix, kind)
            made += [content.tobytes()] if done else []
    for suffix in (".tiff", ".pfm", ".hdr"):
        with contextlib.suppress(cv2.error):
            made.append(cv2.imencode(suffix, np.repeat(grey[..., None], 3, 2) / np.float32(255))[1].tobytes())
    for kind, options in (("JPEG", {"progressive": True}), ("PNG", {}), ("WEBP", {}), ("TIFF", {}), ("BMP", {})):
        file = io.BytesIO()
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.fromarray(grey).save(file, kind, exif=exif, **options)
        made.append(file.getvalue())
    return tuple(made)


NUMBERS = [
    b"\0",
    b"\xff",
    b"\xff\xff",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\0\1\x86\xa0",
    b"99999999",
]


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    content = bytearray(draw(st.sampled_from(files())))
    near = st.one_of(st.integers(0, 64), st.integers(0, len(content)))  # headers are where sizes stand
    for _ in range(draw(st.integers(0, 6))):
        at = draw(near)
        what = draw(st.one_of(st.binary(min_size=1, max_size=4), st.sampled_from(NUMBERS)))
        match draw(st.sampled_from(["overwrite", "overwrite", "insert", "delete", "repeat"])):
            case "overwrite":
                content[at : at + len(what)] = what
            case "insert":
                content[at:at] = what
            case "delete":
                del content[at : at + len(what)]
            case "repeat":
                content[at:at] = content[at : at + draw(st.integers(1, 200))]
    if draw(st.booleans()):
        del content[draw(st.integers(0, len(content))) :]
    return bytes(content)


def check_file(content: bytes) -> None:
    executions["files"] += 1
    with documented(fastqr.InvalidImageError):
        check_symbols(scanner().decode(content))
    image = None
    with contextlib.suppress(Exception), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image = Image.open(io.BytesIO(content))
    if image is not None:  # what PIL takes, fastqr takes from it
        with documented(fastqr.InvalidImageError), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PIL's own, of what is odd in a file
            check_symbols(scanner().decode(image))


# Corners ----------------------------------------------------------------------------------------------------------

NUMBER = st.one_of(
    st.floats(-50, 300, width=32),
    st.floats(),
    st.sampled_from([0.0, 1e6, -1e6, 999_999.5, 1e-30, 1e300, float("nan"), float("inf"), float("-inf")]),
)


@st.composite
def corners(draw: st.DrawFn) -> Any:
    """Corners of a square, moved a little or anywhere; or what is no corners at all."""
    kind = draw(st.sampled_from(["near", "near", "any", "none"]))
    if kind == "none":
        return draw(
            st.one_of(
                *(st.none(), st.text(max_size=5), st.integers(), st.lists(st.lists(NUMBER, max_size=3), max_size=5)),
                st.sampled_from(
                    [np.zeros((4, 2), "O"), np.zeros((4, 2), "c8"), np.zeros((4, 2), "M8[s]"), [[1 << 2000] * 2] * 4]
                ),
            )
        )
    if kind == "any":
        return [[draw(NUMBER), draw(NUMBER)] for _ in range(4)]
    side, at = draw(st.floats(1e-3, 4000)), draw(st.floats(-2000, 2000))
    square = at + side * np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
    return square + side * np.array([[draw(st.floats(-0.6, 0.6)), draw(st.floats(-0.6, 0.6))] for _ in range(4)])


def check_corners(image: Array, quad: Any) -> None:
    executions["corners"] += 1
    with documented(fastqr.InvalidArgumentError, fastqr.ArgumentTypeError):
        symbol = scanner().decode_quad(image, quad)
        check_symbols([] if symbol is None else [symbol])


# Modules ----------------------------------------------------------------------------------------------------------


@st.composite
def modules(draw: st.DrawFn) -> Any:
    """A symbol's modules, some of them changed, mirrored, doubted or unknown; or what is no symbol at all."""
    kind = draw(st.sampled_from(["bool", "bool", "float", "float", "noise", "none"]))
    if kind == "none":
        return draw(
            st.one_of(
                *(st.none(), st.text(max_size=5), st.integers(), st.lists(st.lists(NUMBER, max_size=3), max_size=5)),
                arrays(),
            )
        )
    rng = np.random.default_rng(draw(st.integers(0, 1 << 32)))
    drawn = modules_of(
        draw(st.sampled_from([1, 2, 5, 7, 10])), draw(st.sampled_from("LMQH")) if kind != "noise" else "L"
    )
    if kind == "noise":
        return draw(st.sampled_from([rng.random(drawn.shape), rng.random(drawn.shape) < 0.5]))
    drawn = draw(st.sampled_from(ORDERS[:5]))(drawn ^ (rng.random(drawn.shape) < draw(st.floats(0, 0.3))))
    if kind == "bool":
        return drawn.astype(draw(st.sampled_from(["?", "u1", "i8", "f4", "f2"])))
    probabilities = np.clip(drawn + rng.normal(0, draw(st.floats(0, 1)), drawn.shape), 0, 1)
    probabilities[rng.random(drawn.shape) < draw(st.floats(0, 0.5))] = draw(st.sampled_from([np.nan, 0.5, 0.0]))
    if draw(st.integers(0, 9)) == 0:
        probabilities[0, 0] = draw(NUMBER)
    return probabilities


def check_modules(given: Any) -> None:
    executions["modules"] += 1
    with documented(fastqr.ArgumentTypeError, fastqr.InvalidArgumentError, fastqr.UndecodableError):
        symbol = fastqr.decode_modules(given)
        assert symbol.text == TEXT, f"read {symbol.text!r}"


# Options and model folders ----------------------------------------------------------------------------------------

VALUES = st.one_of(
    *(st.none(), st.booleans(), st.integers(-1, 3), st.integers(), st.floats(), st.text(max_size=3)),
    st.sampled_from(
        [10**30, 10**400, 5e-324, np.float32(3), np.int8(2), np.ones(2), b"x", Path("absent"), "a\0b", "a" * 5000]
    ),
    st.lists(st.text(max_size=3), max_size=2),
)
OPTIONS = st.dictionaries(
    st.sampled_from(["threads", "min_size", "max_symbols", "budget_ms", "max_bytes", "providers", "models"]),
    VALUES,
    max_size=2,
)


def check_options(options: dict[str, Any]) -> None:
    executions["options"] += 1
    with documented(fastqr.ArgumentTypeError, fastqr.InvalidArgumentError, fastqr.ModelError):
        check_symbols(fastqr.decode(code(2), **options))


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@st.composite
def model_folders(draw: st.DrawFn) -> dict[str, bytes | Path | None]:
    """Files that take the place of shipped ones: content, where a link leads, or nothing."""
    shipped = json.loads((models_folder() / "manifest.json").read_bytes())
    name = draw(st.sampled_from(MODEL_NAMES))
    manifest, file = models_folder() / "manifest.json", f"{name}.onnx"
    kind = draw(st.sampled_from(["garbage", "json", "entry", "file", "truncated", "other", "cut", "gone", "link"]))
    match kind:
        case "garbage":
            return {"manifest.json": draw(st.binary(max_size=30))}
        case "json":
            return {"manifest.json": json.dumps(draw(st.one_of(JSON, JSON.map(lambda v: {"models": v})))).encode()}
        case "entry":
            shipped["models"][name] = draw(JSON)
        case "file":
            place = draw(st.sampled_from(["file", "sha256"]))
            shipped["models"][name][place] = draw(
                st.one_of(JSON, st.sampled_from(["/", "..", "/dev/zero", "a" * 5000]))
            )
        case "truncated" | "other":
            content = (models_folder() / file).read_bytes()
            if kind == "truncated":
                content = content[: draw(st.integers(0, len(content) - 1))]
            else:
                content = (models_folder() / f"{draw(st.sampled_from(MODEL_NAMES))}.onnx").read_bytes()
            shipped["models"][name]["sha256"] = hashlib.sha256(content).hexdigest()
            return {file: content, "manifest.json": json.dumps(shipped).encode()}
        case "cut":
            content = bytearray((models_folder() / file).read_bytes())
            content[draw(st.integers(0, len(content) - 1))] ^= draw(st.integers(0, 255))
            return {file: bytes(content)}
        case "gone":
            return {draw(st.sampled_from([file, manifest.name])): None}
        case "link":
            return {file: Path(draw(st.sampled_from([file, ".", "/dev/zero", "/dev/null", "absent"])))}
    return {"manifest.json": json.dumps(shipped).encode()}


def check_model_folder(changes: dict[str, bytes | Path | None]) -> None:
    executions["model folders"] += 1
    folder = Path(tempfile.mkdtemp())
    try:
        for path in models_folder().iterdir():
            change = changes.get(path.name, path)
            if isinstance(change, Path):
                (folder / path.name).symlink_to(change)
            elif change is not None:
                (folder / path.name).write_bytes(change)
        with documented(fastqr.ModelError):
            check_symbols(fastqr.Scanner(models=folder).decode(code(2)))
    finally:
        shutil.rmtree(folder)


# The run ----------------------------------------------------------------------------------------------------------

TARGETS: dict[str, tuple[Callable[..., None], tuple[st.SearchStrategy[Any], ...]]] = {
    "pictures": (check_picture, (st.one_of(pictures(), pictures(), arrays()),)),
    "files": (check_file, (damaged_files(),)),
    "corners": (check_corners, (pictures(), corners())),
    "modules": (check_modules, (modules(),)),
    "options": (check_options, (OPTIONS,)),
    "model folders": (check_model_folder, (model_folders(),)),
}


def run(target: str, examples: int, seed: int | None = None) -> None:
    """Try so many inputs, the same each time for a seed; raises what is found, with its input in a note."""
    check, strategies = TARGETS[target]
    test = hypothesis.given(*strategies)(check)
    test = hypothesis.settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=seed is None,
        suppress_health_check=list(HealthCheck),
    )(test)
    (test if seed is None else hypothesis.seed(seed)(test))()


def main(arguments: list[str] | None = None) -> int:
    """Fuzz for a time and print what was done; 1 where anything was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--seed", type=int, default=int(time.time()), help="of the first batch; the next take the next")
    parser.add_argument("--targets", nargs="+", choices=TARGETS, default=list(TARGETS), metavar="TARGET")
    args = parser.parse_args(arguments)
    faulthandler.enable(sys.__stderr__)
    cv2.setNumThreads(1)
    (cv2 if hasattr(cv2, "setLogLevel") else cv2.utils.logging).setLogLevel(0)  # silent; it moved in OpenCV 4.13
    end = time.monotonic() + 60 * args.minutes
    findings = 0
    for seed, target in zip(itertools.count(args.seed), itertools.cycle(args.targets)):
        if time.monotonic() >= end or findings == MOST_FINDINGS:
            break
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                run(target, BATCH, seed)
        except Exception:
            findings += 1
            print(f"finding {findings}: {target}, seed {seed}", file=sys.stderr)
            traceback.print_exc()
    print(
        f"{sum(executions.values())} executions in {time.process_time():.0f} CPU seconds, {findings} findings: "
        + ", ".join(f"{count} {target}" for target, count in executions.items())
    )
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
