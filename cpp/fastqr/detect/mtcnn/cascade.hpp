#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fastqr/detect/mtcnn/boxes.hpp"
#include "fastqr/detect/mtcnn/heatmap_landmarks.hpp"
#include "fastqr/detect/mtcnn/levels.hpp"
#include "fastqr/detect/mtcnn/local_light.hpp"
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
/// One call prepares each input and one takes each output: P-Net's until nothing is left, R-Net's and O-Net's likewise;
/// `next` gives them in that order. An output of another shape than its input asks for throws std::invalid_argument.
/// `extend` begins another round, on the levels that are finer than those before.
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
    /// What each window of the last level or tiles covers, row after row; nothing where one lies across two tiles.
    [[nodiscard]] std::vector<Box> pnet_windows() const;
    /// 1 × 2 × rows × columns and 1 × 4 × rows × columns.
    void take_pnet(const Maps& probability, const Maps& offsets);

    /// The next windows that were proposed; empty after the last ones, or where no more are worth it.
    [[nodiscard]] Tensor rnet_input();
    /// N × 2 and N × 4.
    void take_rnet(const Maps& probability, const Maps& offsets);

    /// The next windows that passed R-Net, likewise.
    [[nodiscard]] Tensor onet_input();
    /// N × 2, N × 4 and heat N × 3 × side × side.
    void take_onet(const Maps& probability, const Maps& offsets, const Maps& heat);

    /// The square windows that go to R-Net, or to O-Net once that was asked for, best first.
    [[nodiscard]] const std::vector<Box>& windows() const { return queue_.windows; }
    /// What the network before them thinks of them.
    [[nodiscard]] const std::vector<float>& scores() const { return queue_.scores; }
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

    /// Windows on their way to a network, best first.
    struct Queue {
        std::vector<Box> windows;
        std::vector<float> scores;  // of the network before
        std::size_t first = 0;      // of the batch that the network sees next, or sees now
        std::size_t last = 0;       // behind it
        std::size_t vain = 0;       // windows in a row of which nothing came

        Queue() = default;
        Queue(Proposals&& found, const std::vector<int>& kept);
        void next(std::size_t batch, std::size_t unsure, std::size_t patience, float sure);
        void took(bool shown);
    };

    void begin_round(double least);
    [[nodiscard]] std::size_t patience(std::size_t pixels_a_window) const;
    [[nodiscard]] double pixel_of(int step) const;
    void lay_tiles();
    [[nodiscard]] std::span<const Tile> batch() const;
    [[nodiscard]] Box window_at(const Tile& tile, int row, int column) const;
    [[nodiscard]] Tensor patches(int size, bool tones) const;
    void propose();
    void refine();
    void give_boxes();

    const MipMap* view_;
    CascadeSettings settings_;
    std::vector<Quad> known_;
    int next_ = -1;  // the next level: its pixels are √2 to that power of the view's own
    int last_ = 0;   // the finest level of this round
    std::optional<CascadeLevel> level_;
    std::optional<LocalLight> light_;  // of the level
    std::vector<Tile> tiles_;          // of the level
    std::size_t first_ = 0;            // tile of P-Net's next input or output
    bool whole_ = true;                // the level is one tile
    std::int64_t tiled_ = 0;           // tiles of this round, but for whole levels
    enum class Stage { kProposing, kRefining, kLooking } stage_ = Stage::kProposing;
    Proposals proposed_;  // by P-Net
    Proposals refined_;   // by R-Net
    Queue queue_;
    CascadeBoxes seen_;        // by O-Net, also of one code more than once
    std::vector<Box> before_;  // boxes of earlier rounds
    bool first_round_ = true;
    CascadeBoxes boxes_;
    CascadeWork work_;
    CascadeNetwork asked_ = CascadeNetwork::kNone;  // by `next`, the last one of this round
    CascadeNetwork awaited_ = CascadeNetwork::kNone;
};

}  // namespace fastqr
