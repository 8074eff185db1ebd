#include "fastqr/read/tried_places.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace fastqr {
namespace {

bool are_within(const std::array<Point, 4>& a, const std::array<Point, 4>& b, double distance) {
    for (std::size_t k = 0; k < 4; ++k)
        if (!(std::abs(a[k].x - b[k].x) < distance && std::abs(a[k].y - b[k].y) < distance)) return false;
    return true;
}

}  // namespace

bool TriedPlaces::add(const SymbolPlace& place, const std::string& light, bool thoroughly) {
    const std::array<Point, 4> corners = place.corners();
    const double module = std::hypot(corners[1].x - corners[0].x, corners[1].y - corners[0].y) / place.size;
    const bool known = std::any_of(tried_.begin(), tried_.end(), [&](const Tried& other) {
        return other.light == light && (other.thoroughly || !thoroughly) && other.place.size == place.size &&
               other.place.inverted == place.inverted && are_within(corners, other.place.corners(), same_ * module);
    });
    if (!known) tried_.push_back({place, light, thoroughly});
    return !known;
}

}  // namespace fastqr
