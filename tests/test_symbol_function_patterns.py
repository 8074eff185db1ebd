"""Function patterns against segno's own tables and symbols."""

import numpy as np
import pytest
import segno
from segno import consts

from fastqr import _core


def _modules(code: segno.QRCode) -> np.ndarray:
    return np.array([list(row) for row in code.matrix], dtype=bool)


@pytest.mark.parametrize("version", range(1, 41))
def test_function_patterns_are_where_a_real_symbol_has_them(version: int) -> None:
    size = 17 + 4 * version
    patterns = _core.function_patterns(size)
    assert patterns.dtype == np.int8
    code = segno.make_qr("1", version=version, mask=version % 8, error="L")
    modules = _modules(code)
    assert modules[patterns == 1].all()
    assert not modules[patterns == -1].any()
    kinds = np.array([list(row) for row in code.matrix_iter(verbose=True, border=0)])
    unknown = (
        consts.TYPE_DATA_DARK,
        consts.TYPE_DATA_LIGHT,
        consts.TYPE_FORMAT_DARK,
        consts.TYPE_FORMAT_LIGHT,
        consts.TYPE_VERSION_DARK,
        consts.TYPE_VERSION_LIGHT,
    )
    np.testing.assert_array_equal(patterns == 0, np.isin(kinds, unknown))


@pytest.mark.parametrize("version", range(2, 41))
def test_alignment_centres_follow_annex_e(version: int) -> None:
    assert _core.alignment_centres(17 + 4 * version) == list(consts.ALIGNMENT_POS[version - 2])


@pytest.mark.parametrize("size", [-1, 0, 20, 22, 181, 2**31 - 1])
def test_other_sizes_are_refused(size: int) -> None:
    with pytest.raises(ValueError, match="size"):
        _core.function_patterns(size)
    with pytest.raises(ValueError, match="size"):
        _core.alignment_centres(size)


def test_version_1_has_no_alignment_pattern() -> None:
    assert _core.alignment_centres(21) == []
