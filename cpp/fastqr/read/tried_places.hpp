#pragma once

#include <string>
#include <vector>

#include "fastqr/rectify/symbol_place.hpp"

namespace fastqr {

/// The places that were read so far, so that none is read twice: places are the same where a grid of one size and
/// polarity has its corners within a share of a module.
class TriedPlaces {
  public:
    /// `same`: modules between the corners of two grids that read the same.
    explicit TriedPlaces(double same) : same_(same) {}

    /// Remembers a place that is to be read in a light, and whether thoroughly. Tells whether that is worth it: no
    /// place all but the same was read in that light with as much effort. Looks at each place once.
    bool add(const SymbolPlace& place, const std::string& light, bool thoroughly);

  private:
    struct Tried {
        SymbolPlace place;
        std::string light;
        bool thoroughly = false;
    };

    double same_;
    std::vector<Tried> tried_;
};

}  // namespace fastqr
