#pragma once

#include <span>

#include "fastqr/decode/decoder.hpp"

namespace fastqr {

/// How far probabilities that modules are dark, row by row, speak for a symbol that is known already and against every
/// other message in its place, in bits: log2 of the likelihood of the known codewords over that of random ones.
///
/// Two messages of a version and level differ in one block at least, and there in more codewords than the block has for
/// error correction. So of each block only as many codewords count, those that speak least for the symbol, and the
/// block that speaks least decides. A module of which nothing is known says nothing. The probabilities are of the size
/// of the symbol's version; those of a mirrored symbol are as seen.
double recognition_evidence(const DecodedSymbol& known, std::span<const float> probabilities);

}  // namespace fastqr
