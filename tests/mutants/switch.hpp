// The switch between what the product does and what a planted bug does. Included by the mutated
// copies that generate.py writes, and by nothing of the product.
#pragma once

#include <cstdint>

namespace hugang::mutants {

/// A mutant's name as a number, known to the compiler: the switch costs one comparison.
class Name {
 public:
  consteval Name(const char* text) {  // Implicit: call sites read is_on("the-name").
    for (; *text != '\0'; ++text) {
      number_ = (number_ ^ static_cast<unsigned char>(*text)) * 0x100000001B3ULL;
    }
  }
  /// The same for a name that is known at run time only.
  static constexpr std::uint64_t number_of(const char* text) {
    std::uint64_t number = kBegin;
    for (; *text != '\0'; ++text) {
      number = (number ^ static_cast<unsigned char>(*text)) * 0x100000001B3ULL;
    }
    return number;
  }
  [[nodiscard]] constexpr std::uint64_t number() const { return number_; }

 private:
  static constexpr std::uint64_t kBegin = 0xCBF29CE484222325ULL;
  std::uint64_t number_ = kBegin;
};

/// The one mutant that is on in this process; 0: the product as it is. Set before anything runs.
inline constinit std::uint64_t active = 0;

[[nodiscard]] inline bool is_on(Name name) { return name.number() == active; }

}  // namespace hugang::mutants
