#pragma once

namespace fastqr {

/// Whether a data mask inverts this module (ISO/IEC 18004:2015, Table 10); `mask` 0..7.
constexpr bool mask_inverts(int mask, int row, int column) {
    switch (mask) {
        case 0:
            return (row + column) % 2 == 0;
        case 1:
            return row % 2 == 0;
        case 2:
            return column % 3 == 0;
        case 3:
            return (row + column) % 3 == 0;
        case 4:
            return (row / 2 + column / 3) % 2 == 0;
        case 5:
            return (row * column) % 2 + (row * column) % 3 == 0;
        case 6:
            return ((row * column) % 2 + (row * column) % 3) % 2 == 0;
        default:
            return ((row + column) % 2 + (row * column) % 3) % 2 == 0;
    }
}

}  // namespace fastqr
