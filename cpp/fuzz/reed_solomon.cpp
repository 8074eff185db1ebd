// One block: what was within the capacity is put right, and whatever comes out is a codeword.

#include "fastqr/decode/reed_solomon.hpp"

#include <algorithm>
#include <vector>

#include "input.hpp"

using namespace fastqr;
using namespace fastqr::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length) {
    Input input(data, length);
    const int ec = 1 + input.byte() % 68;  // Table 9 has 7 to 30, and 68 twice over
    const int data_count = 1 + input.byte() % (255 - ec);
    std::vector<std::uint8_t> block;
    for (int i = 0; i < data_count; ++i) block.push_back(input.byte());
    const std::vector<std::uint8_t> check = ec_codewords_of(block, ec);
    block.insert(block.end(), check.begin(), check.end());
    const auto zero = [](std::uint8_t v) { return v == 0; };
    const auto is_codeword = [&](const std::vector<std::uint8_t>& word) {
        const auto syndromes = syndromes_of(word, ec);
        return std::all_of(syndromes.begin(), syndromes.end(), zero);
    };
    require(is_codeword(block), "data and its error correction codewords are a codeword");

    std::vector<std::uint8_t> received = block;
    std::vector<bool> erased(block.size(), false);
    std::vector<int> erasures;
    for (int left = input.byte(); left > 0 && !input.rest().empty(); --left) {
        const auto position = static_cast<std::size_t>(input.byte()) % block.size();
        const bool known = input.toss();
        received[position] = input.byte();
        if (known && !erased[position] && static_cast<int>(erasures.size()) < ec) {
            erased[position] = true;
            erasures.push_back(static_cast<int>(position));
        }
    }
    int errors = 0;
    for (std::size_t i = 0; i < block.size(); ++i) errors += received[i] != block[i] && !erased[i] ? 1 : 0;
    const auto correction = correct_block(received, syndromes_of(received, ec), erasures);
    if (2 * errors + static_cast<int>(erasures.size()) <= ec) {
        require(correction.has_value(), "what lies within the capacity is corrected");
        require(correction->codewords == block, "and becomes what was sent");
        require(static_cast<int>(correction->errors.size()) == errors, "every error is told of");
    }
    if (correction) require(is_codeword(correction->codewords), "a corrected block is a codeword");
    return 0;
}
