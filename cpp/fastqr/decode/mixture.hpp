#pragma once

#include <span>

namespace fastqr {

/// A codeword of a symbol that was decoded.
struct SeenCodeword {
    float x = 0;  ///< its middle, in any unit
    float y = 0;
    int block = 0;
    bool wrong = false;  ///< whether it was seen otherwise than it was decoded
};

/// Whether what was seen are two symbols, one on either side of a line, some blocks of which were corrected to the
/// one, the others to the other. Each block is right then, and the message is nobody's: the standard checks no more.
///
/// Blocks are interleaved, so damage is shared: about any place as large a share of one block's codewords is wrong as
/// of another's. Where two symbols are shown, one side's are wrong of the one block and right of the other, and on the
/// other side it is the other way round. So for each pair of blocks and each line of several directions the likelihood
/// of the counts with shares of wrong codewords for side and block is compared with the one for the side alone. Of
/// damage that is shared the ratio reaches b bits for one line with a chance of 2^-b (Wilks: chi-squared with two
/// degrees of freedom). True is returned from as many bits as leave a chance of 2^-16 for all lines and pairs together.
[[nodiscard]] bool shows_two_symbols(std::span<const SeenCodeword> codewords, int blocks);

}  // namespace fastqr
