#include "clients/load/report/comparison_words.hpp"

#include <gtest/gtest.h>

namespace hugang::report {
namespace {

std::string text(Unit unit, Finding finding, double change, double low, double high) {
  return finding_text({"m", unit, 1, 1, change, low, high, finding, {}});
}

TEST(FindingText, SaysHowMuchAndHowSure) {
  EXPECT_EQ(text(Unit::kNanoseconds, Finding::kBetter, -0.12, -0.15, -0.09),
            "faster by 12 % (9.0..15 %)");
  EXPECT_EQ(text(Unit::kNanoseconds, Finding::kWorse, 1.5, 1.0, 12.5),
            "slower by 150 % (100..1,250 %)");
  EXPECT_EQ(text(Unit::kPerSecond, Finding::kBetter, 0.031, 0.0204, 0.042),
            "higher by 3.1 % (2.0..4.2 %)");
  EXPECT_EQ(text(Unit::kPerSecond, Finding::kWorse, -0.5, -0.6, -0.4), "lower by 50 % (40..60 %)");
  EXPECT_EQ(text(Unit::kShare, Finding::kWorse, 0.004, 0.001, 0.007),
            "more by 0.40 points (0.10..0.70 points)");
  EXPECT_EQ(text(Unit::kShare, Finding::kBetter, -0.02, -0.03, -0.01),
            "fewer by 2.0 points (1.0..3.0 points)");
  EXPECT_EQ(text(Unit::kNanoseconds, Finding::kNoDifference, 0.01, -0.02, 0.04),
            "no difference beyond noise (±3.0 %)");
}

}  // namespace
}  // namespace hugang::report
