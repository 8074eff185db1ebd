"""Environments of their own for readers whose requirements clash with those of the others."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

from .readers import READERS

FOLDER = Path(__file__).parent / ".environments"

REQUIREMENTS: dict[str, tuple[str, ...]] = {
    # OpenCV 5 takes WeChat's networks no longer; all readers of OpenCV come from one release.
    "opencv-contrib": ("opencv-contrib-python>=4.10,<5", "numpy"),
    "boofcv": ("pyboof", "opencv-python-headless", "numpy"),  # and a Java runtime
    "qreader": ("qreader",),  # brings PyTorch
}


def interpreter_in(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def interpreter_for(reader: str, chosen: dict[str, str]) -> str:
    """Return the Python that runs a reader: the one chosen, its own environment's where made, or this one."""
    if reader in chosen:
        return chosen[reader]
    own = READERS[reader].environment
    if own is not None:
        for candidate in (chosen.get(own), interpreter_in(FOLDER / own)):
            if candidate is not None and Path(candidate).exists():
                return str(candidate)
    return sys.executable


def make(names: list[str]) -> None:
    """Make environments under benchmarks/.environments and install what their readers need."""
    for name in names:
        folder = FOLDER / name
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(
            [str(interpreter_in(folder)), "-m", "pip", "install", "--quiet", *REQUIREMENTS[name]], check=True
        )
        print(f"{name}: {folder}")
