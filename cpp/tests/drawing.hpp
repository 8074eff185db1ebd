#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fastqr/geometry/homography.hpp"
#include "fastqr/image/grey_image.hpp"
#include "fastqr/standard/format_information.hpp"

namespace fastqr {

/// Appends a number's bits, the most significant first.
void append(std::string& bits, unsigned value, int length);

/// Codewords of a string of bits, filled up with zeros.
std::vector<std::uint8_t> packed(std::string bits);

/// A symbol that holds text in byte mode, drawn by what the standard says of each part; 1 dark.
std::vector<float> drawn_symbol(const std::string& text, int version, FormatInformation format);

/// Modules, 1 dark, as a homography shows them, on white. Where it arches, the paper's middle column stays and its
/// outer ones move down by so many modules.
GreyImage pictured(const std::vector<float>& modules, int size, const Homography& symbol_to_image, int height,
                   int width, double arch = 0);

/// Dark for light.
GreyImage negative(GreyImage image);

/// Each pixel black or white by a toss of a coin.
GreyImage noise(int height, int width, unsigned seed);

}  // namespace fastqr
