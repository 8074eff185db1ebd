#include "fastqr/read/named_size.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "fastqr/rectify/local_field.hpp"
#include "fastqr/standard/version.hpp"
#include "fastqr/standard/version_information.hpp"

namespace fastqr {
namespace {

constexpr std::size_t kBits = 18;
/// Correlation of both copies with a version's word, from which it is the one: the words themselves correlate with each
/// other by a tenth, and what is none with the nearest of them by two fifths at most.
constexpr float kNamed = 0.6F;

using Word = std::array<float, kBits>;  // of mean 0 and length 1

Word normalised(Word word) {
    float mean = 0;
    for (const float v : word) mean += v / kBits;
    float squares = 1e-6F;
    for (float& v : word) {
        v -= mean;
        squares += v * v;
    }
    for (float& v : word) v /= std::sqrt(squares);
    return word;
}

/// The bits of the copy beside the top right finder pattern, or of its transpose above the bottom left one, as grey
/// values: more of a dark module than of a light one.
Word version_greys(const MipMap& image, const std::array<Point, 4>& quad, bool transposed) {
    // The pattern's own frame and no perspective: from four corners it would carry their errors far.
    const LocalFrame frame = LocalFrame::of_finder(quad);
    const int level = image.level_for(static_cast<float>(
        std::min(std::hypot(frame.across.x, frame.across.y), std::hypot(frame.down.x, frame.down.y)) / 2));
    const auto grey = [&](double x, double y) {
        const Point p = frame(x, y);
        return image.sample(level, static_cast<float>(p.x), static_cast<float>(p.y));
    };
    const float gap = (grey(-2, 0) + grey(2, 0) + grey(0, -2) + grey(0, 2)) / 4;
    const float sign = grey(0, 0) < gap ? -1 : 1;
    Word greys{};
    for (std::size_t bit = 0; bit < kBits; ++bit) {
        const double beyond = static_cast<double>(bit % 3) - 7;
        const double beside = static_cast<double>(bit / 3) - 3;
        greys[bit] = sign * (transposed ? grey(beside, beyond) : grey(beyond, beside));
    }
    return normalised(greys);
}

const std::array<Word, max_version + 1>& version_words() {
    static const std::array<Word, max_version + 1> all = [] {
        std::array<Word, max_version + 1> words{};
        for (int version = first_version_with_information; version <= max_version; ++version) {
            Word& word = words[static_cast<std::size_t>(version)];
            for (std::size_t bit = 0; bit < kBits; ++bit)
                word[bit] = static_cast<float>(version_word(version) >> bit & 1U);
            word = normalised(word);
        }
        return words;
    }();
    return all;
}

}  // namespace

std::optional<int> named_size(const MipMap& image, const FinderCorners& corners) {
    // A mirrored symbol shows each copy where the other one is expected: they are alike.
    const Word right = version_greys(image, corners[1], false);
    const Word below = version_greys(image, corners[2], true);
    std::optional<int> size;
    float best = kNamed;
    for (int version = first_version_with_information; version <= max_version; ++version) {
        const Word& word = version_words()[static_cast<std::size_t>(version)];
        float agreement = 0;
        for (std::size_t bit = 0; bit < kBits; ++bit) agreement += word[bit] * (right[bit] + below[bit]) / 2;
        if (agreement < best) continue;
        best = agreement;
        size = size_of_version(version);
    }
    return size;
}

}  // namespace fastqr
