#include "fastqr/image/area_resize.hpp"

#include <algorithm>
#include <cmath>

namespace fastqr {
namespace {

/// The source pixels that one destination pixel covers: [first, last], whole but for the weights of the two ends.
struct Span {
    int first = 0;
    int last = 0;
    float first_weight = 1;
    float last_weight = 1;
};

std::vector<Span> spans(int source, int target) {
    std::vector<Span> result(static_cast<std::size_t>(target));
    const double ratio = static_cast<double>(source) / target;
    for (int i = 0; i < target; ++i) {
        const double low = i * ratio;
        const double high = std::min((i + 1) * ratio, static_cast<double>(source));
        Span& span = result[static_cast<std::size_t>(i)];
        span.first = std::min(static_cast<int>(low), source - 1);
        span.last = std::clamp(static_cast<int>(std::ceil(high)) - 1, span.first, source - 1);
        if (span.first == span.last) {
            span.first_weight = static_cast<float>(high - low);
            span.last_weight = 0;
        } else {
            span.first_weight = static_cast<float>(span.first + 1 - low);
            span.last_weight = static_cast<float>(high - span.last);
        }
    }
    return result;
}

/// One row as grey floats. Costs 1 or 3 bytes read and 4 written a pixel; vectorised where pixels are adjacent.
void grey_row(const ImageView& image, int row, std::vector<float>& out) {
    const std::uint8_t* p = image.pixel(row, 0);
    if (image.channels == 1 && image.column_stride == 1) {
        for (int x = 0; x < image.width; ++x) out[static_cast<std::size_t>(x)] = static_cast<float>(p[x]);
        return;
    }
    for (int x = 0; x < image.width; ++x) out[static_cast<std::size_t>(x)] = static_cast<float>(image.grey(row, x));
}

}  // namespace

GreyImage area_resize(const ImageView& image, int height, int width) {
    GreyImage result{height, width,
                     std::vector<std::uint8_t>(static_cast<std::size_t>(height) * static_cast<std::size_t>(width))};
    const std::vector<Span> across = spans(image.width, width);
    const std::vector<Span> down = spans(image.height, height);
    std::vector<float> row(static_cast<std::size_t>(image.width));
    std::vector<float> column(static_cast<std::size_t>(image.width));
    const double area = static_cast<double>(image.height) / height * image.width / width;
    const float share = static_cast<float>(1 / area);
    int loaded = -1;
    for (int y = 0; y < height; ++y) {
        const Span& rows = down[static_cast<std::size_t>(y)];
        std::fill(column.begin(), column.end(), 0.0F);
        // Vertical sums first: one multiply-add a source pixel, in row order, so memory is read once and in sequence.
        for (int r = rows.first; r <= rows.last; ++r) {
            if (loaded != r) {
                grey_row(image, r, row);
                loaded = r;
            }
            const float weight = r == rows.first ? rows.first_weight : r == rows.last ? rows.last_weight : 1.0F;
            for (std::size_t x = 0; x < row.size(); ++x) column[x] += weight * row[x];
        }
        for (int x = 0; x < width; ++x) {
            const Span& span = across[static_cast<std::size_t>(x)];
            float sum = span.first_weight * column[static_cast<std::size_t>(span.first)];
            for (int c = span.first + 1; c < span.last; ++c) sum += column[static_cast<std::size_t>(c)];
            if (span.last > span.first) sum += span.last_weight * column[static_cast<std::size_t>(span.last)];
            result.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)] =
                static_cast<std::uint8_t>(std::clamp(sum * share + 0.5F, 0.0F, 255.0F));
        }
    }
    return result;
}

}  // namespace fastqr
