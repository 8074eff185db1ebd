#pragma once

#include <vector>

namespace fastqr {

/// Side in cells of the window whose statistics count: that of the crops that the DenseNet is trained on.
inline constexpr int kLocalCells = 29;

/// A straightened patch of cells × cells at `pixels` samples a cell and axis, brought to mean 0 and deviation 1: the
/// one normalisation for training and for reading. Up to `kLocalCells` the whole patch is one window; above, each
/// sample is normalised by the window around it, mirrored at the border, since light falls unevenly over a large
/// symbol. Some ten operations a sample, whatever the window's size.
[[nodiscard]] std::vector<float> normalised_patch(const std::vector<float>& patch, int cells, int pixels);

}  // namespace fastqr
