#pragma once

#include <cstdint>

namespace fastqr {

/// Weights of ITU-R BT.601's luma, in whole numbers that add up to a power of two.
constexpr int kBlueWeight = 1868;
constexpr int kGreenWeight = 9617;
constexpr int kRedWeight = 4899;
constexpr int kWeightBits = 14;

}  // namespace fastqr
