#include "fastqr/detect/finder_rays.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__)) && !defined(_MSC_VER)
#include <immintrin.h>
#define FASTQR_RAYS_AVX2 __attribute__((target("avx2")))
#endif

namespace fastqr {
namespace {

constexpr std::size_t kSectors = 8;  // of the circle, one ray of each of which is followed at a time
constexpr std::size_t kRounds = kFinderRays / kSectors;
constexpr double kLength = 0.95;    // of a ray, of the pattern's side: half of it, and as much again for tilt
constexpr float kLeastRing = 1.6F;  // radius of the ring by that of the core; 7 / 3 in a symbol
constexpr float kMostRing = 3.8F;
// Rays that must agree after the first rounds, when most places that are none are known: the half of a round lies along
// the row and the column that were seen already.
constexpr std::array<std::size_t, 2> kEarly{5, 8};
constexpr std::size_t kEdges = 3;           // of core, gap and ring
constexpr float kRingToGap = 3.5F / 2.5F;   // half widths
constexpr float kRingToCore = 3.5F / 1.5F;  //
constexpr float kLeastGap = 1.15F;          // radius of the gap by that of the core; 5 / 3 in a symbol
constexpr float kMostGap = 2.6F;

/// Directions of the rays of one round, all round the circle.
struct Directions {
    alignas(32) std::array<float, kSectors> x{};
    alignas(32) std::array<float, kSectors> y{};
};

/// Radii at which the rays of a round cross the edges, in pixels; 0 where they do not.
struct Crossings {
    alignas(32) std::array<std::array<float, kSectors>, kEdges> radii{};
};

/// What all rays of a place have in common.
struct Ray {
    float x;          // the centre, from the first pixel's
    float y;          //
    float threshold;  // between ink and paper
    float sign;       // 1 where ink is dark, -1 where it is light
    float step;       // pixels, as if nothing were stretched
    float across;     // the same along the picture's axes
    float down;       //
    int most;         // steps
};

const std::array<Directions, kRounds>& directions() {
    static const std::array<Directions, kRounds> all = [] {
        std::array<Directions, kRounds> result{};
        for (std::size_t i = 0; i < kFinderRays; ++i) {
            const double angle = 2 * 3.14159265358979323846 * static_cast<double>(i) / kFinderRays;
            result[i % kRounds].x[i / kRounds] = static_cast<float>(std::cos(angle));
            result[i % kRounds].y[i / kRounds] = static_cast<float>(std::sin(angle));
        }
        return result;
    }();
    return all;
}

/// `kWithin`: all rays stay between pixels that are all there.
template <bool kWithin>
Crossings follow(const GreyView& image, const Directions& directions, const Ray& ray) {
    Crossings result;
    const Plane<std::uint8_t> plane = image.plane();
    const auto excess = [&](float x, float y) {  // positive in ink
        const float grey = kWithin ? plane.inside(x, y).value() : plane.clamped(x, y).value();
        return ray.sign * (ray.threshold - grey);
    };
    const float at_centre = excess(ray.x, ray.y);
    for (std::size_t k = 0; k < kSectors; ++k) {
        const float dx = directions.x[k] * ray.across;
        const float dy = directions.y[k] * ray.down;
        float x = ray.x;
        float y = ray.y;
        float before = at_centre;
        std::size_t edge = 0;
        for (int t = 1; t <= ray.most && edge < kEdges; ++t) {
            x += dx;
            y += dy;
            // A symbol that was cropped tight ends with the picture.
            if (!kWithin && edge == 2 &&
                !(x > -0.5F && y > -0.5F && x < static_cast<float>(image.width) - 0.5F &&
                  y < static_cast<float>(image.height) - 0.5F)) {
                result.radii[edge++][k] = static_cast<float>(t) * ray.step;
                break;
            }
            const float now = excess(x, y);
            const bool leaves = edge == 1 ? now > 0 : now <= 0;
            if (leaves) result.radii[edge++][k] = (static_cast<float>(t) - now / (now - before)) * ray.step;
            before = now;
        }
    }
    return result;
}

#if defined(FASTQR_RAYS_AVX2)

/// The same of eight rays side by side, with the same results to the bit.
template <bool kWithin>
FASTQR_RAYS_AVX2 Crossings follow_together(const GreyView& image, const Directions& directions, const Ray& ray) {
    Crossings result;
    const __m256 step = _mm256_set1_ps(ray.step);
    const __m256 dx = _mm256_mul_ps(_mm256_load_ps(directions.x.data()), _mm256_set1_ps(ray.across));
    const __m256 dy = _mm256_mul_ps(_mm256_load_ps(directions.y.data()), _mm256_set1_ps(ray.down));
    const __m256 threshold = _mm256_set1_ps(ray.threshold);
    const __m256 sign = _mm256_set1_ps(ray.sign);
    const __m256 zero = _mm256_setzero_ps();
    const __m256i byte = _mm256_set1_epi32(0xFF);
    const __m256i width = _mm256_set1_epi32(image.width);
    const __m256 right = _mm256_set1_ps(static_cast<float>(image.width - 1));
    const __m256 bottom = _mm256_set1_ps(static_cast<float>(image.height - 1));
    const __m256 before_first = _mm256_set1_ps(-0.5F);
    const __m256 beyond_right = _mm256_add_ps(right, _mm256_set1_ps(0.5F));
    const __m256 beyond_bottom = _mm256_add_ps(bottom, _mm256_set1_ps(0.5F));
    const __m256i last_left = _mm256_set1_epi32(image.width - 2);
    const __m256i last_upper = _mm256_set1_epi32(image.height - 2);
    const __m256i last_four = _mm256_set1_epi32(image.width * (image.height - 1) - 4);
    const int* upper = reinterpret_cast<const int*>(image.pixels.data());
    const int* lower = reinterpret_cast<const int*>(image.pixels.data() + image.width);
    const auto excess = [&](__m256 x, __m256 y) FASTQR_RAYS_AVX2 {
        if constexpr (!kWithin) {
            x = _mm256_min_ps(_mm256_max_ps(x, zero), right);
            y = _mm256_min_ps(_mm256_max_ps(y, zero), bottom);
        }
        __m256i column = _mm256_cvttps_epi32(x);
        __m256i row = _mm256_cvttps_epi32(y);
        if constexpr (!kWithin) {
            column = _mm256_min_epi32(column, last_left);
            row = _mm256_min_epi32(row, last_upper);
        }
        __m256i at = _mm256_add_epi32(_mm256_mullo_epi32(row, width), column);
        // Four bytes are gathered where two count: before the picture's end they are the last two.
        const __m256i beyond =
            _mm256_slli_epi32(_mm256_max_epi32(_mm256_sub_epi32(at, last_four), _mm256_setzero_si256()), 3);
        if constexpr (!kWithin) at = _mm256_min_epi32(at, last_four);
        __m256i a = _mm256_i32gather_epi32(upper, at, 1);
        __m256i b = _mm256_i32gather_epi32(lower, at, 1);
        if constexpr (!kWithin) {
            a = _mm256_srlv_epi32(a, beyond);
            b = _mm256_srlv_epi32(b, beyond);
        }
        const __m256 across = _mm256_sub_ps(x, _mm256_cvtepi32_ps(column));
        const __m256 down = _mm256_sub_ps(y, _mm256_cvtepi32_ps(row));
        const auto between = [&](__m256i pair) FASTQR_RAYS_AVX2 {
            const __m256 first = _mm256_cvtepi32_ps(_mm256_and_si256(pair, byte));
            const __m256 second = _mm256_cvtepi32_ps(_mm256_and_si256(_mm256_srli_epi32(pair, 8), byte));
            return _mm256_add_ps(first, _mm256_mul_ps(_mm256_sub_ps(second, first), across));
        };
        const __m256 top = between(a);
        const __m256 grey = _mm256_add_ps(top, _mm256_mul_ps(_mm256_sub_ps(between(b), top), down));
        return _mm256_mul_ps(sign, _mm256_sub_ps(threshold, grey));
    };
    __m256 x = _mm256_set1_ps(ray.x);
    __m256 y = _mm256_set1_ps(ray.y);
    __m256 before = excess(x, y);
    // Of each ray: whether it is in its gap, and whether it has crossed all edges; in the core and the ring it leaves
    // ink.
    __m256 in_core = _mm256_castsi256_ps(_mm256_set1_epi32(-1));
    __m256 in_gap = zero;
    __m256 in_ring = zero;
    __m256 radii[kEdges] = {zero, zero, zero};
    // Steps after which a ray does not cross what is left of a pattern's proportions any more.
    const __m256 longest = _mm256_set1_ps(kMostRing);
    __m256 limit = _mm256_set1_ps(static_cast<float>(ray.most) / kLeastRing * ray.step);
    for (int t = 1; t <= ray.most; ++t) {
        x = _mm256_add_ps(x, dx);
        y = _mm256_add_ps(y, dy);
        const __m256 now = excess(x, y);
        const __m256 ink = _mm256_cmp_ps(now, zero, _CMP_GT_OQ);
        const __m256 steps = _mm256_set1_ps(static_cast<float>(t));
        const __m256 radius = _mm256_mul_ps(_mm256_sub_ps(steps, _mm256_div_ps(now, _mm256_sub_ps(now, before))), step);
        const __m256 leaves_core = _mm256_andnot_ps(ink, in_core);
        const __m256 leaves_gap = _mm256_and_ps(ink, in_gap);
        __m256 leaves_ring = _mm256_andnot_ps(ink, in_ring);
        radii[0] = _mm256_blendv_ps(radii[0], radius, leaves_core);
        radii[1] = _mm256_blendv_ps(radii[1], radius, leaves_gap);
        radii[2] = _mm256_blendv_ps(radii[2], radius, leaves_ring);
        if constexpr (!kWithin) {
            // A symbol that was cropped tight ends with the picture.
            const __m256 inside = _mm256_and_ps(
                _mm256_and_ps(_mm256_cmp_ps(x, before_first, _CMP_GT_OQ), _mm256_cmp_ps(y, before_first, _CMP_GT_OQ)),
                _mm256_and_ps(_mm256_cmp_ps(x, beyond_right, _CMP_LT_OQ), _mm256_cmp_ps(y, beyond_bottom, _CMP_LT_OQ)));
            const __m256 cut = _mm256_andnot_ps(inside, in_ring);
            radii[2] = _mm256_blendv_ps(radii[2], _mm256_mul_ps(steps, step), cut);
            leaves_ring = _mm256_or_ps(leaves_ring, cut);
        }
        in_core = _mm256_andnot_ps(leaves_core, in_core);
        in_gap = _mm256_or_ps(_mm256_andnot_ps(leaves_gap, in_gap), leaves_core);
        in_ring = _mm256_or_ps(_mm256_andnot_ps(leaves_ring, in_ring), leaves_gap);
        limit = _mm256_blendv_ps(limit, _mm256_mul_ps(radius, longest), leaves_core);
        const __m256 lost = _mm256_cmp_ps(_mm256_mul_ps(steps, step), limit, _CMP_GT_OQ);
        in_core = _mm256_andnot_ps(lost, in_core);
        in_gap = _mm256_andnot_ps(lost, in_gap);
        in_ring = _mm256_andnot_ps(lost, in_ring);
        if (_mm256_movemask_ps(_mm256_or_ps(in_core, _mm256_or_ps(in_gap, in_ring))) == 0) break;
        before = now;
    }
    for (std::size_t edge = 0; edge < kEdges; ++edge) _mm256_store_ps(result.radii[edge].data(), radii[edge]);
    return result;
}

bool together() {
    static const bool wide = (__builtin_cpu_init(), __builtin_cpu_supports("avx2"));
    return wide;
}

template <bool kWithin>
Crossings follow_round(const GreyView& image, const Directions& directions, const Ray& ray, bool eight_at_a_time) {
    return eight_at_a_time && together() ? follow_together<kWithin>(image, directions, ray)
                                         : follow<kWithin>(image, directions, ray);
}

#else

template <bool kWithin>
Crossings follow_round(const GreyView& image, const Directions& directions, const Ray& ray, bool) {
    return follow<kWithin>(image, directions, ray);
}

#endif

float end_of_ring(const Crossings& crossings, std::size_t ray, Ring kind) {
    if (kind == Ring::kDotted) return kRingToCore * crossings.radii[0][ray];
    return kind == Ring::kOpen ? kRingToGap * crossings.radii[1][ray] : crossings.radii[2][ray];
}

/// Mean logarithm of the ratio of opposite rays: 0 about the middle of a square and of a disc.
double lopsidedness(const FinderRays& rays, const std::array<double, kFinderRays>& radii) {
    double product = 1;
    double pairs = 0;
    for (std::size_t i = 0; i < kFinderRays / 2; ++i) {
        const std::size_t j = i + kFinderRays / 2;
        if (!rays.crossed[i] || !rays.crossed[j]) continue;
        product *= std::max(radii[i] / radii[j], radii[j] / radii[i]);
        pairs += 1;
    }
    return pairs > 0 ? std::log(product) / pairs : 1;
}

}  // namespace

FinderRays finder_rays(const GreyView& image, Point centre, double side, float threshold, bool inverted,
                       std::size_t least, bool eight_at_a_time, Ring kind, Point stretch) {
    const float step = std::max(0.4F, static_cast<float>(side) / 28);
    const Ray ray{static_cast<float>(centre.x) - 0.5F,
                  static_cast<float>(centre.y) - 0.5F,
                  threshold,
                  inverted ? -1.0F : 1.0F,
                  step,
                  step * static_cast<float>(stretch.x),
                  step * static_cast<float>(stretch.y),
                  static_cast<int>(kLength * side / static_cast<double>(step))};
    const double reach = kLength * side + 1;
    const bool within = centre.x > reach && centre.y > reach && centre.x < image.width - reach - 1 &&
                        centre.y < image.height - reach - 1;
    FinderRays rays;
    double rings = 1;  // product of the rings' proportions to a finder's, each turned to be above 1
    double gaps = 1;   // and of the gaps'
    std::array<double, kFinderRays> radii{};  // of dotted rings
    for (std::size_t round = 0; round < kRounds; ++round) {
        const Directions& along = directions()[round];
        const Crossings crossings = within ? follow_round<true>(image, along, ray, eight_at_a_time)
                                           : follow_round<false>(image, along, ray, eight_at_a_time);
        for (std::size_t k = 0; k < kSectors; ++k) {
            const float outer = end_of_ring(crossings, k, kind);
            if (!(outer > 0)) continue;
            const std::size_t i = k * kRounds + round;
            // Half widths 1.5, 2.5, 3.5 modules along any direction.
            const float gap = crossings.radii[1][k] / crossings.radii[0][k];
            if (kind == Ring::kDotted) {  // between two dots the gap has no end
                if (gap > 0 && !(gap > kLeastGap)) continue;
                radii[i] = static_cast<double>(outer);
            } else {
                const float ring = outer / crossings.radii[0][k];
                const float thickness = (outer - crossings.radii[1][k]) / outer;
                if (!(gap > kLeastGap && gap < kMostGap && ring > kLeastRing && ring < kMostRing && thickness > 0.12F &&
                      thickness < 0.5F))
                    continue;
                const double to_ring = static_cast<double>(ring) / 2.333;
                const double to_gap = static_cast<double>(gap) / 1.667;
                rings *= std::max(to_ring, 1 / to_ring);
                gaps *= std::max(to_gap, 1 / to_gap);
            }
            rays.crossed[i] = true;
            ++rays.agreeing;
            rays.outer[i] = {centre.x + static_cast<double>(along.x[k]) * static_cast<double>(outer),
                             centre.y + static_cast<double>(along.y[k]) * static_cast<double>(outer)};
        }
        if (round < kEarly.size() && rays.agreeing < kEarly[round]) return rays;
        if (rays.agreeing + (kRounds - 1 - round) * kSectors < least) return rays;
    }
    if (kind == Ring::kDotted)
        rays.misfit = lopsidedness(rays, radii);
    else if (rays.agreeing > 0)
        rays.misfit = (std::log(rings) + 0.5 * std::log(gaps)) / static_cast<double>(rays.agreeing);
    return rays;
}

}  // namespace fastqr
