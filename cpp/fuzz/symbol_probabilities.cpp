// Symbols as a probability a module, numbers that are none among them: `decode_modules` of a float array, and
// `version_named`, which takes squares of any size.

#include <array>
#include <limits>
#include <vector>

#include "decoding.hpp"

using namespace fastqr;
using namespace fastqr::fuzz;

namespace {

/// 0 to 249 are probabilities in steps of 1 / 249, the others what no network should give.
float probability_of(std::uint8_t byte) {
    constexpr std::array<float, 6> odd{0.5F,
                                       std::numeric_limits<float>::quiet_NaN(),
                                       std::numeric_limits<float>::infinity(),
                                       -std::numeric_limits<float>::infinity(),
                                       std::numeric_limits<float>::denorm_min(),
                                       -1e30F};
    return byte < 250 ? static_cast<float>(byte) / 249 : odd[byte - 250U];
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    Input input(data, length);
    const std::uint8_t options = input.byte();
    const int size = options & 4U ? input.byte() : size_of_version(1 + input.byte() % max_version);
    const std::span<const std::uint8_t> bytes = input.rest();
    std::vector<float> probabilities(static_cast<std::size_t>(size) * static_cast<std::size_t>(size), 0.5F);
    for (std::size_t i = 0; i < probabilities.size() && i < bytes.size(); ++i)
        probabilities[i] = probability_of(bytes[i]);
    if (const auto version = version_named(probabilities, size))
        require(*version >= 7 && *version <= max_version, "only versions with information are named");
    const auto symbol = decode_symbol(probabilities, size, {(options & 1U) != 0, (options & 2U) != 0});
    if (symbol) check_symbol(*symbol, size);
    return 0;
}
