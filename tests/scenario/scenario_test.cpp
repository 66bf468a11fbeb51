// One test for each table in the folder tables.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "tests/scenario/script.hpp"

namespace hugang::scenario {
namespace {

class Scenario : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(Scenario, GoesAsWritten) { Script{}.run(GetParam()); }

std::vector<std::filesystem::path> tables() {
  std::vector<std::filesystem::path> found;
  const std::filesystem::path folder =
      std::filesystem::path{HUGANG_SOURCE_DIR} / "tests/scenario/tables";
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    const auto& path = entry.path();
    if (path.extension() == ".txt") found.push_back(path);
  }
  std::ranges::sort(found);
  return found;
}

INSTANTIATE_TEST_SUITE_P(Tables, Scenario, testing::ValuesIn(tables()),
                         [](const auto& each) { return each.param.stem().string(); });

TEST(ScenarioFolder, HoldsTheTables) { EXPECT_GE(tables().size(), 17U); }

}  // namespace
}  // namespace hugang::scenario
