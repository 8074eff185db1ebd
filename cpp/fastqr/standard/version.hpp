#pragma once

#include <optional>

namespace fastqr {

inline constexpr int min_version = 1;
inline constexpr int max_version = 40;

/// Modules along a side of a version (ISO/IEC 18004:2015, 5.3.1.1).
constexpr int size_of_version(int version) { return 17 + 4 * version; }

/// The version whose symbols have this many modules along a side, if there is one.
constexpr std::optional<int> version_of_size(int size) {
    if (size < size_of_version(min_version) || size > size_of_version(max_version) || (size - 17) % 4 != 0)
        return std::nullopt;
    return (size - 17) / 4;
}

}  // namespace fastqr
