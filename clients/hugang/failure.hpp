// Why a command ends without success, and how that is told: one sentence, the stable code, the exit
// code.
#pragma once

#include <expected>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "clients/hugang/exit_code.hpp"
#include "clients/library/error.hpp"

namespace hugang::program {

/// Field order is part of what people read.
using Json = nlohmann::ordered_json;

struct Failure {
  ExitCode exit_code = ExitCode::kUnknown;
  std::string code;  ///< stable, e.g. "INSUFFICIENT_FUNDS"
  std::string sentence;
  /// Fields that --json prints beside "error": what is known of the request all the same.
  Json details = Json::object();
};

template <class T>
using Attempt = std::expected<T, Failure>;

[[nodiscard]] inline std::unexpected<Failure> usage_failure(std::string sentence) {
  return std::unexpected{
      Failure{.exit_code = ExitCode::kUsage, .code = "USAGE", .sentence = std::move(sentence)}};
}

[[nodiscard]] Failure to_failure(client::Error error);

/// The call's answer, or why there is none.
template <class T>
[[nodiscard]] Attempt<T> attempt(client::Result<T> result) {
  if (result) return std::move(*result);
  return std::unexpected{to_failure(std::move(result.error()))};
}

}  // namespace hugang::program

/// HG_TRY(name, expression): `name` is the value of the expected that `expression` gives; where it
/// holds a failure, the function returns that.
// NOLINTBEGIN(bugprone-macro-parentheses): a name that is declared cannot stand in parentheses.
#define HG_TRY(name, expression)                                                        \
  auto name##_or_failure = (expression);                                                \
  if (!name##_or_failure) return std::unexpected{std::move(name##_or_failure.error())}; \
  auto& name = *name##_or_failure
// NOLINTEND(bugprone-macro-parentheses)
