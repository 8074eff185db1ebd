#pragma once

#include <vector>

#include "fastqr/detect/finder_index.hpp"
#include "fastqr/detect/finder_shape.hpp"
#include "fastqr/detect/settings.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/image/work.hpp"

namespace fastqr {

/// The finder patterns of a picture, of every size: each level of the picture is searched, from the finest to the
/// coarsest, for runs of 1 : 1 : 3 : 1 : 1 in rows and columns, which are followed along rays in the grey values.
/// A pattern that several levels show is kept once, as the finest level that shows it well has it.
class FinderPatterns {
  public:
    explicit FinderPatterns(const MipMap& image, const FinderSettings& settings = {})
        : image_(image), settings_(settings), index_(image.region()) {}

    /// Searches all levels of the picture; rows take turns in judging ink by a wide window and by what is near alone,
    /// but of small pictures the wide one judges all. One or two operations a pixel, on sixteen pixels at a time, and a
    /// microsecond or two a place that looks like a pattern.
    void search_levels(Work& work);

    /// Searches all levels again with the rows' turns changed: beside glare and in the last light.
    void search_levels_closely(Work& work);

    /// Searches all levels again for patterns whose rings run into what lies about a symbol without a margin, or are no
    /// more than dots.
    void search_levels_without_margin(Work& work);

    /// Searches the finest level enlarged: rings that are a pixel wide close there.
    void search_enlarged(Work& work);

    [[nodiscard]] const std::vector<FinderPattern>& all() const { return found_; }
    [[nodiscard]] const FinderIndex& index() const { return index_; }

  private:
    void search_levels(int window, Work& work, Ring ring);
    void search(const GreyView& image, const GreyView& means, double scale, int window, Work& work, Ring ring);

    const MipMap& image_;
    FinderSettings settings_;
    std::vector<FinderPattern> found_;
    std::vector<double> scales_;  // of the level that each was seen in
    FinderIndex index_;
};

}  // namespace fastqr
