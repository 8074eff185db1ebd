#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "fastqr/geometry/homography.hpp"
#include "fastqr/geometry/lattice.hpp"
#include "fastqr/image/mip_map.hpp"

namespace fastqr {

/// Grey picture of the lattice's cells, `pixels` samples a cell and axis, row-major (cells·pixels)². Positions are
/// bilinear inside a cell; where a sample spans more than ~1.3 pixels of the image it averages several.
/// Where `wanted` is given, one flag a cell, the other cells stay 0.
[[nodiscard]] std::vector<float> resample_lattice(const MipMap& image, const Lattice& lattice, int pixels,
                                                  std::span<const std::uint8_t> wanted = {});

/// Mean grey level of the middle half of each module, row-major without the margin: its own colour, whatever its
/// neighbours are.
[[nodiscard]] std::vector<float> resample_modules(const MipMap& image, const Lattice& lattice, int margin);

/// Grey picture of height × width whose pixel coordinates `output_to_image` maps into the image, averaged likewise.
[[nodiscard]] std::vector<float> warp(const MipMap& image, const Homography& output_to_image, int height, int width);

/// Patches of size × size that maps of the unit square show, one after the other, brought to −1..1 as every network of
/// the cascade takes them.
[[nodiscard]] std::vector<float> unit_patches(const MipMap& image, std::span<const Homography> unit_to_image, int size);

}  // namespace fastqr
