#pragma once

#include <atomic>
#include <memory>

namespace fastqr {

/// A value that is made when it is first asked for and kept: a table, or what the standard says of a version. For
/// static variables; many threads may ask at once. It is never freed, for threads may run until the process ends.
template <typename Value>
class MadeOnce {
  public:
    template <typename Make>
    [[nodiscard]] const Value& get(Make make) {
        if (const Value* known = value_.load(std::memory_order_acquire)) return *known;
        auto made = std::make_unique<const Value>(make());
        const Value* other = nullptr;
        // Where two threads have made it, the first one's is kept.
        if (value_.compare_exchange_strong(other, made.get(), std::memory_order_acq_rel)) return *made.release();
        return *other;
    }

  private:
    std::atomic<const Value*> value_{nullptr};
};

}  // namespace fastqr
