"""Where the codewords stand in a symbol: what only a symbol's data decides (ISO/IEC 18004:2015, 7.7.3)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Modules = npt.NDArray[np.bool_]


def data_region(function_patterns: npt.NDArray[np.int8]) -> Modules:
    """Modules that hold codewords: neither patterns nor format and version information."""
    size = len(function_patterns)
    data: Modules = function_patterns == 0
    data[8, :9] = data[:9, 8] = data[8, -8:] = data[-8:, 8] = False
    if size >= 45:  # version 7
        data[:6, -11:-8] = data[-11:-8, :6] = False
    return data


def placement(data: Modules) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Rows and columns of the data modules in the order in which bits fill them: two columns at a time, up and down."""
    size = len(data)
    rows, columns = [], []
    for number, right in enumerate(column - (column <= 6) for column in range(size - 1, 0, -2)):
        for row in range(size) if number % 2 else range(size - 1, -1, -1):
            for column in (right, right - 1):
                if data[row, column]:
                    rows.append(row)
                    columns.append(column)
    return np.array(rows, np.intp), np.array(columns, np.intp)
