#include "fastqr/standard/symbol_layout.hpp"

#include "fastqr/standard/codeword_placement.hpp"
#include "fastqr/standard/data_mask.hpp"
#include "fastqr/standard/function_patterns.hpp"
#include "fastqr/standard/made_once.hpp"
#include "fastqr/standard/version.hpp"

namespace fastqr {
namespace {

constexpr std::size_t kPeriod = 12;  // modules after which every data mask repeats itself, along rows and columns
constexpr std::size_t kMasks = 8;

/// One bit a data mask, by row and column within a period.
constexpr std::array<std::uint8_t, kPeriod * kPeriod> masks_of_period() {
    std::array<std::uint8_t, kPeriod * kPeriod> all{};
    for (std::size_t i = 0; i < all.size(); ++i)
        for (std::size_t mask = 0; mask < kMasks; ++mask)
            if (mask_inverts(static_cast<int>(mask), static_cast<int>(i / kPeriod), static_cast<int>(i % kPeriod)))
                all[i] = static_cast<std::uint8_t>(all[i] | 1U << mask);
    return all;
}

SymbolLayout make_layout(int version, Model model) {
    constexpr auto inverting = masks_of_period();
    SymbolLayout layout;
    layout.model = model;
    layout.version = version;
    layout.size = size_of_version(version);
    layout.function_patterns = function_patterns(layout.size, model);
    const std::vector<ModulePosition> placement = codeword_placement(layout.size, model);
    layout.bits.reserve(placement.size());
    for (auto& bytes : layout.mask_bits) bytes.resize((placement.size() + 7) / 8);
    for (std::size_t i = 0; i < placement.size(); ++i) {
        const auto row = static_cast<std::size_t>(placement[i].row);
        const auto column = static_cast<std::size_t>(placement[i].column);
        layout.bits.push_back(static_cast<std::uint16_t>(row * static_cast<std::size_t>(layout.size) + column));
        const std::int8_t pattern = layout.function_patterns[layout.bits.back()];
        const unsigned masks =
            pattern != 0 ? (pattern > 0 ? 0xFFU : 0U) : inverting[row % kPeriod * kPeriod + column % kPeriod];
        for (std::size_t mask = 0; mask < kMasks; ++mask) {
            std::uint8_t& byte = layout.mask_bits[mask][i / 8];
            byte = static_cast<std::uint8_t>(byte | (masks >> mask & 1U) << (7 - i % 8));
        }
    }
    return layout;
}

}  // namespace

const SymbolLayout& symbol_layout(int version, Model model) {
    static std::array<MadeOnce<SymbolLayout>, max_version> layouts;
    static std::array<MadeOnce<SymbolLayout>, max_version_of_model_1> layouts_of_model_1;
    const auto index = static_cast<std::size_t>(version - 1);
    if (model == Model::one) return layouts_of_model_1[index].get([&] { return make_layout(version, model); });
    return layouts[index].get([&] { return make_layout(version, model); });
}

}  // namespace fastqr
