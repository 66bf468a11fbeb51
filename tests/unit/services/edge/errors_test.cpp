#include "services/edge/errors.hpp"

#include <gtest/gtest.h>

#include <set>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace hugang::edge {
namespace {

TEST(Errors, HaveEachAReasonOfTheirOwnAndASentence) {
  std::set<std::string_view> reasons;
  for (std::size_t i = 0; i < kEdgeErrorCount; ++i) {
    const ErrorRow& row = row_of(static_cast<EdgeError>(i));
    EXPECT_TRUE(reasons.insert(row.reason).second) << row.reason;
    EXPECT_EQ(row.reason.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_"), std::string_view::npos);
    EXPECT_TRUE(row.sentence.ends_with('.')) << row.sentence;
    EXPECT_NE(row.code, grpc::OK);
  }
}

TEST(Errors, CarryDetailsThatDecode) {
  const Failure failure =
      Failure{EdgeError::kTextTooLong, "alias"}.with("limit", "24").with("got", "25");
  const grpc::Status status = to_status(inside(failure, "accounts[2]"));
  EXPECT_EQ(status.error_code(), grpc::INVALID_ARGUMENT);

  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.code(), grpc::INVALID_ARGUMENT);
  EXPECT_EQ(details.message(), status.error_message());
  EXPECT_NE(details.message().find("field: accounts[2].alias"), std::string::npos);
  ASSERT_EQ(details.details_size(), 1);
  EXPECT_EQ(details.details(0).type_url(), "type.googleapis.com/google.rpc.ErrorInfo");
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(details.details(0).UnpackTo(&info));
  EXPECT_EQ(info.reason(), "TEXT_TOO_LONG");
  EXPECT_EQ(info.domain(), "hugang");
  EXPECT_EQ(info.metadata().at("field"), "accounts[2].alias");
  EXPECT_EQ(info.metadata().at("limit"), "24");
  EXPECT_EQ(info.metadata().at("got"), "25");
}

TEST(Errors, TellEveryRefusalOfTheCommandPortApart) {
  const auto code = [](node::SubmitError error) { return row_of(to_edge_error(error)).code; };
  EXPECT_EQ(code(node::SubmitError::kOverloaded), grpc::RESOURCE_EXHAUSTED);
  EXPECT_EQ(code(node::SubmitError::kStopping), grpc::UNAVAILABLE);
  EXPECT_EQ(code(node::SubmitError::kDeadlineExceeded), grpc::DEADLINE_EXCEEDED);
}

}  // namespace
}  // namespace hugang::edge
