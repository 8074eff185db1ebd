#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fastqr/detect/mtcnn/boxes.hpp"
#include "fastqr/detect/mtcnn/heatmap_landmarks.hpp"
#include "fastqr/detect/mtcnn/levels.hpp"
#include "fastqr/detect/mtcnn/proposals.hpp"
#include "fastqr/detect/mtcnn/quads.hpp"
#include "fastqr/detect/mtcnn/settings.hpp"
#include "fastqr/image/mip_map.hpp"

namespace fastqr {

/// What the networks of one cascade have been given so far.
struct CascadeWork {
    std::int64_t pnet_pixels = 0;  ///< of the levels and tiles that P-Net saw, with their margins
    std::int64_t rnet_windows = 0;
    std::int64_t onet_windows = 0;
};

/// What a network takes: `shape` is images, channels, height, width.
struct Tensor {
    std::vector<float> values;
    std::array<int, 4> shape{};

    [[nodiscard]] bool empty() const { return values.empty(); }
};

/// The networks of the cascade in the order in which they are run.
enum class CascadeNetwork : std::uint8_t { kNone, kPnet, kRnet, kOnet };

/// What is to be run next.
struct NetworkInput {
    CascadeNetwork network = CascadeNetwork::kNone;
    Tensor tensor;
};

/// What a network gives, of up to four axes; those that are missing have a length of 1.
struct Maps {
    std::span<const float> values;
    std::array<int, 4> shape{};
};

/// Where the cascade sees codes, best score first; all in the picture's pixels.
struct CascadeBoxes {
    std::vector<Box> boxes;
    std::vector<float> scores;  ///< O-Net's probability of a code
    std::vector<Landmarks> landmarks;
};

/// The cascade on one view between the calls of its networks, after Zhang, Zhang, Li and Qiao, "Joint Face Detection
/// and Alignment using Multitask Cascaded Convolutional Networks", 2016, arXiv:1604.02878, with QR codes for faces:
/// P-Net proposes windows, R-Net and O-Net reject and calibrate them, O-Net's heat maps give landmarks.
///
/// One call prepares each input and one takes each output: P-Net's until nothing is left, R-Net's, O-Net's; `next`
/// gives them in that order. An output of another shape than its input asks for throws std::invalid_argument. `extend`
/// begins another round, on the levels that are finer than those before.
///
/// A code of side s pixels fills P-Net's window on a level of s / 12 pixels a pixel. Levels are those of 1, √2, 2, 2√2
/// and so on of the view's pixels, whatever the picture's size, so every second one is the view's own; each looks for
/// codes that are up to a quarter of an octave smaller or larger than its window. A level larger than some tiles is
/// seen tile by tile, which keeps the networks' maps in the processor's cache, and only where it shows contrast.
class Cascade {
  public:
    /// Looks for codes whose sides have `least` to `most` of the picture's pixels, as far as the view's pixels and its
    /// shorter side allow. What is centred in a `known` quadrilateral goes no further. The view must outlive this.
    Cascade(const MipMap& view, const CascadeSettings& settings, double least, double most, std::vector<Quad> known);

    /// Looks for smaller codes than before, beyond what is known now. The boxes before are given no more, nor again.
    void extend(double least, std::vector<Quad> known);

    /// What is to be run next; nothing once the boxes are there.
    [[nodiscard]] std::optional<NetworkInput> next();
    /// The network that `next` asked for and whose output was not taken yet.
    [[nodiscard]] CascadeNetwork awaited() const { return awaited_; }

    /// The next level, or the next tiles of one below each other; empty after the last ones.
    [[nodiscard]] Tensor pnet_input();
    /// 1 × 2 × rows × columns and 1 × 4 × rows × columns.
    void take_pnet(const Maps& probability, const Maps& offsets);

    /// The windows that were proposed; empty where there are none.
    [[nodiscard]] Tensor rnet_input();
    /// N × 2 and N × 4.
    void take_rnet(const Maps& probability, const Maps& offsets);

    /// The windows that passed R-Net; empty where there are none.
    [[nodiscard]] Tensor onet_input();
    /// N × 2, N × 4 and heat N × 3 × side × side.
    void take_onet(const Maps& probability, const Maps& offsets, const Maps& heat);

    /// The square windows that go to the next network: P-Net's, or what R-Net left of them.
    [[nodiscard]] const std::vector<Box>& windows() const { return windows_; }
    [[nodiscard]] const CascadeBoxes& boxes() const { return boxes_; }
    [[nodiscard]] const CascadeWork& work() const { return work_; }

  private:
    /// A part of a level, in its windows.
    struct Tile {
        int row = 0;
        int column = 0;
        int rows = 0;
        int columns = 0;
    };

    void begin_round(double least);
    [[nodiscard]] double pixel_of(int step) const;
    void lay_tiles();
    [[nodiscard]] std::span<const Tile> batch() const;
    [[nodiscard]] Tensor patches(int size) const;
    void propose();

    const MipMap* view_;
    CascadeSettings settings_;
    NetworkGreys greys_;
    std::vector<Quad> known_;
    int next_ = -1;  // the next level: its pixels are √2 to that power of the view's own
    int last_ = 0;   // the finest level of this round
    std::optional<CascadeLevel> level_;
    std::vector<Tile> tiles_;  // of the level
    std::size_t first_ = 0;    // tile of P-Net's next input or output
    bool whole_ = true;        // the level is one tile
    std::int64_t tiled_ = 0;   // tiles of this round, but for whole levels
    Proposals proposed_;
    bool proposing_ = true;
    std::vector<Box> windows_;
    std::vector<Box> before_;  // boxes of earlier rounds
    CascadeBoxes boxes_;
    CascadeWork work_;
    CascadeNetwork asked_ = CascadeNetwork::kNone;  // by `next`, the last one of this round
    CascadeNetwork awaited_ = CascadeNetwork::kNone;
};

}  // namespace fastqr
