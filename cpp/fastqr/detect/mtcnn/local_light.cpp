#include "fastqr/detect/mtcnn/local_light.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include "fastqr/image/window_light.hpp"

namespace fastqr {
namespace {

constexpr int kCell = 4;                                                      // pixels
constexpr int kReach = 3;                                                     // cells about a cell
constexpr std::array<float, kCell> kBetween{0.125F, 0.375F, 0.625F, 0.875F};  // of pixels between centres of cells

constexpr float kFiner = 8;  // are tones here; the squares of a window's still add to less than 2³²

LocalLight::Tones fine_tones(const GreyView& level) {
    static const auto table = [] {
        std::array<std::int16_t, 256> tones{};
        for (std::size_t grey = 0; grey < tones.size(); ++grey)
            tones[grey] = static_cast<std::int16_t>(std::lround(kFiner * tone(static_cast<float>(grey))));
        return tones;
    }();
    LocalLight::Tones result(level.pixels.size());
    std::ranges::transform(level.pixels, result.begin(), [](std::uint8_t grey) { return table[grey]; });
    return result;
}

/// Sums over all cells before a row and a column. They wrap around; differences are right, since those of some cells
/// are below 2³².
class Sums {
  public:
    Sums(int rows, int columns)
        : width_(static_cast<std::size_t>(columns) + 1), sums_((static_cast<std::size_t>(rows) + 1) * width_) {}

    void add_row(int row, const std::vector<std::uint32_t>& cells) {
        const std::uint32_t* above = sums_.data() + static_cast<std::size_t>(row) * width_;
        std::uint32_t* here = sums_.data() + static_cast<std::size_t>(row + 1) * width_;
        std::uint32_t sum = 0;
        for (std::size_t c = 0; c + 1 < width_; ++c) here[c + 1] = above[c + 1] + (sum += cells[c]);
    }

    [[nodiscard]] float of(const Region& cells) const {
        const auto at = [&](int row, int column) {
            return sums_[static_cast<std::size_t>(row) * width_ + static_cast<std::size_t>(column)];
        };
        return static_cast<float>(at(cells.y2, cells.x2) - at(cells.y1, cells.x2) - at(cells.y2, cells.x1) +
                                  at(cells.y1, cells.x1));
    }

  private:
    std::size_t width_;
    std::vector<std::uint32_t> sums_;
};

int cells_in(int pixels) { return (pixels + kCell - 1) / kCell; }

}  // namespace

LocalLight::LocalLight(const GreyView& level)
    : height_(level.height), width_(level.width), tones_(fine_tones(level)), columns_(cells_in(level.width) + 2) {
    const int rows = cells_in(level.height);
    const int columns = columns_ - 2;
    Sums sums(rows, columns);
    Sums squares(rows, columns);
    std::vector<std::uint32_t> sum(static_cast<std::size_t>(columns * kCell));
    std::vector<std::uint32_t> square(sum.size());
    std::vector<std::uint32_t> cells(static_cast<std::size_t>(columns));
    const auto folded = [&](const std::vector<std::uint32_t>& pixels) -> const std::vector<std::uint32_t>& {
        for (std::size_t c = 0; c < cells.size(); ++c)
            cells[c] = pixels[kCell * c] + pixels[kCell * c + 1] + pixels[kCell * c + 2] + pixels[kCell * c + 3];
        return cells;
    };
    for (int row = 0; row < rows; ++row) {
        std::fill(sum.begin(), sum.end(), 0U);
        std::fill(square.begin(), square.end(), 0U);
        for (int y = row * kCell; y < std::min((row + 1) * kCell, level.height); ++y) {
            const std::int16_t* source = tones_.data() + static_cast<std::ptrdiff_t>(y) * level.width;
            for (std::size_t x = 0; x < static_cast<std::size_t>(level.width); ++x) {
                const std::int32_t tone = source[x];
                sum[x] += static_cast<std::uint32_t>(tone);
                square[x] += static_cast<std::uint32_t>(tone * tone);
            }
        }
        sums.add_row(row, folded(sum));
        squares.add_row(row, folded(square));
    }
    mean_.resize(static_cast<std::size_t>(rows + 2) * static_cast<std::size_t>(columns_));
    gain_.resize(mean_.size());
    for (int row = -1; row <= rows; ++row)
        for (int column = -1; column <= columns; ++column) {
            const int r = std::clamp(row, 0, rows - 1);
            const int c = std::clamp(column, 0, columns - 1);
            const Region about{std::max(c - kReach, 0), std::max(r - kReach, 0), std::min(c + kReach + 1, columns),
                               std::min(r + kReach + 1, rows)};
            const int height = std::min(about.y2 * kCell, level.height) - about.y1 * kCell;
            const int width = std::min(about.x2 * kCell, level.width) - about.x1 * kCell;
            const auto count = static_cast<float>(height * width);
            const float mean = sums.of(about) / count;
            const auto at = static_cast<std::size_t>((row + 1) * columns_ + column + 1);
            mean_[at] = mean;
            gain_[at] = light_gain(squares.of(about) / count - mean * mean, kFiner * least_of_tones(mean / kFiner));
        }
}

void LocalLight::write(const Region& region, std::ptrdiff_t stride, float* out) const {
    const Region inside{std::clamp(region.x1, 0, width_), std::clamp(region.y1, 0, height_),
                        std::clamp(region.x2, 0, width_), std::clamp(region.y2, 0, height_)};
    if (inside.x1 == inside.x2) return;
    // Pixel x lies between the centres of the cells (x + 2) / 4 and the next, of those with one more before the first.
    constexpr int kHalf = kCell / 2;
    const int first = (inside.x1 + kHalf) / kCell;
    const int last = (inside.x2 - 1 + kHalf) / kCell + 1;
    std::vector<float> mean(static_cast<std::size_t>(last - first + 1));
    std::vector<float> gain(mean.size());
    for (int y = inside.y1; y < inside.y2; ++y) {
        const int above = (y + kHalf) / kCell * columns_ + first;
        const float share = kBetween[static_cast<std::size_t>((y + kHalf) % kCell)];
        const auto between = [&](const std::vector<float>& cells, std::vector<float>& row) {
            const float* a = cells.data() + above;
            const float* b = a + columns_;
            for (std::size_t c = 0; c < row.size(); ++c) row[c] = a[c] + (b[c] - a[c]) * share;
        };
        between(mean_, mean);
        between(gain_, gain);
        const std::int16_t* source = tones_.data() + static_cast<std::ptrdiff_t>(y) * width_;
        float* target = out + (y - region.y1) * stride;
        const auto write_at = [&](std::size_t c, int x, std::size_t k) {
            target[x - region.x1] =
                in_light(static_cast<float>(source[x]), mean[c] + (mean[c + 1] - mean[c]) * kBetween[k],
                         gain[c] + (gain[c + 1] - gain[c]) * kBetween[k]);
        };
        for (int cell = first; cell < last; ++cell) {
            const auto c = static_cast<std::size_t>(cell - first);
            const int x = cell * kCell - kHalf;
            if (x >= inside.x1 && x + kCell <= inside.x2)
                for (std::size_t k = 0; k < kCell; ++k) write_at(c, x + static_cast<int>(k), k);
            else
                for (int at = std::max(x, inside.x1); at < std::min(x + kCell, inside.x2); ++at)
                    write_at(c, at, static_cast<std::size_t>(at - x));
        }
    }
}

}  // namespace fastqr
