// Proposals, suppression and calibration of any numbers.

#include "fastqr/detect/mtcnn/boxes.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "fastqr/detect/mtcnn/proposals.hpp"
#include "input.hpp"

using namespace fastqr;
using namespace fastqr::fuzz;

namespace {

/// A few distinct values, so that boxes overlap and scores are equal; or any float.
float number(Input& input, bool plain) { return plain ? static_cast<float>(input.byte()) / 8 : input.raw<float>(); }

void check_proposals(Input& input) {
    const bool plain = input.toss();
    const int rows = input.byte() % 24;
    const int columns = input.byte() % 24;
    double pixel = input.raw<double>();
    if (!(pixel > 0)) pixel = 2;
    const ProposalRule rule{number(input, plain), number(input, plain), input.toss() ? input.byte() : input.raw<int>(),
                            input.toss() ? input.byte() : input.raw<int>()};
    std::vector<Quad> known(input.byte() % 3);
    for (Quad& quad : known)
        for (auto& point : quad) point = {8 * number(input, plain), 8 * number(input, plain)};
    const auto cells = static_cast<std::size_t>(rows * columns);
    std::vector<float> probability(cells);
    std::vector<float> offsets(4 * cells);
    for (float& v : probability) v = number(input, plain);
    for (float& v : offsets) v = number(input, plain);
    Proposals found;
    add_proposals({probability.data(), offsets.data(), rows * columns, columns, rows, columns, 3, -7, pixel}, rule,
                  known, found);
    require(found.boxes.size() == found.scores.size(), "a proposal is a box and a score");
    require(found.boxes.size() <= static_cast<std::size_t>(std::max(rule.most, 0)), "no more than are taken in all");
    std::size_t unsure = 0;
    for (std::size_t i = 0; i < found.scores.size(); ++i) {
        require(found.scores[i] > rule.threshold, "proposals lie above the threshold");
        require(i == 0 || found.scores[i] <= found.scores[i - 1], "proposals come best first");
        require(plausible(found.boxes[i]), "proposals have finite sides");
        unsure += found.scores[i] < rule.sure ? 1 : 0;
    }
    require(unsure <= static_cast<std::size_t>(std::max(rule.top, 0)), "no more unsure ones than the top ones");
}

void check_suppression(Input& input) {
    const bool plain = input.toss();
    const auto overlap = input.toss() ? Overlap::kUnion : Overlap::kMinimum;
    const float threshold = input.toss() ? number(input, false) : static_cast<float>(input.byte()) / 255;
    const int count = input.byte();
    std::vector<Box> boxes;
    std::vector<float> scores;
    for (int i = 0; i < count; ++i) {
        Box box;
        for (float* v : {&box.x1, &box.y1, &box.x2, &box.y2}) *v = number(input, plain);
        const float offsets[4] = {number(input, plain), number(input, plain), number(input, plain),
                                  number(input, plain)};
        const Box moved = calibrated(box, offsets);
        const Box square = squared(box);
        if (plain) {
            require(std::isfinite(moved.x1 + moved.y1 + moved.x2 + moved.y2), "finite boxes are moved to finite ones");
            require(std::abs(square.width() - square.height()) < 1e-3F, "a square is one");
        }
        boxes.push_back(input.toss() ? moved : box);
        scores.push_back(number(input, plain));
    }
    const std::vector<int> kept = nms(boxes, scores, threshold, overlap);
    std::vector<bool> seen(boxes.size(), false);
    for (std::size_t k = 0; k < kept.size(); ++k) {
        const auto index = static_cast<std::size_t>(kept[k]);
        require(index < boxes.size() && !seen[index], "what is kept is one of the boxes, once");
        seen[index] = true;
        require(!std::isnan(scores[index]), "what is kept has a score");
        require(k == 0 || scores[index] <= scores[static_cast<std::size_t>(kept[k - 1])], "best score first");
    }
    const auto scored = std::find_if(scores.begin(), scores.end(), [](float v) { return !std::isnan(v); });
    require(kept.empty() == (scored == scores.end()), "of boxes with scores the best is kept");
    std::vector<Box> survivors;
    std::vector<float> survivors_scores;
    for (int k : kept) {
        survivors.push_back(boxes[static_cast<std::size_t>(k)]);
        survivors_scores.push_back(scores[static_cast<std::size_t>(k)]);
    }
    require(nms(survivors, survivors_scores, threshold, overlap).size() == kept.size(), "what is kept stays kept");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    Input input(data, length);
    input.toss() ? check_proposals(input) : check_suppression(input);
    return 0;
}
