"""Many pictures, one after the other or side by side, in their order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar

from .errors import ArgumentTypeError, InvalidArgumentError, InvalidImageError
from .pictures import ImageLike, SupportsRead, is_pil

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["OnError", "in_order", "several"]

OnError: TypeAlias = Literal["raise", "return"]
Result = TypeVar("Result")

READ_AHEAD = 2  # pictures a thread that are taken before the consumer has asked for them


def several(images: Iterable[ImageLike], on_error: str) -> Iterator[ImageLike]:
    """Return an iterator over pictures, or say that one picture is no series of them."""
    if not isinstance(on_error, str):
        raise ArgumentTypeError(f"on_error must be 'raise' or 'return', got {on_error!r}")
    if on_error not in ("raise", "return"):
        raise InvalidArgumentError(f"on_error must be 'raise' or 'return', got {on_error!r}")
    kind = type(images).__name__
    of_one = isinstance(images, (str, os.PathLike, bytes, bytearray, memoryview, SupportsRead)) or is_pil(images)
    if of_one or getattr(images, "ndim", 4) != 4:  # an array of four dimensions is a batch
        raise ArgumentTypeError(
            f"images must be an iterable of pictures, got one of type {kind}: pass [image], or call decode"
        )
    try:
        return iter(images)
    except TypeError as error:
        raise ArgumentTypeError(f"images must be an iterable of pictures, got {kind}") from error


def in_order(
    decode: Callable[[ImageLike], Result], images: Iterator[ImageLike], threads: int, on_error: str
) -> Iterator[Result | InvalidImageError | ArgumentTypeError]:
    """Decode pictures, `threads` at a time; an error of one of them is raised in its turn, or given in its place."""

    def tried(image: ImageLike) -> Result | InvalidImageError | ArgumentTypeError:
        try:
            return decode(image)
        except (InvalidImageError, ArgumentTypeError) as error:
            if on_error == "raise":
                raise
            return error

    if threads == 1:
        yield from map(tried, images)
        return
    from concurrent.futures import ThreadPoolExecutor

    waiting: deque[Future[Result | InvalidImageError | ArgumentTypeError]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for image in images:
                waiting.append(pool.submit(tried, image))
                if len(waiting) > READ_AHEAD * threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
