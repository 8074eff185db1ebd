#pragma once

#include <algorithm>
#include <cstddef>

namespace fastqr {

/// The four pixels about a place and where it lies between them: the one bilinear look that all stages take.
struct BilinearLook {
    float top_left, top_right, bottom_left, bottom_right;
    float across, down;  // 0..1, from the left and from the top pixels

    [[nodiscard]] float value() const { return top() + slope_y() * down; }
    /// Change a pixel to the right.
    [[nodiscard]] float slope_x() const {
        return (top_right - top_left) * (1 - down) + (bottom_right - bottom_left) * down;
    }
    /// Change a pixel down.
    [[nodiscard]] float slope_y() const { return bottom() - top(); }

  private:
    [[nodiscard]] float top() const { return top_left + (top_right - top_left) * across; }
    [[nodiscard]] float bottom() const { return bottom_left + (bottom_right - bottom_left) * across; }
};

/// One axis of a picture, for looks that replicate its border. Places are counted from the first pixel's centre.
class Axis {
  public:
    explicit Axis(int length)
        : last_(static_cast<float>(length - 1)), most_(std::max(length - 2, 0)), step_(length > 1 ? 1 : 0) {}

    /// A place on the axis. Written so that NaN becomes 0: a homography may send a point to infinity.
    [[nodiscard]] float clamped(float at) const { return std::min(at > 0 ? at : 0.0F, last_); }

    /// The pixel at or before a place on the axis, but one that has a next one, if any has.
    [[nodiscard]] int pixel(float place) const { return std::min(static_cast<int>(place), most_); }

    /// From a pixel to the next; none where there is only one.
    [[nodiscard]] int step() const { return step_; }

  private:
    float last_;
    int most_;
    int step_;
};

/// Values in rows one after the other; a small object to make once for many looks. Places are counted from the first
/// value's centre.
template <typename Value>
class Plane {
  public:
    Plane(const Value* values, int height, int width)
        : values_(values), width_(width), across_(width), down_(height), below_(std::ptrdiff_t{down_.step()} * width) {}

    /// Between values that are all there: 0 ≤ x < width − 1, 0 ≤ y < height − 1.
    [[nodiscard]] BilinearLook inside(float x, float y) const {
        return look(x, y, static_cast<int>(x), static_cast<int>(y), 1, width_);
    }

    /// Anywhere, the border replicated.
    [[nodiscard]] BilinearLook clamped(float x, float y) const {
        const float u = across_.clamped(x);
        const float v = down_.clamped(y);
        return look(u, v, across_.pixel(u), down_.pixel(v), across_.step(), below_);
    }

  private:
    [[nodiscard]] BilinearLook look(float x, float y, int column, int row, std::ptrdiff_t right,
                                    std::ptrdiff_t below) const {
        const Value* a = values_ + row * width_ + column;
        const Value* b = a + below;
        return {static_cast<float>(a[0]),     static_cast<float>(a[right]),   static_cast<float>(b[0]),
                static_cast<float>(b[right]), x - static_cast<float>(column), y - static_cast<float>(row)};
    }

    const Value* values_;
    std::ptrdiff_t width_;
    Axis across_;
    Axis down_;
    std::ptrdiff_t below_;  // from a value to the one below
};

}  // namespace fastqr
