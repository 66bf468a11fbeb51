#include "clearing/base/inline_vector.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace hugang::base {
namespace {

using Numbers = InlineVector<int, 2>;

Numbers numbers(int count) {
  Numbers made;
  for (int i = 0; i < count; ++i) made.push_back(i);
  return made;
}

std::vector<int> listed(const Numbers& numbers) { return {numbers.begin(), numbers.end()}; }

TEST(InlineVector, HoldsFewAndMany) {
  for (int count = 0; count <= 40; ++count) {
    const Numbers held = numbers(count);
    ASSERT_EQ(held.size(), static_cast<std::size_t>(count));
    EXPECT_EQ(held.empty(), count == 0);
    for (int i = 0; i < count; ++i) EXPECT_EQ(held[static_cast<std::size_t>(i)], i);
  }
}

TEST(InlineVector, CopiesAreApart) {
  for (const int count : {1, 2, 3, 9}) {
    Numbers original = numbers(count);
    Numbers copy = original;
    copy.front() = 77;
    copy.push_back(5);
    EXPECT_EQ(listed(original), listed(numbers(count)));
    original = copy;
    EXPECT_EQ(listed(original), listed(copy));
    copy.clear();
    EXPECT_EQ(original.size(), static_cast<std::size_t>(count) + 1);
  }
}

TEST(InlineVector, IsEmptyAfterAMoveAndUsableAgain) {
  for (const int count : {1, 2, 3, 9}) {
    Numbers from = numbers(count);
    Numbers to = std::move(from);
    EXPECT_EQ(listed(to), listed(numbers(count)));
    from = numbers(3);
    EXPECT_EQ(listed(from), listed(numbers(3)));
    from.push_back(3);
    EXPECT_EQ(from.back(), 3);
    to = std::move(from);
    EXPECT_EQ(listed(to), listed(numbers(4)));
  }
}

TEST(InlineVector, TakesOneOfItsOwnElements) {
  Numbers own = numbers(2);
  own.push_back(own.front());
  EXPECT_EQ(listed(own), (std::vector<int>{0, 1, 0}));
}

}  // namespace
}  // namespace hugang::base
