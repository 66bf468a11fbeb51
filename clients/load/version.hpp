// The version that --version prints and records carry; CMake's project version.
#pragma once

namespace hugang::load {

#ifndef HUGANG_VERSION
#error "build with CMake, which defines HUGANG_VERSION"
#endif
inline constexpr const char* kVersion = HUGANG_VERSION;

}  // namespace hugang::load
