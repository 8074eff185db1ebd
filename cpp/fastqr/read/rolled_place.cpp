#include "fastqr/read/rolled_place.hpp"

#include <cmath>
#include <optional>
#include <utility>

#include "fastqr/read/symbol_reading.hpp"
#include "fastqr/rectify/bend.hpp"
#include "fastqr/rectify/registered_corners.hpp"
#include "fastqr/standard/version.hpp"

namespace fastqr {

std::optional<SymbolPlace> rolled_place(const MipMap& image, const FinderCorners& corners,
                                        const ReadSettings& settings) {
    const RegisteredCorners finders = registered_corners(image, corners);
    if (std::abs(finders.agreement) < settings.doubtful) return std::nullopt;
    const int seems = nearest_size(finders.corners);
    std::optional<std::pair<double, int>> best;
    for (int version = min_version; version <= max_version; ++version) {
        const int size = size_of_version(version);
        if (!may_have_size(seems, size) || size > seems + 4) continue;  // what bends away looks small
        const double agreement = rolled_agreement(image, finders, size);
        if (!best || agreement > best->first) best = {agreement, size};
    }
    const auto flat = best ? fit_flat(finders.corners, best->second) : std::nullopt;
    if (!flat) return std::nullopt;
    BentLattice bent = bend_lattice(image, flat->homography, finders, best->second, kReadMargin);
    const double score = std::abs(bent.agreement);
    if (score < settings.convincing) return std::nullopt;
    return SymbolPlace{flat->homography, best->second, score, bent.agreement < 0, finders, std::move(bent.lattice)};
}

}  // namespace fastqr
