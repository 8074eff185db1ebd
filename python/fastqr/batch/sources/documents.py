"""PDF documents, page by page, with the extra ``pdf``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from fastqr.errors import FastQRError, MissingLibraryError
from fastqr.pictures import MAX_PIXELS

from .chunk import Chunk, Item

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

__all__ = ["chunks", "pictures"]

POINTS = 72  # an inch


def chunks(path: str, size: Callable[[], int]) -> Iterator[Chunk]:
    """Yield a document's pages in chunks."""
    document = _opened(path)
    try:
        first, pages = 0, len(document)
    finally:
        document.close()
    while first < pages:
        count = min(size(), pages - first)
        yield Chunk("document", count, path, first)
        first += count


def pictures(chunk: Chunk, dpi: float) -> Iterator[Item]:
    """Yield the pages of a chunk as they would be printed with so many dots an inch; one too large is an error."""
    document = _opened(chunk.source)
    try:
        for index in range(chunk.first, chunk.first + chunk.count):
            yield _page(document, chunk.source, index, dpi)
    finally:
        document.close()


def _page(document: PdfDocument, source: str, index: int, dpi: float) -> Item:
    import pypdfium2

    try:
        page = document[index]
        try:
            width, height = (length * dpi / POINTS for length in page.get_size())
            if width * height > MAX_PIXELS:
                return Item(source, None, index, None, f"the page has {width:.0f} x {height:.0f} pixels at {dpi:g} dpi")
            rendered = page.render(scale=dpi / POINTS).to_numpy()
            return Item(source, None, index, np.ascontiguousarray(rendered[:, :, :3]))
        finally:
            page.close()
    except pypdfium2.PdfiumError as error:
        return Item(source, None, index, None, f"the page cannot be rendered: {error}")


def _opened(path: str) -> PdfDocument:
    try:
        import pypdfium2
    except ImportError as error:
        raise MissingLibraryError(
            f"document {path!r} needs pypdfium2: pip install 'fastqr[pdf]'", name="pypdfium2"
        ) from error
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise FastQRError(f"document {path!r} cannot be read: {error}") from error
