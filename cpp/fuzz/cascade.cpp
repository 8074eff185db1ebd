// The cascade on views of pictures, between networks that may give anything; and patches of boxes anywhere.

#include "fastqr/detect/mtcnn/cascade.hpp"

#include <cmath>
#include <vector>

#include "fastqr/detect/mtcnn/patches.hpp"
#include "picture.hpp"

using namespace fastqr;
using namespace fastqr::fuzz;

namespace {

constexpr float kFarthest = 1e7F;
constexpr int kMostInputs = 64;

void check_normalised(const std::vector<float>& values) {
    for (float v : values) require(v >= normalised(-0.01F) && v <= normalised(255.01F), "pixels are normalised greys");
}

void check_in_light(const std::vector<float>& values) {
    for (float v : values) require(v >= -1 && v <= 1, "pixels are in their window's light");
}

/// Numbers that repeat a few of the input's, so that a network's whole output costs no more of it.
class Outputs {
  public:
    explicit Outputs(Input& input) {
        const bool plain = input.toss();
        for (float& v : numbers_) v = plain ? static_cast<float>(input.byte()) / 255 : input.raw<float>();
    }

    std::vector<float> of(const std::array<int, 4>& shape) {
        std::vector<float> values(static_cast<std::size_t>(shape[0] * shape[1]) *
                                  static_cast<std::size_t>(shape[2] * shape[3]));
        for (float& v : values) v = numbers_[next_++ % numbers_.size()];
        return values;
    }

  private:
    std::array<float, 23> numbers_{};
    std::size_t next_ = 0;
};

void check_boxes(const Cascade& cascade) {
    const CascadeBoxes& found = cascade.boxes();
    require(found.boxes.size() == found.scores.size() && found.boxes.size() == found.landmarks.size(),
            "every box has a score and landmarks");
    for (std::size_t i = 0; i < found.boxes.size(); ++i) {
        require(plausible(found.boxes[i]), "boxes have finite sides");
        require(i == 0 || found.scores[i] <= found.scores[i - 1], "boxes come best first");
    }
}

void see(Cascade& cascade, Outputs& outputs) {
    for (int inputs = 0; inputs < kMostInputs; ++inputs) {
        const Tensor level = cascade.pnet_input();
        if (level.empty()) break;
        check_in_light(level.values);
        const std::array<int, 4> one{1, 2, windows_in(level.shape[2]), windows_in(level.shape[3])};
        const std::array<int, 4> other{1, 4, one[2], one[3]};
        const std::vector<float> probability = outputs.of(one);
        cascade.take_pnet({probability, one}, {outputs.of(other), other});
    }
    for (Tensor few = cascade.rnet_input(); !few.empty(); few = cascade.rnet_input()) {
        check_in_light(few.values);
        const int windows = few.shape[0];
        const std::vector<float> scores = outputs.of({windows, 2, 1, 1});
        cascade.take_rnet({scores, {windows, 2, 1, 1}}, {outputs.of({windows, 4, 1, 1}), {windows, 4, 1, 1}});
    }
    for (Tensor few = cascade.onet_input(); !few.empty(); few = cascade.onet_input()) {
        check_in_light(few.values);
        const int left = few.shape[0];
        const std::vector<float> last = outputs.of({left, 2, 1, 1});
        const std::vector<float> moves = outputs.of({left, 4, 1, 1});
        cascade.take_onet({last, {left, 2, 1, 1}}, {moves, {left, 4, 1, 1}},
                          {outputs.of({left, 3, 6, 6}), {left, 3, 6, 6}});
    }
    check_boxes(cascade);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    Input input(data, length);
    const Place place = place_in(input, input.toss());
    const double least = input.toss() ? input.between(1, 400) : std::abs(input.finite_below(kFarthest)) + 1e-30;
    const double most = input.toss() ? 1e300 : input.between(1, 1000);
    const int size = 1 + input.byte() % 64;
    const bool near = input.toss();
    Box box;
    for (float* v : {&box.x1, &box.y1, &box.x2, &box.y2})
        *v = near ? static_cast<float>(input.between(-32768, 32767)) / 64 : input.finite_below(kFarthest);
    std::vector<Quad> known(input.byte() % 3);
    for (Quad& quad : known)
        for (auto& point : quad) point = {input.raw<float>(), input.raw<float>()};
    CascadeSettings settings;
    settings.proposals = settings.candidates = 3;  // patches are what takes time
    settings.whole_pixels = input.byte() * 100;
    settings.tile_top = 1 + input.byte() % 4;
    settings.sure = input.toss() ? 1 : static_cast<float>(input.byte()) / 255;
    Outputs outputs(input);
    Picture picture(input, 0);
    const ImageView& view = picture.view();

    std::vector<float> patch(static_cast<std::size_t>(view.channels * size * size), -9.0F);
    extract_patch(view, box, size, false, patch.data());
    check_normalised(patch);
    if (view.height < 1 || view.width < 1 || !taken(place, view)) return 0;
    const MipMap map(view, place.region, place.factor);
    std::vector<float> grey(static_cast<std::size_t>(size * size), -9.0F);
    write_network_patch(map, box, size, size % 2 == 0, grey.data());
    check_in_light(grey);
    Cascade cascade(map, settings, least, most, known);
    see(cascade, outputs);
    cascade.extend(least / 2, known);
    see(cascade, outputs);
    return 0;
}
