"""OpenCV and ONNX Runtime, loaded when something of them is first needed: a clean code in an array needs neither."""

from __future__ import annotations

import importlib
from typing import Any

from .errors import MissingLibraryError

__all__ = ["cv2", "onnxruntime"]


class _Library:
    """Stands for a module, which is imported when something of it is first asked for."""

    def __init__(self, module: str, needed: str, way_out: str) -> None:
        self._module = module
        self._needed = needed
        self._way_out = way_out

    def __getattr__(self, name: str) -> Any:
        try:
            module = importlib.import_module(self._module)
        except ImportError as error:
            raise MissingLibraryError(
                f"{self._needed}, and cannot be loaded: {error}; {self._way_out}", name=self._module
            ) from error
        return getattr(module, name)


cv2 = _Library(
    "cv2",
    "OpenCV is needed to decode picture files and to draw",
    "pass the picture as an array, or install opencv-python-headless, which needs no libGL, in place of opencv-python",
)
onnxruntime = _Library(
    "onnxruntime",
    "ONNX Runtime is needed to run the networks",
    "install it with pip install onnxruntime, or read without networks: effort='quick'",
)
