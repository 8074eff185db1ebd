#pragma once

#include <tuple>

#include "fastqr/setting.hpp"

namespace fastqr {

/// How much the decoder asks for before it believes something.
struct DecoderSettings {
    double evidence_needed = 36;

    static constexpr auto described() {
        return std::tuple{
            Setting{"evidence_needed", &DecoderSettings::evidence_needed, 20, 200, "bits",
                    "Beyond what the standard's error correction guarantees, a block needs this much evidence: with at "
                    "most 8 formats to choose from, a wrong block is accepted less than once in 2^33 blocks. One "
                    "reading must be so far ahead of another, too, where the format modules leave both open."},
        };
    }
    friend bool operator==(const DecoderSettings&, const DecoderSettings&) = default;
};

}  // namespace fastqr
