#pragma once

namespace fastqr {

/// Instructions of a processor that work on several values at once: the widest that a loop may use. What the processor
/// lacks is never used, and all give the same results.
enum class Vectors { kNone, kAvx2, kAvx512 };

}  // namespace fastqr
