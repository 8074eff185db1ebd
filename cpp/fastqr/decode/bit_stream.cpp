#include "fastqr/decode/bit_stream.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace fastqr {
namespace {

constexpr std::string_view alphanumeric_characters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";  // Table 5
constexpr std::uint8_t group_separator = 0x1D;

class BitReader {
  public:
    explicit BitReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    int position() const { return position_; }
    int available() const { return static_cast<int>(bytes_.size()) * 8 - position_; }

    /// The next `count` <= 24 bits, or nothing when fewer are left.
    std::optional<int> read(int count) {
        if (available() < count) return std::nullopt;
        std::uint32_t value = 0;
        const auto first = static_cast<std::size_t>(position_ / 8);
        for (std::size_t i = 0; i < 4; ++i) value = value << 8 | (first + i < bytes_.size() ? bytes_[first + i] : 0U);
        value = count == 0 ? 0 : value << (position_ % 8) >> (32 - count);
        position_ += count;
        return static_cast<int>(value);
    }

  private:
    std::span<const std::uint8_t> bytes_;
    int position_ = 0;
};

/// Bits of the character count indicator (Table 3).
int count_bits(Mode mode, int version) {
    constexpr std::array<std::array<int, 3>, 5> bits{
        {{10, 12, 14}, {9, 11, 13}, {8, 16, 16}, {8, 10, 12}, {8, 10, 12}}};
    return bits[static_cast<std::size_t>(mode)][version <= 9 ? 0 : version <= 26 ? 1 : 2];
}

bool read_numeric(BitReader& bits, int count, std::vector<std::uint8_t>& out) {
    while (count > 0) {
        const int digits = std::min(count, 3);
        const auto value = bits.read(digits * 3 + 1);
        int limit = 1;
        for (int i = 0; i < digits; ++i) limit *= 10;
        if (!value || *value >= limit) return false;
        for (int place = limit / 10; place > 0; place /= 10)
            out.push_back(static_cast<std::uint8_t>('0' + *value / place % 10));
        count -= digits;
    }
    return true;
}

bool read_alphanumeric(BitReader& bits, int count, bool fnc1, std::vector<std::uint8_t>& out) {
    const auto character = [](int value) {
        return static_cast<std::uint8_t>(alphanumeric_characters[static_cast<std::size_t>(value)]);
    };
    std::vector<std::uint8_t> characters;
    for (; count >= 2; count -= 2) {
        const auto value = bits.read(11);
        if (!value || *value >= 45 * 45) return false;
        characters.push_back(character(*value / 45));
        characters.push_back(character(*value % 45));
    }
    if (count == 1) {
        const auto value = bits.read(6);
        if (!value || *value >= 45) return false;
        characters.push_back(character(*value));
    }
    // With FNC1 a percent sign stands for the separator, two of them for one percent sign (7.4.8.2).
    for (std::size_t i = 0; i < characters.size(); ++i) {
        std::uint8_t c = characters[i];
        if (fnc1 && c == '%') {
            if (i + 1 < characters.size() && characters[i + 1] == '%')
                ++i;
            else
                c = group_separator;
        }
        out.push_back(c);
    }
    return true;
}

bool read_bytes(BitReader& bits, int count, std::vector<std::uint8_t>& out) {
    if (bits.available() / 8 < count) return false;
    out.reserve(out.size() + static_cast<std::size_t>(count));
    for (; count > 0; --count) out.push_back(static_cast<std::uint8_t>(bits.read(8).value_or(0)));
    return true;
}

bool read_kanji(BitReader& bits, int count, std::vector<std::uint8_t>& out) {
    for (; count > 0; --count) {
        const auto value = bits.read(13);
        if (!value) return false;
        int character = (*value / 0xC0) << 8 | *value % 0xC0;  // 7.4.6
        character += character < 0x1F00 ? 0x8140 : 0xC140;
        const int trail = character & 0xFF;
        if (trail == 0x7F || trail > 0xFC || character > 0xEBBF) return false;
        out.push_back(static_cast<std::uint8_t>(character >> 8));
        out.push_back(static_cast<std::uint8_t>(trail));
    }
    return true;
}

bool read_hanzi(BitReader& bits, int count, std::vector<std::uint8_t>& out) {
    for (; count > 0; --count) {
        const auto value = bits.read(13);
        if (!value) return false;
        const int row = *value / 0x60;
        const int cell = *value % 0x60;
        if (cell >= 94) return false;
        const int lead = row + (row < 0x0A ? 0xA1 : 0xA6);  // rows 10 to 15 of GB 2312 are empty and left out
        if (lead > 0xFE) return false;
        out.push_back(static_cast<std::uint8_t>(lead));
        out.push_back(static_cast<std::uint8_t>(cell + 0xA1));
    }
    return true;
}

/// The designator of 7.4.2.2: one, two or three codewords.
std::optional<int> read_eci(BitReader& bits) {
    const auto first = bits.read(8);
    if (!first) return std::nullopt;
    if (*first < 0x80) return first;
    const bool two = *first < 0xC0;
    if (!two && *first >= 0xE0) return std::nullopt;
    const auto rest = bits.read(two ? 8 : 16);
    if (!rest) return std::nullopt;
    const int value = two ? (*first & 0x3F) << 8 | *rest : (*first & 0x1F) << 16 | *rest;
    return value <= 999999 ? std::optional(value) : std::nullopt;
}

/// Whether everything from this bit on is padding: bits that are 0 up to a codeword's end, then 236, 17, 236, ...
/// One codeword of zeros may come before: segno fills up to a codeword's end where the end is already reached.
bool is_padding(std::span<const std::uint8_t> codewords, int bit) {
    auto index = static_cast<std::size_t>(bit / 8);
    if (bit % 8 != 0) {
        if ((codewords[index] & (0xFF >> (bit % 8))) != 0) return false;
        ++index;
    }
    if (index < codewords.size() && codewords[index] == 0) ++index;
    for (std::size_t i = index; i < codewords.size(); ++i)
        if (codewords[i] != padding[(i - index) % 2]) return false;
    return true;
}

std::optional<Mode> data_mode(int indicator) {
    switch (indicator) {
        case 0b0001:
            return Mode::numeric;
        case 0b0010:
            return Mode::alphanumeric;
        case 0b0100:
            return Mode::byte;
        case 0b1000:
            return Mode::kanji;
        case 0b1101:
            return Mode::hanzi;
        default:
            return std::nullopt;
    }
}

class Parser {
  public:
    Parser(std::span<const std::uint8_t> codewords, int version)
        : codewords_(codewords), bits_(codewords), version_(version) {}

