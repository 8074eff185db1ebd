"""What each stage contributes is measured by methods on the same photographs."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest

pytest.importorskip("pandas")
pytest.importorskip("rich")
pytest.importorskip("matplotlib")

import fastqr
from benchmarks import stages
from benchmarks.page import curves


def test_stages_are_the_methods_by_themselves_and_both(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    cv2.imwrite(str(tmp_path / "a/1.png"), fastqr.demo_scene())
    text = fastqr.decode(fastqr.demo_scene())[0].text
    (tmp_path / "a/1.txt").write_text(text)
    section = stages.measure([tmp_path])
    summary = stages.summary(section)
    assert list(summary.index) == ["finder patterns", "networks", "both"]
    assert summary.loc["both", "read"] == 1
    assert section["left_out"] == {}
    shares = stages.shares(section)
    assert shares.loc["a", "both"] == 1
    assert curves.stages(shares).startswith("data:image/svg+xml")
    assert stages.measure([tmp_path], seconds=0)["left_out"] == {"out of time or unreadable": 1}
