#pragma once

#include <algorithm>
#include <cstddef>

#include "fastqr/image/mip_map.hpp"
#include "fastqr/memory/vector.hpp"
#include "fastqr/rectify/homography.hpp"

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
        const Cell cell = cell_at(x, y);
        const float top = cell.a + (cell.b - cell.a) * cell.fx;
        const float bottom = cell.c + (cell.d - cell.c) * cell.fx;
        return {top + (bottom - top) * cell.fy,
                ((cell.b - cell.a) * (1 - cell.fy) + (cell.d - cell.c) * cell.fy) * kPixels, (bottom - top) * kPixels};
    }
    /// The value alone.
    [[nodiscard]] float value(float x, float y) const {
        const Cell cell = cell_at(x, y);
        const float top = cell.a + (cell.b - cell.a) * cell.fx;
        return top + (cell.c + (cell.d - cell.c) * cell.fx - top) * cell.fy;
    }
    [[nodiscard]] int size() const { return size_; }

  private:
    /// The four samples about a place, and where it lies between them.
    struct Cell {
        float a, b, c, d;
        float fx, fy;
    };
    [[nodiscard]] Cell cell_at(float x, float y) const {
        const float limit = static_cast<float>(side_) - 1.01F;
        float u = (x + kMargin) * kPixels - 0.5F;
        float v = (y + kMargin) * kPixels - 0.5F;
        u = std::min(u > 0 ? u : 0, limit);  // NaN becomes 0
        v = std::min(v > 0 ? v : 0, limit);
        const int column = static_cast<int>(u);
        const int row = static_cast<int>(v);
        const float* p = samples_.data() + static_cast<std::ptrdiff_t>(row) * side_ + column;
        return {p[0], p[1], p[side_], p[side_ + 1], u - static_cast<float>(column), v - static_cast<float>(row)};
    }

    int size_;
    int side_;
    Vector<float> samples_;
};

}  // namespace fastqr
