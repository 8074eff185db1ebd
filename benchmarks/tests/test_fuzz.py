"""Fuzzing at its smallest, the same inputs each time; and that it finds what is there to find."""

from __future__ import annotations

from typing import Any

import pytest

import fastqr
from benchmarks import fuzz


@pytest.mark.parametrize("target", fuzz.TARGETS)
def test_any_input_gives_a_result_or_a_documented_error(target: str) -> None:
    before = fuzz.executions[target]
    fuzz.run(target, 40)
    assert fuzz.executions[target] >= before + 20  # of a small choice none is tried twice


def failing(*_: Any, **__: Any) -> list[fastqr.Symbol]:
    raise ValueError("not one of fastqr's own")


@pytest.mark.parametrize(
    ("target", "name"), [("pictures", "decode"), ("files", "decode"), ("corners", "decode_quad"), ("options", "decode")]
)
def test_another_error_is_a_finding(target: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastqr.Scanner, name, failing)
    with pytest.raises(ValueError, match="not one of fastqr's own"):
        fuzz.run(target, 40)


def test_a_wrong_payload_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    other = fastqr.decode_modules(fuzz.segno_modules("another"))
    monkeypatch.setattr(fastqr, "decode_modules", lambda modules: other)
    with pytest.raises(AssertionError, match="read 'another'"):
        fuzz.run("modules", 40)


def test_findings_are_counted_and_end_the_run_with_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fastqr, "decode", failing)
    monkeypatch.setattr(fuzz, "BATCH", 5)
    monkeypatch.setattr(fuzz, "MOST_FINDINGS", 2)
    assert fuzz.main(["--minutes", "1", "--seed", "1", "--targets", "options"]) == 1
    captured = capsys.readouterr()
    assert "2 findings" in captured.out
    assert "finding 2: options, seed 2" in captured.err


def test_a_run_without_findings_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz.main(["--minutes", "0.005", "--seed", "1", "--targets", "modules"]) == 0
    assert "0 findings" in capsys.readouterr().out
