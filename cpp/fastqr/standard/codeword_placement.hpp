#pragma once

#include <vector>

#include "fastqr/standard/model.hpp"
#include "fastqr/standard/module_grid.hpp"

namespace fastqr {

/// The modules of the encoding region in the order in which the codewords' bits fill them, most significant bit of the
/// first codeword first; the last 0 to 7 are remainder bits (ISO/IEC 18004:2015, 7.7.3). In Model 1 the first four are
/// those of the pattern in the lower right corner, whatever it shows (ISO/IEC 18004:2000, M.7).
std::vector<ModulePosition> codeword_placement(int size, Model model = Model::two);

}  // namespace fastqr
