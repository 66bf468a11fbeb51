// The words of a scenario line: tokens, times, amounts. A mistake in a scenario is thrown as
// ScriptError and fails the test with file and line.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "clearing/base/int128.hpp"
#include "clearing/base/timestamp.hpp"

namespace hugang::scenario {

struct ScriptError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// When every scenario begins; "+5s" is five seconds later.
inline constexpr base::Timestamp kBegin{1'767'600'000'000'000'000};

/// One line: what is commanded or asked, and behind => or = what is expected.
struct Line {
  std::vector<std::string> words;
  std::string expected;  ///< empty where nothing is said
};

/// Splits at white space; a text in double quotes is one word. Empty for comments and blank lines.
[[nodiscard]] Line parse_line(std::string_view text);

/// "+10s", "+0.000000001s", "+7d"; "never" is none.
[[nodiscard]] base::Timestamp parse_time(std::string_view word);
[[nodiscard]] std::string time_text(base::Timestamp at);

/// "12.50" in minor units of `scale` decimals; may be negative, may be beyond every limit.
[[nodiscard]] std::int64_t parse_amount(std::string_view word, unsigned scale);
[[nodiscard]] std::string amount_text(base::i128 minor, unsigned scale);

[[nodiscard]] std::uint64_t parse_number(std::string_view word);

/// Takes words from the front; throws where one is missing.
class Words {
 public:
  explicit Words(const std::vector<std::string>& words) : words_{words} {}
  [[nodiscard]] bool is_empty() const { return at_ == words_.size(); }
  [[nodiscard]] const std::string& peek() const;
  const std::string& take();
  /// Takes the next word if it is this one.
  bool take_if(std::string_view word);
  void expect(std::string_view word);
  void expect_end() const;

 private:
  const std::vector<std::string>& words_;
  std::size_t at_ = 0;
};

}  // namespace hugang::scenario
