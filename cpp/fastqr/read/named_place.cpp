#include "fastqr/read/named_place.hpp"

#include <cmath>

#include "fastqr/read/named_size.hpp"
#include "fastqr/rectify/registered_corners.hpp"

namespace fastqr {
namespace {

constexpr double kAgreeing = 0.6;  // mean correlation of three finder patterns, of which none is another thing

}  // namespace

std::optional<SymbolPlace> named_place(const MipMap& image, const FinderCorners& corners,
                                       const ReadSettings& settings) {
    if (nearest_size(corners) < kSmallestNamed) return std::nullopt;
    const RegisteredCorners finders = registered_corners(image, corners);
    if (std::abs(finders.agreement) < kAgreeing) return std::nullopt;
    const auto size = named_size(image, finders.corners);
    if (!size) return std::nullopt;
    const auto fit = fit_size(finders.corners, *size);
    const auto flat = fit_flat(finders.corners, *size);
    if (!fit || !flat) return std::nullopt;
    // On paper that is not flat the corners fit no homography, and what bends it most is perspective by mistake.
    const Homography& start = fit->residual < settings.most_residual ? fit->homography : flat->homography;
    return SymbolPlace{start, *size, std::abs(finders.agreement), finders.agreement < 0, finders};
}

}  // namespace fastqr
