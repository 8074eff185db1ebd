#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "fastqr/geometry/homography.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/image/sampling.hpp"
#include "fastqr/rectify/pattern_samples.hpp"

namespace fastqr {

/// A place of a symbol in the picture, and what a module along its rows and its columns is there.
struct LocalFrame {
    Point origin;
    Point across;
    Point down;

    /// Where a place lies that is so many modules from the origin.
    [[nodiscard]] Point operator()(double x, double y) const {
        return {origin.x + x * across.x + y * down.x, origin.y + x * across.y + y * down.y};
    }

    /// The frame of right angles that has its area and its mean turn.
    [[nodiscard]] LocalFrame squared() const;

    /// A finder pattern's own frame about its centre: the parallelogram nearest to its corners.
    static LocalFrame of_finder(const std::array<Point, 4>& corners);

    /// The corners of the finder pattern that lies in it.
    [[nodiscard]] std::array<Point, 4> finder_corners() const;
};

/// What a picture shows about a frame's origin, some samples a module: cheap where the pattern that is sought there is
/// small, and upright whatever the paper does elsewhere.
class LocalField {
  public:
    static constexpr int kPixels = 3;  ///< samples a module

    /// Looks `reach` modules to every side: kPixels² looks a module.
    LocalField(const MipMap& image, const LocalFrame& frame, double reach);

    /// The sample so many steps down and right of the origin, which lies in the field.
    [[nodiscard]] const float* at(int down, int right) const {
        return values_.data() + static_cast<std::ptrdiff_t>(half_ + down) * side_ + half_ + right;
    }
    /// Between samples, so many modules from the origin; slopes are those of a sample.
    [[nodiscard]] BilinearLook look(double x, double y) const {
        return Plane<float>(values_.data(), side_, side_)
            .clamped(static_cast<float>(x * kPixels + half_), static_cast<float>(y * kPixels + half_));
    }

  private:
    int half_;
    int side_;
    std::vector<float> values_;
};

/// A square pattern's grey values but for gain and offset, as a field shows them.
class FieldPattern {
  public:
    /// `samples`: row by row, an odd number of rows, 1 / kPixels modules apart.
    explicit FieldPattern(const PatternSamples& samples);

    /// Correlation −1..1 with what a field shows so many steps from its origin; 0 where that is flat.
    [[nodiscard]] double correlation(const LocalField& field, int down = 0, int right = 0) const;

    /// Modules from its centre to its last sample.
    [[nodiscard]] double reach() const { return static_cast<double>(half_) / LocalField::kPixels; }

  private:
    int half_;
    std::vector<float> values_;  // of mean 0 and length 1
};

}  // namespace fastqr
