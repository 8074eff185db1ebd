// Data codewords of a symbol, whatever they are: modes, counts, ECI, structured append, FNC1, padding.

#include "fastqr/decode/bit_stream.hpp"

#include <optional>

#include "fastqr/standard/version.hpp"
#include "input.hpp"

using namespace fastqr;
using namespace fastqr::fuzz;

namespace {

bool is_character(const Segment& segment, std::uint8_t byte) {
    switch (segment.mode) {
        case Mode::numeric:
            return byte >= '0' && byte <= '9';
        case Mode::alphanumeric:
            return (byte >= ' ' && byte <= 'Z') || byte == 0x1D;
        case Mode::hanzi:
            return byte >= 0xA1 && byte <= 0xFE;
        case Mode::kanji:
            return byte >= 0x40 && byte <= 0xFC && byte != 0x7F;
        case Mode::byte:
            return true;
    }
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    Input input(data, length);
    const std::uint8_t kind = input.byte();
    const Model model = kind < 128 ? Model::two : Model::one;
    const int version = 1 + kind % 128 % (model == Model::two ? max_version : max_version_of_model_1);
    const std::span<const std::uint8_t> codewords = input.rest();
    const auto message = parse_bit_stream(codewords, version, model);
    if (!message) return 0;
    std::size_t bytes = 0;
    for (const Segment& segment : message->segments) {
        require(!segment.bytes.empty(), "a segment holds something");
        require(!segment.eci || (*segment.eci >= 0 && *segment.eci <= 999999), "ECI assignments have six digits");
        const bool pairs = segment.mode == Mode::kanji || segment.mode == Mode::hanzi;
        require(!pairs || segment.bytes.size() % 2 == 0, "double-byte characters are whole");
        for (std::uint8_t byte : segment.bytes) require(is_character(segment, byte), "bytes are the mode's own");
        bytes += segment.bytes.size();
    }
    require(bytes * 10 <= codewords.size() * 8 * 3, "no mode is denser than three digits in ten bits");
    require(message->first_padding_codeword >= 0 &&
                static_cast<std::size_t>(message->first_padding_codeword) <= codewords.size(),
            "padding begins among the codewords");
    if (const auto& append = message->structured_append)
        require(append->index >= 0 && append->index < append->total && append->total <= 16 && append->parity >= 0 &&
                    append->parity <= 255,
                "structured append numbers up to sixteen symbols");
    require((message->fnc1 == Fnc1::second_position) == message->application_indicator.has_value(),
            "FNC1 in second position, and it alone, has an application indicator");
    return 0;
}
