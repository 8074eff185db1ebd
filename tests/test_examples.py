"""What people try first: the page, the notebook and the recipes."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

import fastqr
from conftest import code_picture
from fastqr.page import explained

EXAMPLES = Path(__file__).parents[1] / "examples"
from_a_checkout = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the examples are not beside these tests")


def test_the_page_shows_what_was_read_and_lost_codes_first() -> None:
    scene = fastqr.demo_scene()
    (symbol, *others) = fastqr.decode(scene)
    assert symbol.quad is not None
    half = np.ptp(symbol.quad[:, 0]) * 0.21
    (left, top), (right, bottom) = symbol.quad.mean(0) - half, symbol.quad.mean(0) + half
    scene[int(top) : int(bottom), int(left) : int(right)] = (90, 120, 160)
    seen, codes, drawings, steps = explained(fastqr.Scanner(), scene)
    assert seen.shape == scene.shape
    assert [row[0] for row in codes] == [other.text for other in others]
    assert drawings[0][1].startswith("Not read: lost at the step")
    assert len(drawings) == 1 + 1 + len(others)
    assert steps.startswith("finder patterns")


def test_the_page_escapes_payloads() -> None:
    picture = np.pad(code_picture("one\n\x1b[31mtwo"), 20, constant_values=255)
    _, ((text, *_),), _, _ = explained(fastqr.Scanner(effort="quick"), picture)
    assert text == r"one\n\x1b[31mtwo"


@pytest.mark.slow
def test_the_page_is_made_of_components_that_gradio_has() -> None:
    pytest.importorskip("gradio", reason="the extra `demo` is not installed")
    program = "from fastqr.page import page\n"
    program += "print([part['props'].get('label') for part in page().get_config_file()['components']])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert {"Picture", "Effort", "What was read", "Codes"} <= set(ast.literal_eval(done.stdout))


@pytest.mark.slow
@from_a_checkout
def test_the_notebook_runs_and_finds_the_lost_code() -> None:
    pytest.importorskip("matplotlib", reason="the notebook draws with matplotlib")
    cells = json.loads((EXAMPLES / "tour.ipynb").read_text("utf-8"))["cells"]
    program = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    environment = os.environ | {"MPLBACKEND": "agg"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert "Not read: lost at the step" in done.stdout
    assert done.stdout.endswith("[5, 5, 5, 5]\n")


@pytest.mark.slow
@from_a_checkout
@pytest.mark.filterwarnings("default")
def test_the_service_reads_refuses_and_limits_what_is_posted() -> None:
    pytest.importorskip("fastapi", reason="the recipe's FastAPI is not installed")
    pytest.importorskip("httpx", reason="FastAPI's test client needs httpx")
    from fastapi.testclient import TestClient

    client = TestClient(example("service").app)
    picture = cv2.imencode(".png", code_picture("posted"))[1].tobytes()
    answer = client.post("/read", content=picture)
    assert (answer.status_code, [symbol["text"] for symbol in answer.json()["symbols"]]) == (200, ["posted"])
    refused = client.post("/read", content=b"no picture")
    assert (refused.status_code, "not a picture" in refused.json()["detail"]) == (422, True)
    assert client.post("/read", content=bytes(17 << 20)).status_code == 413
    assert client.get("/health").json() == fastqr.build_info()


def example(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
