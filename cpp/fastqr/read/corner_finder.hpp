#pragma once

#include <array>
#include <optional>
#include <span>
#include <vector>

#include "fastqr/geometry/homography.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/read/ranked_places.hpp"

namespace fastqr {

/// What L-Net saw at the four corners of a rough square.
struct SeenCorners {
    std::array<float, 4> finder{};  ///< probability of a finder pattern at each
    /// Outer corners of the finder pattern at each, clockwise from the one at the square's top left, in the picture.
    std::array<std::array<Point, 4>, 4> corners{};

    /// The number that so many of the corners' probabilities reach; `count` from 1 to 4.
    [[nodiscard]] float reached_by(std::size_t count) const;
};

/// Looks with L-Net, which somebody else runs, at the four corners of a rough square, and once more from near. Where
/// that shows one or two finder patterns, further rounds look closer at where the square then is: those of large
/// symbols are small beside it, and as far from its corners as they are wide.
///
///     while (auto patches = finder.next_patches()) finder.take(probabilities, corners);  // of the network for these
class CornerFinder {
  public:
    static constexpr int kSide = 24;  ///< of a patch

    /// `known`: what the first round saw, where it was gone through before.
    /// `square`: centres of three finder patterns and the fourth point, clockwise from any. The map is looked at until
    /// the last patches were taken.
    CornerFinder(const MipMap& image, const std::array<Point, 4>& square, const ReadSettings& settings = {},
                 int rounds = 1, const std::optional<SeenCorners>& known = {});

    /// Four patches, normalised, 4 · kSide²; nothing once the corners are seen, or where the square is all but a line.
    [[nodiscard]] std::optional<std::vector<float>> next_patches();

    /// Takes what the network says of the last patches: 4 probabilities of a finder pattern, and the corners of each, x
    /// and y in sides of the patch, 4 · 8.
    void take(std::span<const float> probabilities, std::span<const float> corners);

    [[nodiscard]] bool awaits_network() const { return awaits_network_; }
    [[nodiscard]] const SeenCorners& seen() const { return seen_; }

  private:
    [[nodiscard]] bool begins_round(double side);
    [[nodiscard]] bool moves_square();

    const MipMap& image_;
    std::array<Point, 4> square_;
    int rounds_ = 1;
    int round_ = 0;
    SeenCorners best_;                     // of the rounds before
    std::array<Homography, 4> patches_{};  // of the unit square
    int looks_ = 0;
    int most_looks_ = 0;
    bool awaits_network_ = false;
    SeenCorners seen_;
};

/// Places of the turns of a square whose three finder patterns all have a probability of `least`, likeliest first; with
/// `rolled` also on paper that is rolled so much that no homography has them. `turns` of the square are taken at most,
/// those whose fourth corner is least likely a finder pattern.
[[nodiscard]] RankedPlaces places_by_corners(const MipMap& image, const SeenCorners& seen, double least,
                                             bool rolled = false, const StageSettings& settings = {}, int turns = 2);

}  // namespace fastqr
