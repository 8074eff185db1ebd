"""The manifest beside the networks: what each file is, how it was made, what it scored."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import onnxruntime

__all__ = ["update_manifest"]


def update_manifest(path: Path, name: str, facts: dict[str, Any]) -> None:
    """Enter the network file `path` into ``manifest.json`` beside it, with the file's own facts added to `facts`."""
    manifest_path = path.parent / "manifest.json"
    manifest: dict[str, Any] = {"format": 1, "models": {}}
    if manifest_path.exists():
        manifest = json.loads(manifest_path.read_text())
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    manifest["models"][name] = {
        "file": path.name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "bytes": path.stat().st_size,
        "inputs": {node.name: node.shape for node in session.get_inputs()},
        "outputs": {node.name: node.shape for node in session.get_outputs()},
        **facts,
    }
    manifest_path.write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n")