    std::optional<Message> parse(Model model) {
        if (bits_.read(leading_zeros(model)) != 0) return std::nullopt;
        for (;;) {
            if (!message_.segments.empty() && !unterminated_ && bits_.available() >= 8 &&
                is_padding(codewords_, bits_.position()))
                unterminated_ = finished(bits_.position());
            const auto indicator = bits_.read(4);
            if (!indicator) {  // a terminator is cut where the capacity ends (7.4.9)
                const bool zero = bits_.read(bits_.available()) == 0;
                Message done = finished(static_cast<int>(codewords_.size()) * 8);
                done.padding_conforms = zero;
                return done;
            }
            if (*indicator == 0) return finished(bits_.position());
            // Some encoders leave the terminator out and pad at once; taken so only where nothing else parses.
            if (!read_segment(*indicator)) return unterminated_;
        }
    }

  private:
    Message finished(int bit) const {
        Message done = message_;
        done.first_padding_codeword = (bit + 7) / 8;
        done.padding_conforms = is_padding(codewords_, bit);
        return done;
    }

    bool read_segment(int indicator) {
        switch (indicator) {
            case 0b0111: {
                eci_ = read_eci(bits_);
                return eci_.has_value();
            }
            case 0b0011: {
                const auto sequence = bits_.read(8);
                const auto parity = bits_.read(8);
                if (!sequence || !parity || message_.structured_append || !message_.segments.empty()) return false;
                const int index = *sequence >> 4;
                const int total = (*sequence & 0xF) + 1;
                if (index >= total) return false;
                message_.structured_append = StructuredAppend{index, total, *parity};
                return true;
            }
            case 0b0101:
                if (message_.fnc1 != Fnc1::none || !message_.segments.empty()) return false;
                message_.fnc1 = Fnc1::first_position;
                return true;
            case 0b1001: {
                const auto indicator_value = bits_.read(8);
                if (!indicator_value || message_.fnc1 != Fnc1::none || !message_.segments.empty()) return false;
                const int v = *indicator_value;
                if (!(v < 100 || (v >= 'A' + 100 && v <= 'Z' + 100) || (v >= 'a' + 100 && v <= 'z' + 100)))
                    return false;  // 7.4.8.3
                message_.fnc1 = Fnc1::second_position;
                message_.application_indicator = v;
                return true;
            }
            default:
                return read_data(indicator);
        }
    }

    bool read_data(int indicator) {
        const auto mode = data_mode(indicator);
        if (!mode) return false;
        if (*mode == Mode::hanzi) {
            constexpr int gb2312 = 1;  // the only subset that GB/T 18284 assigns
            const auto subset = bits_.read(4);
            if (!subset || *subset != gb2312) return false;
        }
        const auto count = bits_.read(count_bits(*mode, version_));
        if (!count) return false;
        Segment segment{*mode, eci_, {}};
        const bool fnc1 = message_.fnc1 != Fnc1::none;
        bool complete = false;
        switch (*mode) {
            case Mode::numeric:
                complete = read_numeric(bits_, *count, segment.bytes);
                break;
            case Mode::alphanumeric:
                complete = read_alphanumeric(bits_, *count, fnc1, segment.bytes);
                break;
            case Mode::byte:
                complete = read_bytes(bits_, *count, segment.bytes);
                break;
            case Mode::kanji:
                complete = read_kanji(bits_, *count, segment.bytes);
                break;
            case Mode::hanzi:
                complete = read_hanzi(bits_, *count, segment.bytes);
                break;
        }
        if (!complete) return false;
        if (!segment.bytes.empty()) message_.segments.push_back(std::move(segment));
        return true;
    }

    std::span<const std::uint8_t> codewords_;
    BitReader bits_;
    int version_;
    std::optional<int> eci_;
    Message message_;
    std::optional<Message> unterminated_;
};

}  // namespace

std::optional<Message> parse_bit_stream(std::span<const std::uint8_t> codewords, int version, Model model) {
    return Parser(codewords, version).parse(model);
}

}  // namespace fastqr
