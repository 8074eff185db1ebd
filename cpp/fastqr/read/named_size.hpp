#pragma once

#include <optional>

#include "fastqr/image/mip_map.hpp"
#include "fastqr/rectify/size.hpp"

namespace fastqr {

/// The size in modules that the version information beside two finder patterns names, read from their own corners
/// alone: of large symbols the corners leave it in doubt, and a registration of a wrong size costs more than all else.
/// Nothing below version 7, or where the bits are no version's.
[[nodiscard]] std::optional<int> named_size(const MipMap& image, const FinderCorners& corners);

}  // namespace fastqr
