#include "clients/hugang/exit_code.hpp"

#include <gtest/gtest.h>

namespace hugang::program {
namespace {

TEST(ExitCode, NumbersAreStable) {
  using client::ErrorKind;
  struct Row {
    ErrorKind kind;
    int expected;
  };
  for (const Row& row : {Row{ErrorKind::kConfiguration, 2},
                         {ErrorKind::kUnavailable, 3},
                         {ErrorKind::kUnauthenticated, 4},
                         {ErrorKind::kNotPermitted, 4},
                         {ErrorKind::kOverloaded, 5},
                         {ErrorKind::kTimedOut, 6},
                         {ErrorKind::kInvalid, 1},
                         {ErrorKind::kNotFound, 1},
                         {ErrorKind::kInternal, 6}}) {
    EXPECT_EQ(static_cast<int>(exit_code_of(row.kind)), row.expected);
  }
}

TEST(ExitCode, ARefusalByTheLedgerIsOne) {
  v1::Outcome outcome;
  EXPECT_EQ(exit_code_of(outcome), ExitCode::kOk);
  outcome.set_code(70);
  EXPECT_EQ(exit_code_of(outcome), ExitCode::kRefused);
}

}  // namespace
}  // namespace hugang::program
