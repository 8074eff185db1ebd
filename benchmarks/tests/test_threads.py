"""The comparison of threads: it runs, and it sees a difference."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import fastqr
from benchmarks import threads


def test_eight_threads_read_what_one_reads(capsys: pytest.CaptureFixture[str]) -> None:
    assert threads.main(["--frames", "24", "--threads", "8"]) == 0
    printed = capsys.readouterr().out
    assert "24 frames" in printed
    assert "0 frames that 8 threads read otherwise" in printed


def test_a_result_that_differs_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = [threads.frame(number, 8) for number in range(12)]
    scanner = fastqr.Scanner()
    decode = scanner.decode
    seen: list[int] = []

    def forgetful(picture: threads.Picture) -> list[fastqr.Symbol]:
        seen.append(id(picture))
        symbols = decode(picture)
        return symbols if seen.count(id(picture)) == 1 else symbols[1:]

    monkeypatch.setattr(scanner, "decode", forgetful)
    with ThreadPoolExecutor(2) as pool:
        symbols, other = threads.differences(pictures, scanner, pool)
    assert symbols > 0
    assert len(other) == symbols


def test_frames_are_the_same_each_time_and_hold_codes_and_none() -> None:
    np.testing.assert_array_equal(threads.frame(3, 8), threads.frame(3, 8))
    assert not np.array_equal(threads.frame(3, 8)[:50, :50], threads.frame(4, 8)[:50, :50])
