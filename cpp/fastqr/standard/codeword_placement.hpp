#pragma once

#include <vector>

#include "fastqr/standard/module_grid.hpp"

namespace fastqr {

/// The modules of the encoding region in the order in which the codewords' bits fill them, most significant bit of the
/// first codeword first; the last 0 to 7 are remainder bits (ISO/IEC 18004:2015, 7.7.3).
std::vector<ModulePosition> codeword_placement(int size);

}  // namespace fastqr
