#include "fastqr/read/named_size.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "fastqr/standard/version.hpp"
#include "fastqr/standard/version_information.hpp"

namespace fastqr {
namespace {

constexpr int kBits = 18;
// Of the bits of both copies; the words of two versions differ in 16 of them at least.
constexpr int kMostWrong = 6;

/// A finder pattern's own frame, in modules from its first corner: the parallelogram nearest to its quad, for
/// perspective from four corners would carry their errors far.
class FinderFrame {
  public:
    FinderFrame(const MipMap& image, const std::array<Point, 4>& quad) : image_(image) {
        constexpr double kModules = 2 * 7.0;  // of two opposite edges
        along_ = {(quad[1].x - quad[0].x + quad[2].x - quad[3].x) / kModules,
                  (quad[1].y - quad[0].y + quad[2].y - quad[3].y) / kModules};
        down_ = {(quad[3].x - quad[0].x + quad[2].x - quad[1].x) / kModules,
                 (quad[3].y - quad[0].y + quad[2].y - quad[1].y) / kModules};
        for (const Point& corner : quad) {
            origin_.x += corner.x / 4;
            origin_.y += corner.y / 4;
        }
        origin_.x -= 3.5 * (along_.x + down_.x);
        origin_.y -= 3.5 * (along_.y + down_.y);
        level_ = image.level_for(
            static_cast<float>(std::min(std::hypot(along_.x, along_.y), std::hypot(down_.x, down_.y)) / 2));
    }

    [[nodiscard]] float grey(double x, double y) const {
        return image_.sample(level_, static_cast<float>(origin_.x + x * along_.x + y * down_.x),
                             static_cast<float>(origin_.y + x * along_.y + y * down_.y));
    }

    /// Between the core and the gap around it.
    [[nodiscard]] float threshold() const {
        return grey(3.5, 3.5) / 2 + (grey(1.5, 3.5) + grey(5.5, 3.5) + grey(3.5, 1.5) + grey(3.5, 5.5)) / 8;
    }

  private:
    const MipMap& image_;
    Point along_{};
    Point down_{};
    Point origin_{};
    int level_ = 0;
};

/// The bits of the copy beside the top right finder pattern, or of its transpose above the bottom left one.
std::uint32_t version_bits(const MipMap& image, const std::array<Point, 4>& quad, bool transposed) {
    const FinderFrame frame(image, quad);
    const float threshold = frame.threshold();
    const bool dark_core = frame.grey(3.5, 3.5) < threshold;
    std::uint32_t bits = 0;
    for (int bit = 0; bit < kBits; ++bit) {
        const double beyond = bit % 3 - 3.5;  // of the pattern's first column
        const double beside = bit / 3 + 0.5;
        const float grey = transposed ? frame.grey(beside, beyond) : frame.grey(beyond, beside);
        if ((grey < threshold) == dark_core) bits |= std::uint32_t{1} << bit;
    }
    return bits;
}

}  // namespace

std::optional<int> named_size(const MipMap& image, const FinderCorners& corners) {
    const std::uint32_t right = version_bits(image, corners[1], false);
    const std::uint32_t below = version_bits(image, corners[2], true);
    for (int version = first_version_with_information; version <= max_version; ++version) {
        const std::uint32_t word = version_word(version);
        // A mirrored symbol shows each copy where the other one is expected: they are alike.
        if (std::popcount(right ^ word) + std::popcount(below ^ word) <= kMostWrong) return size_of_version(version);
    }
    return std::nullopt;
}

}  // namespace fastqr
