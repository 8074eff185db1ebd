// Symbols as bits, row by row: `decode_modules` of a bool array.

#include <vector>

#include "decoding.hpp"

using namespace fastqr;
using namespace fastqr::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    Input input(data, length);
    const int size = size_of_version(1 + input.byte() % max_version);
    const std::uint8_t options = input.byte();
    const std::span<const std::uint8_t> bits = input.rest();
    std::vector<float> modules(static_cast<std::size_t>(size) * static_cast<std::size_t>(size), 0.0F);
    for (std::size_t i = 0; i < modules.size() && i / 8 < bits.size(); ++i)
        modules[i] = static_cast<float>(bits[i / 8] >> (7 - i % 8) & 1);
    if (const auto symbol = decode_symbol(modules, size, {(options & 1U) != 0, (options & 2U) != 0}))
        check_symbol(*symbol, size);
    return 0;
}
