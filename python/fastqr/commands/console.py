"""What a person sees beside the results, all of it on standard error: progress, complaints and a summary."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import TextIO

__all__ = ["Console", "complain", "counted", "in_colour", "is_for_people"]

CLEAR = "\r\x1b[K"
INTERVAL = 0.1  # seconds between two drawings of the progress bar
BAR = 24  # letters
COLOURS = {"red": 31, "green": 32, "magenta": 35}


class Console:
    """Standard error as a person reads it; nothing but complaints where it is no terminal.

    Parameters
    ----------
    quiet : bool, default False
        Complaints only.

    Notes
    -----
    The progress bar is one line that is drawn anew. It gives way before anything else is printed by `show`, `note` or
    `complain`, so it never stands among results, and nothing is left of it at the end of the ``with`` statement.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._shown = not quiet and is_for_people(sys.stderr)
        self._quiet = quiet
        self._total = self._done = self._done_before = 0
        self._unit = ""
        self._started = time.monotonic()
        self._drawn_at: float | None = None

    def __enter__(self) -> Console:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._give_way()

    def expect(self, total: int, unit: str, *, done: int = 0) -> None:
        """Begin a progress bar of so many units, of which some were done by an earlier run."""
        self._total, self._unit, self._done, self._done_before = total, unit, done, done
        self._started = time.monotonic()

    def advance(self) -> None:
        """Count one more unit that is done."""
        self.advance_to(self._done + 1)

    def advance_to(self, done: int) -> None:
        """Say how many units are done in all, and draw the bar where it is time to."""
        self._done = done
        now = time.monotonic()
        if not self._shown or self._total < 2 or (self._drawn_at is not None and now - self._drawn_at < INTERVAL):
            return
        import shutil  # takes as long as all else here together

        line = self._progress(now - self._started)
        sys.stderr.write(CLEAR + line[: shutil.get_terminal_size().columns - 1])
        sys.stderr.flush()
        self._drawn_at = now

    def show(self, line: str) -> None:
        """Print a line of the result to standard output."""
        if sys.stdout.isatty():
            self._give_way()
        print(line)

    def note(self, message: str) -> None:
        """Say what may be good to know."""
        if not self._quiet:
            self.complain(message)

    def complain(self, message: str) -> None:
        """Say what went wrong."""
        self._give_way()
        complain(message)

    def summarise(self, what: str) -> None:
        """End with a line on what was done and how long it took."""
        if not self._shown:
            return
        self._give_way()
        seconds = time.monotonic() - self._started
        rate = (self._done - self._done_before) / max(seconds, 1e-9)
        print(f"{what}; {duration(seconds)}, {rate:,.3g} {self._unit} a second", file=sys.stderr)

    def _give_way(self) -> None:
        if self._drawn_at is not None:
            sys.stderr.write(CLEAR)
            sys.stderr.flush()
            self._drawn_at = None

    def _progress(self, seconds: float) -> str:
        share = min(1.0, self._done / self._total)
        bar = "#" * round(BAR * share)
        rate = (self._done - self._done_before) / max(seconds, 1e-9)
        left = duration((self._total - self._done) / rate) if rate > 0 else "?"
        counted = f"{self._done:,} of {self._total:,} {self._unit}"
        return f"[{bar:{BAR}}] {share:4.0%}  {counted}  {rate:,.3g} a second  {left} left"


def complain(message: str) -> None:
    """Print an error's or a note's sentence."""
    print(f"{in_colour('fastqr:', 'red', sys.stderr)} {message}", file=sys.stderr)


def in_colour(text: str, colour: str, stream: TextIO) -> str:
    """Return a text coloured where the stream is a terminal and nobody asked for none (https://no-color.org)."""
    if not is_for_people(stream) or os.environ.get("NO_COLOR"):
        return text
    return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m"


def is_for_people(stream: TextIO) -> bool:
    """Whether a stream is a terminal that can move its cursor."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def duration(seconds: float) -> str:
    """Return a time as a person says it.

    Examples
    --------
    >>> duration(0.43), duration(75), duration(7384)
    ('0.4 s', '1:15 min', '2:03 h')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, seconds = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}:{seconds:02d} min"
    return f"{minutes // 60}:{minutes % 60:02d} h"


def counted(number: int, what: str) -> str:
    """Return so many of something.

    Examples
    --------
    >>> counted(1, "error"), counted(1200, "error")
    ('1 error', '1,200 errors')
    """
    return f"{number:,} {what}{'' if number == 1 else 's'}"
