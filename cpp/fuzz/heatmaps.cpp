// Landmarks of heat maps that may hold anything, over boxes that may be anything.

#include <cmath>
#include <vector>

#include "fastqr/detect/mtcnn/heatmap_landmarks.hpp"
#include "input.hpp"

using namespace fastqr;
using namespace fastqr::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    Input input(data, length);
    const bool plain = input.toss();  // heat in 0..1, as a softmax gives it, and a box of a picture
    const int side = 1 + input.byte() % 24;
    Box box{0, 0, 48, 48};
    if (!plain)
        for (float* v : {&box.x1, &box.y1, &box.x2, &box.y2}) *v = input.raw<float>();
    std::vector<float> heat(static_cast<std::size_t>(3 * side * side));
    for (float& v : heat) v = plain ? static_cast<float>(input.byte()) / 255 : input.raw<float>();
    const Landmarks found = heatmap_landmarks(heat.data(), side, box);
    if (!plain) return 0;
    for (const auto& point : found.points)
        for (float v : point) require(std::abs(v) < 48 * 8, "landmarks lie about the box");
    for (float strength : found.strengths) require(strength >= 0 && strength <= 1, "strengths are heat");
    return 0;
}
