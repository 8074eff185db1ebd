#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fastqr/standard/model.hpp"

namespace fastqr {

inline constexpr std::array<std::uint8_t, 2> padding{0xEC, 0x11};  ///< in turn, after the data (7.4.10)

/// Modes that carry data (ISO/IEC 18004:2015, Table 2; Hanzi from GB/T 18284).
enum class Mode : std::uint8_t { numeric, alphanumeric, byte, kanji, hanzi };

struct Segment {
    Mode mode = Mode::byte;
    std::optional<int> eci;           ///< the assignment number in force (7.4.2)
    std::vector<std::uint8_t> bytes;  ///< ASCII digits and letters, bytes as they are, Shift_JIS, GB 2312

    bool operator==(const Segment&) const = default;
};

struct StructuredAppend {
    int index = 0;  ///< of this symbol in the sequence, from 0
    int total = 1;
    int parity = 0;  ///< exclusive or of all bytes of the whole message (8.3)

    bool operator==(const StructuredAppend&) const = default;
};

enum class Fnc1 : std::uint8_t { none, first_position, second_position };

/// What the data codewords of one symbol say.
struct Message {
    std::vector<Segment> segments;
    std::optional<StructuredAppend> structured_append;
    Fnc1 fnc1 = Fnc1::none;
    std::optional<int> application_indicator;  ///< of FNC1 in second position: 0..99, or a letter's ASCII value + 100
    int first_padding_codeword = 0;            ///< the data codewords from here on carry nothing
    bool padding_conforms = false;             ///< they are 236, 17, 236, ... after bits that are 0 (7.4.10)

    /// Whether both carry the same, however they are padded.
    bool says_the_same_as(const Message& other) const {
        return segments == other.segments && structured_append == other.structured_append && fnc1 == other.fnc1 &&
               application_indicator == other.application_indicator;
    }
};

/// Parses data codewords (ISO/IEC 18004:2015, 7.4). Nothing for anything that no encoder writes: an unknown mode, a
/// segment that runs past the end, a value out of its mode's range. A terminator may be cut short or missing. In Model
/// 1 four bits that are 0 come first (ISO/IEC 18004:2000, M.4).
std::optional<Message> parse_bit_stream(std::span<const std::uint8_t> codewords, int version, Model model = Model::two);

}  // namespace fastqr
