#pragma once

#include <optional>

#include "fastqr/image/mip_map.hpp"
#include "fastqr/read/settings.hpp"
#include "fastqr/rectify/size.hpp"
#include "fastqr/rectify/symbol_place.hpp"
#include "fastqr/standard/version.hpp"
#include "fastqr/standard/version_information.hpp"

namespace fastqr {

/// Grey values that a place by its version information visits, about, of finder patterns that seem far enough apart.
inline constexpr int kNamedPlaceWork = 10'000;
inline constexpr int kSmallestNamed = size_of_version(first_version_with_information - 2);

/// The place of a large symbol whose finder patterns are about where their corners are said to be, by the version that
/// it names beside them: each pattern is registered by itself first, so paper that is not flat does no harm. Its score
/// is how well they agree. Nothing where the patterns do not, or name no version.
[[nodiscard]] std::optional<SymbolPlace> named_place(const MipMap& image, const FinderCorners& corners,
                                                     const ReadSettings& settings = {});

}  // namespace fastqr
