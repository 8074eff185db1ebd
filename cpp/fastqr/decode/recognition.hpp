#pragma once

#include <span>

#include "fastqr/decode/decoder.hpp"

namespace fastqr {

/// How far probabilities that modules are dark, row by row, speak for a symbol that is known already and against every
/// other message in its place, in bits: log2 of the likelihood of the known codewords over that of other ones.
///
/// Only codewords count in which the other message differs, and they are chosen so that they speak least for the known
/// one. Two messages of a version and level differ in one block at least, and there in more codewords than the block
/// has for error correction; each of these is the same by chance once in 256 times (docs/false-accept.md). The block
/// that speaks least decides. A module of which nothing is known says nothing. The probabilities are of the size of the
/// symbol's version; those of a mirrored symbol are as seen.
double recognition_evidence(const DecodedSymbol& known, std::span<const float> probabilities);

}  // namespace fastqr
