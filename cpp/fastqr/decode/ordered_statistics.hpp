#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace fastqr {

/// The word of a block's code that agrees best with what is known of its bits, as far as was looked.
struct LikeliestWord {
    std::vector<std::uint8_t> codewords;
    double disagreement = 0;  ///< log-odds, in all, of the bits that are otherwise than they look
    bool alone = true;        ///< no other word within the same limit was met
};

/// Ordered statistics decoding (Fossorier and Lin 1995) of a block of data and error correction codewords: the most
/// reliable bits that determine a word are believed, but for a few of the least reliable among them, and every word
/// that follows is compared with all bits. Where half of all codewords hold a wrong bit and the bits know how sure they
/// are, this finds the word that no decoder of whole codewords reaches.
///
/// `log_odds` are of each bit being 1, eight a codeword, most significant first; words that disagree with more than
/// `most` are of no interest. Costs some r² n / 128 operations on 64 bits for r of n bits that are checks, and the
/// comparison of 2^16 words at most.
std::optional<LikeliestWord> likeliest_word(std::span<const float> log_odds, int data_codewords, double most);

}  // namespace fastqr
