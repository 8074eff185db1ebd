"""The manifest beside the networks: what each file is, how it was made, what it scored."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

__all__ = ["read_entry", "update_manifest", "update_statistics"]


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_entry(path: Path, name: str) -> dict[str, Any]:
    """Return what the manifest beside the network file `path` says of `name`."""
    entry: dict[str, Any] = json.loads((path.parent / "manifest.json").read_text())["models"][name]
    return entry


def update_manifest(path: Path, name: str, facts: dict[str, Any]) -> None:
    """Enter the network file `path` into ``manifest.json`` beside it, with the file's own facts added to `facts`."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    shapes = {
        "inputs": {node.name: node.shape for node in session.get_inputs()},
        "outputs": {node.name: node.shape for node in session.get_outputs()},
    }
    _enter(path, "models", name, {**facts, **shapes})


def update_statistics(path: Path, facts: dict[str, Any]) -> None:
    """Enter the language statistics `path` into ``manifest.json`` beside them."""
    _enter(path, "statistics", path.stem, facts)


def _enter(path: Path, section: str, name: str, facts: dict[str, Any]) -> None:
    manifest_path = path.parent / "manifest.json"
    manifest: dict[str, Any] = {"format": 1, "models": {}}
    if manifest_path.exists():
        manifest = json.loads(manifest_path.read_text())
    content = path.read_bytes()
    file = {"file": path.name, "sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
    manifest.setdefault(section, {})[name] = {**facts, **file}
    manifest_path.write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n")
