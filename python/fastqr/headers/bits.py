"""Bytes read bit by bit."""

from __future__ import annotations

from .header import Encoded

__all__ = ["Bits"]

ZEROS = 32  # before a number that says by them how many bits it has


class Bits:
    """Numbers of so many bits each, one after the other, the highest bit first."""

    def __init__(self, content: Encoded) -> None:
        self._value = int.from_bytes(content, "big")
        self._left = 8 * len(content)

    def __call__(self, count: int = 1) -> int:
        """Give the next number, of so many bits."""
        self._left -= count
        if self._left < 0:
            raise ValueError("cut off")
        return self._value >> self._left & ((1 << count) - 1)

    def exponential(self) -> int:
        """Give the next number in exponential Golomb code (ITU-T H.265, 9.2)."""
        zeros = 0
        while not self():
            zeros += 1
            if zeros > ZEROS:
                raise ValueError("longer than any number")
        return (1 << zeros) - 1 + self(zeros)
