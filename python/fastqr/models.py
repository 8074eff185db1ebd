"""The five networks: their files, what the manifest says of them, and one ONNX Runtime session each."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .errors import ArgumentTypeError, InvalidArgumentError, ModelError
from .files import open_file
from .lazy_models import CPU

if TYPE_CHECKING:
    import onnxruntime
else:
    from .libraries import onnxruntime

__all__ = [
    "MODEL_NAMES",
    "Models",
    "Network",
    "load_models",
    "models_folder",
    "network_session",
    "read_manifest",
]


MODEL_NAMES = ("pnet", "rnet", "onet", "lnet", "densenet")

# SHA-256 of the networks that this version ships: what is loaded is what was tested, whatever manifest.json says.
SHIPPED = {
    "pnet": "18a3386cd2950bacd62e67b2c92c11a9191bf46dfe392c6536166a3bfebe0b94",
    "rnet": "6ebb0748f50017bbe2c88111de753080f8a1661a56d291b53a7c6d52dda0a56b",
    "onet": "b0a49332b92318072aafe1b1e715cac5e78a65eeeecb0e0a965e553f6a12d64a",
    "lnet": "d4af804acdbfb50330ee08c9b253612261531983aa561fa8ba2006b74015f1c6",
    "densenet": "10edbb246a29212fc2a56bae3533635c674247e0e9832aadb15fb61f43e34255",
}

# Multiply-accumulates of the shipped networks: a pixel of a level, a window, a window, a patch, a module of a symbol.
MACS = {"pnet": 683, "rnet": 696_192, "onet": 14_119_680, "lnet": 9_306_752, "densenet": 64_448}

FloatArray = npt.NDArray[np.float32]

MAX_BYTES = 64 << 20  # of a model folder's file: eight times all of the shipped ones

Shape = tuple[int | None, ...]  # None for an axis of any length

# What each network takes and gives, in its own order: (N, C, height, width), (N, values) or (N, C, rows, columns).
SHAPES: dict[str, tuple[tuple[Shape, ...], tuple[Shape, ...]]] = {
    "pnet": (((1, 1, None, None),), ((1, 2, None, None), (1, 4, None, None))),
    "rnet": (((None, 1, 24, 24),), ((None, 2), (None, 4))),
    "onet": (((None, 1, 48, 48),), ((None, 2), (None, 4), (None, 3, None, None))),
    "lnet": (((None, 1, 24, 24),), ((None, 1), (None, 8))),
    "densenet": (
        ((None, 1, None, None), (None, 2, None, None)),
        ((None, 1, None, None), (None, 3, None, None)),
    ),
}


def _onnx_runtime_errors() -> tuple[type[Exception], ...]:
    """Give what a call of ONNX Runtime raises.

    Its errors have no common base, and a message that quotes a name of damaged bytes cannot be decoded. Whatever else
    leaves a call was raised by a signal handler in its midst, and belongs to the caller.
    """
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    own = (kind for kind in vars(state).values() if isinstance(kind, type) and issubclass(kind, Exception))
    return (*own, UnicodeDecodeError)


def models_folder() -> Path:
    """Return the folder of the networks that ship with the package."""
    return Path(__file__).parent / "models"


def read_manifest(folder: str | os.PathLike[str] | None = None) -> dict[str, Any]:
    """Return the manifest of a models folder as a dictionary: one entry a network, under ``"models"``.

    Raises
    ------
    ModelError
        The manifest is missing or is not valid JSON of the expected form.
    """
    path = Path(folder) / "manifest.json" if folder is not None else models_folder() / "manifest.json"
    try:
        manifest = json.loads(_content(path, "model manifest"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"model manifest {str(path)!r} is damaged: {error}") from error
    if not isinstance(manifest, dict) or not isinstance(manifest.get("models"), dict):
        raise ModelError(f"model manifest {str(path)!r} is damaged: it has no object 'models'")
    return manifest


def _content(path: Path, what: str) -> bytes:
    """Return what a file of a models folder holds; a pipe in its place is not waited for, an archive not read."""
    try:
        with open_file(path) as file:
            content = file.read(MAX_BYTES + 1) if os.fstat(file.fileno()).st_size <= MAX_BYTES else None
    except OSError as error:
        raise ModelError(f"{what} {str(path)!r} cannot be read: {error.strerror or error}") from error
    except ValueError as error:  # a path with a null byte
        raise ModelError(f"{what} {str(path)!r} cannot be read: {error}") from error
    if content is None or len(content) > MAX_BYTES:
        raise ModelError(f"{what} {str(path)!r} is none: it has more than {MAX_BYTES} bytes")
    return content


class Network:
    """One network ready to run; calls from several threads at once are allowed."""

    __slots__ = ("_inputs", "_outputs", "_session", "macs", "name")

    def __init__(self, name: str, session: onnxruntime.InferenceSession) -> None:
        self.name = name
        self.macs = MACS[name]  # of each unit of its input, for the account of a search
        self._session = session
        self._inputs = [node.name for node in session.get_inputs()]
        self._outputs = [node.name for node in session.get_outputs()]

    def __call__(self, *inputs: FloatArray) -> list[FloatArray]:
        """Run on inputs in the model's order; outputs come in the model's order."""
        try:
            outputs: list[FloatArray] = self._session.run(self._outputs, dict(zip(self._inputs, inputs, strict=True)))
        except _onnx_runtime_errors() as error:
            raise ModelError(f"model {self.name!r} cannot be run: {error}") from error
        return outputs


@dataclass(frozen=True, slots=True)
class Models:
    """The networks of the chain in the order of their use."""

    pnet: Network
    rnet: Network
    onet: Network
    lnet: Network
    densenet: Network


def load_models(
    folder: str | os.PathLike[str] | None = None,
    *,
    threads: int = 1,
    providers: Sequence[str] = CPU,
) -> Models:
    """Check the files of a models folder and make a session of each.

    Parameters
    ----------
    folder : path, optional
        A folder with ``manifest.json`` and the files that it names, which must have the SHA-256 that it gives, where
        it gives one. By default the shipped networks, whose SHA-256 is part of this version.
    threads : int
        Threads that one call of a network may use.
    providers : sequence of str
        ONNX Runtime's execution providers, best first.

    Raises
    ------
    ModelError
        A file is missing, is not the one that was trained, or holds a network of other inputs or outputs than its place
        in the chain asks for; the message names it.
    InvalidArgumentError, ArgumentTypeError
        `folder` is no path, or a provider is not part of this ONNX Runtime.
    """
    if folder is not None and not isinstance(folder, (str, os.PathLike)):
        raise ArgumentTypeError(f"models must be a path, got {folder!r}")
    base = Path(folder) if folder is not None else models_folder()
    checked = _checked_providers(providers)
    entries = read_manifest(base)["models"]
    networks = []
    for name in MODEL_NAMES:
        entry = entries.get(name)
        if not isinstance(entry, dict) or not isinstance(entry.get("file"), str):
            raise ModelError(f"model manifest in {str(base)!r} has no entry for {name!r}")
        sha256 = SHIPPED[name] if folder is None else entry.get("sha256")
        if sha256 is not None and not isinstance(sha256, str):
            raise ModelError(f"model manifest in {str(base)!r} must give {name!r} a sha256 in hex, got {sha256!r}")
        path = base / entry["file"]
        session = network_session(path, sha256, threads=threads, providers=checked)
        _check_shapes(name, path, session)
        try:
            networks.append(Network(name, session))
        except UnicodeDecodeError as error:
            raise ModelError(
                f"model file {str(path)!r} is damaged: its inputs and outputs must have names in UTF-8, "
                f"got {error.object!r}"
            ) from error
    return Models(*networks)


def _check_shapes(name: str, path: Path, session: onnxruntime.InferenceSession) -> None:
    sides = zip(("inputs", "outputs"), (session.get_inputs(), session.get_outputs()), SHAPES[name], strict=True)
    for kind, nodes, accepted in sides:
        got: list[Shape] = [tuple(axis if isinstance(axis, int) else None for axis in node.shape) for node in nodes]
        fits = len(got) == len(accepted) and all(map(_fits, got, accepted))
        if not fits or any(node.type != "tensor(float)" for node in nodes):
            raise ModelError(
                f"model file {str(path)!r} is no {name!r}: its {kind} must be float32 of shapes {_listed(accepted)}, "
                f"got {', '.join(node.type for node in nodes)} of shapes {_listed(got)}"
            )


def _fits(got: Shape, accepted: Shape) -> bool:
    return len(got) == len(accepted) and all(wanted in (None, axis) for axis, wanted in zip(got, accepted, strict=True))


def _listed(shapes: Sequence[Shape]) -> str:
    return ", ".join("(" + ", ".join("any" if axis is None else str(axis) for axis in shape) + ")" for shape in shapes)


def _checked_providers(providers: Sequence[str]) -> list[str]:
    available = onnxruntime.get_available_providers()
    listed = isinstance(providers, Sequence) and not isinstance(providers, str)
    if not listed or not all(isinstance(name, str) for name in providers):
        raise ArgumentTypeError(f"providers must be a sequence of names, got {providers!r}")
    unknown = [name for name in providers if name not in available]
    if unknown or not providers:
        what = repr(unknown[0]) if unknown else "none"
        raise InvalidArgumentError(f"providers must be among {', '.join(available)}, got {what}")
    return list(providers)


def network_session(
    path: Path,
    sha256: str | None = None,
    *,
    threads: int = 1,
    providers: Sequence[str] = CPU,
) -> onnxruntime.InferenceSession:
    """Return a session of one network file, which must have the checksum where one is given.

    Raises
    ------
    ModelError
        The file is missing, is another one, or is no network.
    """
    content = _content(path, "model file")
    if sha256 is not None and hashlib.sha256(content).hexdigest() != sha256:
        raise ModelError(f"model file {str(path)!r} is damaged or another one: its SHA-256 is not {sha256}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # A spinning pool burns a core between frames and gains nothing for networks of microseconds.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # P-Net sees other shapes with every picture: a plan of its memory for each of them is kept and gains no time.
    options.enable_mem_pattern = False
    try:
        return onnxruntime.InferenceSession(content, options, providers=list(providers))
    except _onnx_runtime_errors() as error:
        raise ModelError(f"model file {str(path)!r} cannot be loaded: {error}") from error
