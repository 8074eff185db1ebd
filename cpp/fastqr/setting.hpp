#pragma once

#include <type_traits>

namespace fastqr {

/// One value of a stage's settings, for whoever lists, checks or stores them. A value that decides what is read or
/// what it costs is one; a fact, or a number that may be a third smaller or larger without a difference, is a constant
/// of its algorithm (docs/settings.md).
template <typename Stage, typename Value>
struct Setting {
    const char* name;
    Value Stage::* at;
    Value least;  ///< that is accepted
    Value most;
    const char* unit;
    const char* meaning;  ///< what it decides, and why it is what it is
};

template <typename Stage, typename Value>
Setting(const char*, Value Stage::*, std::type_identity_t<Value>, std::type_identity_t<Value>, const char*, const char*)
    -> Setting<Stage, Value>;

}  // namespace fastqr
