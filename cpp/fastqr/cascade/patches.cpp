#include "fastqr/cascade/patches.hpp"

#include <algorithm>
#include <cmath>

#include "fastqr/memory/vector.hpp"

namespace fastqr {
namespace {

/// Weights of consecutive source pixels for one patch pixel along one axis, those outside the picture left out.
struct Taps {
    int first = 0;
    Vector<float> weights;
};

Vector<Taps> taps(float low, float high, int size, int length) {
    Vector<Taps> result(static_cast<std::size_t>(size));
    const double step = (static_cast<double>(high) - low) / size;
    for (int i = 0; i < size; ++i) {
        // A patch pixel covers its own area when shrinking; when enlarging it looks at one source pixel's width about
        // its centre, which is bilinear interpolation.
        const double centre = low + (i + 0.5) * step;
        const double reach = std::max(std::abs(step), 1.0) / 2;
        const double from = centre - reach;
        const double to = centre + reach;
        if (!(to > 0) || !(from < length)) continue;
        Taps& tap = result[static_cast<std::size_t>(i)];
        const int begin = std::max(0, static_cast<int>(std::floor(from)));
        const int end = std::min(length, static_cast<int>(std::ceil(to)));
        tap.first = begin;
        for (int p = begin; p < end; ++p)
            tap.weights.push_back(
                static_cast<float>((std::min(to, p + 1.0) - std::max(from, static_cast<double>(p))) / (2 * reach)));
    }
    return result;
}

}  // namespace

void extract_patch(const ImageView& image, const Box& box, int size, bool as_grey, float* out) {
    const int channels = as_grey ? 1 : image.channels;
    std::fill(out, out + static_cast<std::ptrdiff_t>(channels) * size * size, normalised(0));
    const Vector<Taps> across = taps(box.x1, box.x2, size, image.width);
    const Vector<Taps> down = taps(box.y1, box.y2, size, image.height);
    // Separable: each source row inside the box is reduced to `size` values once for every patch row that it feeds;
    // reads each byte of the box at most twice.
    Vector<float> sum(static_cast<std::size_t>(size));
    for (int channel = 0; channel < channels; ++channel) {
        for (int y = 0; y < size; ++y) {
            const Taps& rows = down[static_cast<std::size_t>(y)];
            if (rows.weights.empty()) continue;
            std::fill(sum.begin(), sum.end(), 0.0F);
            for (std::size_t r = 0; r < rows.weights.size(); ++r) {
                const int source_row = rows.first + static_cast<int>(r);
                for (int x = 0; x < size; ++x) {
                    const Taps& columns = across[static_cast<std::size_t>(x)];
                    float value = 0;
                    for (std::size_t c = 0; c < columns.weights.size(); ++c) {
                        const int source_column = columns.first + static_cast<int>(c);
                        const auto v = as_grey ? image.grey(source_row, source_column)
                                               : image.pixel(source_row, source_column)[channel * image.channel_stride];
                        value += columns.weights[c] * static_cast<float>(v);
                    }
                    sum[static_cast<std::size_t>(x)] += rows.weights[r] * value;
                }
            }
            float* target = out + (static_cast<std::ptrdiff_t>(channel) * size + y) * size;
            for (int x = 0; x < size; ++x) target[x] = normalised(sum[static_cast<std::size_t>(x)]);
        }
    }
}

}  // namespace fastqr
