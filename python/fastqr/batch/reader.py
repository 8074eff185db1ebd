"""A reader for pipelines of others: a table of pictures in, a table of symbols out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from fastqr.errors import InvalidArgumentError
from fastqr.options import ScannerOptions

from .part import Settings, make_scanner
from .rows import SYMBOL_SCHEMA, read_item
from .sources import Item
from .sources.tables import content_of, picture_column

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["Reader"]


class Reader:
    """Reads a column of pictures: for Ray Data's ``map_batches``, Spark's ``mapInArrow``, Dask or a plain loop.

    Parameters
    ----------
    column : str, optional
        Column of encoded pictures or of their paths; the only one that may hold pictures where it is not named.
    **options
        As for `fastqr.Scanner`.

    Notes
    -----
    Make one a process: it holds the scanner. A picture that cannot be read is a row with ``error``.

    Examples
    --------
    >>> import cv2, fastqr, pyarrow as pa
    >>> picture = cv2.imencode(".png", fastqr.demo_scene())[1].tobytes()
    >>> rows = Reader()(pa.table({"shelf": [7], "picture": [picture]}))
    >>> set(rows["shelf"].to_pylist()), rows.num_rows
    ({7}, 5)
    """

    def __init__(self, column: str | None = None, **options: Unpack[ScannerOptions]) -> None:
        self._column = column
        self._scanner = make_scanner(Settings({**options}))

    def __call__(self, table: pa.Table) -> pa.Table:
        """Read a table's pictures.

        Parameters
        ----------
        table : pyarrow.Table
            With a column of pictures.

        Returns
        -------
        pyarrow.Table
            One row a symbol, and one a picture without any: the other columns as they were, then `SYMBOL_SCHEMA`.

        Raises
        ------
        InvalidArgumentError
            A column of the table has the name of one of the result.
        """
        column = picture_column(table.schema, self._column, "the table")
        kept = table.drop_columns([column])
        clashing = [name for name in kept.column_names if name in SYMBOL_SCHEMA.names]
        if clashing:
            raise InvalidArgumentError(
                f"table must have no column named {', '.join(clashing)}, for the result has: rename or drop it before"
            )
        rows: list[dict[str, Any]] = []
        origin: list[int] = []
        for index, cell in enumerate(_cells(table.column(column))):
            picture = content_of(cell)
            error = None if picture is not None else "the cell is empty"
            found = read_item(self._scanner, Item("", None, index, picture, error)).values
            rows += found
            origin += [index] * len(found)
        result = pa.Table.from_pylist(rows, SYMBOL_SCHEMA)  # what the schema does not name is left out
        taken = kept.take(pa.array(origin, pa.int64()))
        schema = pa.schema([*kept.schema, *SYMBOL_SCHEMA], metadata=kept.schema.metadata)
        return pa.Table.from_arrays([*taken.columns, *result.columns], schema=schema)


def _cells(column: pa.ChunkedArray) -> Iterator[object]:
    return (cell.as_py() for cell in column)
