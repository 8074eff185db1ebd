#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "fastqr/cascade/boxes.hpp"
#include "fastqr/cascade/heatmap_landmarks.hpp"
#include "fastqr/cascade/proposals.hpp"
#include "fastqr/cascade/pyramid.hpp"
#include "fastqr/cascade/quads.hpp"
#include "fastqr/image/mip_map.hpp"
#include "fastqr/memory/vector.hpp"

namespace fastqr {

/// How far the cascade's search goes.
struct CascadeSettings {
    int top = 16;              ///< windows that a level of the pyramid proposes at most
    int proposals = 140;       ///< windows that reach R-Net at most
    int candidates = 12;       ///< windows that reach O-Net at most
    float p_threshold = 0.1F;  ///< probability; low, since R-Net rejects better and few windows of a level are taken
    float r_threshold = 0.3F;  ///< probability; low, since geometry and decoding reject better than thresholds do
    float o_threshold = 0.3F;  ///< probability, of the boxes that are returned
};

/// What the networks of one cascade have been given so far.
struct CascadeWork {
    std::int64_t pnet_pixels = 0;  ///< of the levels that P-Net saw, without their padding
    std::int64_t rnet_windows = 0;
    std::int64_t onet_windows = 0;
};

/// What a network takes: `shape` is images, channels, height, width.
struct Tensor {
    Vector<float> values;
    std::array<int, 4> shape{};

    [[nodiscard]] bool empty() const { return values.empty(); }
};

/// What a network gives for each of `count` windows, or for rows × columns of them.
struct Maps {
    std::span<const float> values;
    std::array<int, 4> shape{};
};

/// Where the cascade sees codes, best score first.
struct CascadeBoxes {
    Vector<Box> boxes;
    Vector<float> scores;  ///< O-Net's probability of a code
    Vector<Landmarks> landmarks;
};

/// The cascade of one picture between the calls of its networks, after Zhang, Zhang, Li and Qiao, "Joint Face Detection
/// and Alignment using Multitask Cascaded Convolutional Networks", 2016, arXiv:1604.02878, with QR codes for faces:
/// P-Net proposes windows, R-Net and O-Net reject and calibrate them, O-Net's heat maps give landmarks.
///
/// One call prepares each input and one takes each output: P-Net's until no level is left, R-Net's, O-Net's. An output
/// of another shape than its input asks for throws std::invalid_argument.
class Cascade {
  public:
    /// `limit`: long side of the finest level in pixels. What is centred in a `known` quadrilateral goes no further.
    Cascade(const MipMap& view, int limit, const CascadeSettings& settings, Vector<Quad> known);

    /// The next level; empty after the last one.
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
    [[nodiscard]] const Vector<Box>& windows() const { return windows_; }
    [[nodiscard]] const CascadeBoxes& boxes() const { return boxes_; }
    [[nodiscard]] const CascadeWork& work() const { return work_; }

  private:
    [[nodiscard]] Tensor patches(int size) const;
    void propose();

    CascadeSettings settings_;
    Vector<Quad> known_;
    Pyramid pyramid_;
    int next_level_ = 0;
    Proposals proposed_;  // of all levels, not calibrated yet
    bool proposing_ = true;
    Vector<Box> windows_;
    CascadeBoxes boxes_;
    CascadeWork work_;
};

}  // namespace fastqr
