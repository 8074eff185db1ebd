#pragma once

#include <vector>

#include "fastqr/geometry/homography.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/image/sampling.hpp"

namespace fastqr {

/// A symbol and three modules around it as a homography straightens it, at a few samples a module: the small picture
/// in which patterns are searched and registered. Places are symbol coordinates.
class Straightened {
  public:
    static constexpr int kMargin = 3;  // modules around the symbol that stay searchable
    static constexpr int kPixels = 3;  // samples a module; 4 registered no better

    /// What of the symbol is looked at: all of it, or the surroundings of the finder patterns, the timing patterns and
    /// the last alignment pattern, which in large symbols are a small part; or what is near to them alone, where they
    /// are not off by more than a module.
    enum class Part { kWhole, kPatterns, kNearPatterns };

    Straightened(const MipMap& image, const Homography& symbol_to_image, int size, Part part);

    /// Gaussian blur of all samples, sigma in modules.
    void blur(double sigma);

    /// Value and slope (per module) at a place, bilinear; places outside take the border's value.
    struct Look {
        float value;
        float slope_x;
        float slope_y;
    };
    [[nodiscard]] Look look(float x, float y) const {
        const BilinearLook at = seen_at(x, y);
        return {at.value(), at.slope_x() * kPixels, at.slope_y() * kPixels};
    }
    /// The value alone.
    [[nodiscard]] float value(float x, float y) const { return seen_at(x, y).value(); }
    [[nodiscard]] int size() const { return size_; }

  private:
    [[nodiscard]] BilinearLook seen_at(float x, float y) const {
        return Plane<float>(samples_.data(), side_, side_)
            .clamped((x + kMargin) * kPixels - 0.5F, (y + kMargin) * kPixels - 0.5F);
    }

    int size_;
    int side_;
    std::vector<float> samples_;
};

}  // namespace fastqr
