#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "fastqr/decode/decoder.hpp"
#include "fastqr/standard/version.hpp"
#include "input.hpp"

namespace fastqr::fuzz {

inline bool same_payload(const Message& a, const Message& b) {
    if (a.segments.size() != b.segments.size() || a.fnc1 != b.fnc1) return false;
    for (std::size_t i = 0; i < a.segments.size(); ++i)
        if (a.segments[i].mode != b.segments[i].mode || a.segments[i].eci != b.segments[i].eci ||
            a.segments[i].bytes != b.segments[i].bytes)
            return false;
    return true;
}

/// What holds of every symbol that was decoded, above all that its modules say again what it says.
inline void check_symbol(const DecodedSymbol& symbol, int size) {
    require(symbol.version == version_of_size(size), "the version is the size's");
    require(symbol.confidence >= 0 && symbol.confidence <= 1, "the confidence lies in 0..1");
    require(symbol.corrected_codewords >= 0 && symbol.erased_codewords >= 0, "counts of codewords are 0 or more");
    require(!symbol.message.segments.empty(), "a symbol says something");
    const std::vector<float> modules(symbol.modules.begin(), symbol.modules.end());
    const auto again = decode_symbol(modules, size, {false, false});
    require(again.has_value(), "the corrected modules decode");
    require(same_payload(again->message, symbol.message), "the corrected modules hold the payload");
    require(again->corrected_codewords == 0 && again->erased_codewords == 0, "corrected modules need no correction");
    require(again->modules == symbol.modules, "the corrected modules are their own correction");
}

}  // namespace fastqr::fuzz
