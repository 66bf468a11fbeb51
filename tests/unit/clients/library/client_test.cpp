#include "clients/library/client.hpp"

#include <gmock/gmock.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <gtest/gtest.h>

#include <future>

#include "clients/library/batch_stream.hpp"
#include "clients/library/id.hpp"
#include "clients/library/status.hpp"
#include "tests/unit/clients/library/fake_node.hpp"

namespace hugang::client {
namespace {

using std::chrono::milliseconds;

constexpr RetryPolicy kQuick{.attempts_max = 4,
                             .first_pause = milliseconds{1},
                             .pause_max = milliseconds{2},
                             .attempt_timeout = milliseconds{2'000}};

v1::SubmitRequest some_transfer() {
  v1::SubmitRequest request;
  *request.mutable_transfer()->mutable_id() = to_proto(new_id());
  request.mutable_transfer()->set_amount_minor(1250);
  return request;
}

grpc::Status rich_status(grpc::StatusCode code, const std::string& reason,
                         const std::string& domain) {
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain(domain);
  (*info.mutable_metadata())["method"] = "Submit";
  google::rpc::Status rich;
  rich.set_code(static_cast<int>(code));
  rich.set_message("use another profile");
  rich.add_details()->PackFrom(info);
  return {code, "use another profile", rich.SerializeAsString()};
}

TEST(Client, SendsTheSameRequestAgainWhenTheNodeIsUnavailable) {
  FakeNode node;
  int calls = 0;
  node.transfers.on_Submit = [&](const v1::SubmitRequest&, v1::SubmitResponse& response) {
    if (++calls < 3) return grpc::Status{grpc::StatusCode::UNAVAILABLE, "restarting"};
    response.mutable_outcome()->set_repeated(true);
    return grpc::Status::OK;
  };
  const Client client = Client::over(node.channel(), kQuick);
  const auto request = some_transfer();
  const auto answer = client.submit(request);
  ASSERT_TRUE(answer) << answer.error().sentence;
  EXPECT_TRUE(answer->outcome().repeated());
  ASSERT_EQ(node.transfers.seen_Submit.size(), 3u);
  for (const auto& seen : node.transfers.seen_Submit) {
    EXPECT_EQ(seen.SerializeAsString(), request.SerializeAsString());
  }
}

TEST(Client, GivesUpAfterTheLastAttempt) {
  FakeNode node;
  node.transfers.on_Submit = [](const v1::SubmitRequest&, v1::SubmitResponse&) {
    return grpc::Status{grpc::StatusCode::UNAVAILABLE, "stopping"};
  };
  const auto answer = Client::over(node.channel(), kQuick).submit(some_transfer());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(answer.error().attempts, 4u);
  EXPECT_EQ(node.transfers.seen_Submit.size(), 4u);
}

TEST(Client, DoesNotRepeatWhatWouldFailAgain) {
  for (const auto code : {grpc::StatusCode::INVALID_ARGUMENT, grpc::StatusCode::PERMISSION_DENIED,
                          grpc::StatusCode::RESOURCE_EXHAUSTED, grpc::StatusCode::INTERNAL}) {
    FakeNode node;
    node.transfers.on_Submit = [&](const v1::SubmitRequest&, v1::SubmitResponse&) {
      return grpc::Status{code, "no"};
    };
    EXPECT_FALSE(Client::over(node.channel(), kQuick).submit(some_transfer()));
    EXPECT_EQ(node.transfers.seen_Submit.size(), 1u);
  }
}

TEST(Client, ATimeoutSaysThatTheOutcomeIsUnknown) {
  std::promise<void> given_up;
  std::shared_future<void> until_given_up = given_up.get_future().share();
  FakeNode node;  // goes first: the handler may still be about to look at the future
  node.transfers.on_Submit = [&](const v1::SubmitRequest&, v1::SubmitResponse&) {
    until_given_up.wait();
    return grpc::Status::OK;
  };
  Client client = Client::over(node.channel(), kQuick);
  client.set_timeout(milliseconds{50});
  const auto answer = client.submit(some_transfer());
  given_up.set_value();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kTimedOut);
  EXPECT_THAT(answer.error().sentence, testing::HasSubstr("unknown"));
}

TEST(Client, NobodyListeningIsUnavailable) {
  std::string address;
  {
    const FakeNode gone;
    address = gone.address();
  }
  const auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  const auto answer = Client::over(channel, kQuick).list_assets({});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kUnavailable);
  EXPECT_THAT(answer.error().sentence, testing::HasSubstr("check the address"));
}

TEST(Client, WaitsUntilASettlementIsFinal) {
  FakeNode node;
  int asks = 0;
  node.settlements.on_GetSettlement = [&](const v1::GetSettlementRequest& request,
                                          v1::GetSettlementResponse& response) {
    *response.mutable_settlement()->mutable_id() = request.id();
    response.mutable_settlement()->set_status(++asks < 3 ? v1::SETTLEMENT_STATUS_SENT
                                                         : v1::SETTLEMENT_STATUS_SETTLED);
    return grpc::Status::OK;
  };
  const auto answer = Client::over(node.channel(), kQuick)
                          .await_settlement(to_proto(new_id()), milliseconds{10'000});
  ASSERT_TRUE(answer);
  EXPECT_TRUE(is_final(answer->settlement()));
  EXPECT_EQ(asks, 3);
}

TEST(Client, PatienceThatEndsAnswersWhatWasSeenLast) {
  FakeNode node;
  node.settlements.on_GetSettlement = [](const v1::GetSettlementRequest&,
                                         v1::GetSettlementResponse& response) {
    response.mutable_settlement()->set_status(v1::SETTLEMENT_STATUS_PENDING);
    return grpc::Status::OK;
  };
  const auto answer =
      Client::over(node.channel(), kQuick).await_settlement(to_proto(new_id()), milliseconds{30});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->settlement().status(), v1::SETTLEMENT_STATUS_PENDING);
}

TEST(BatchStream, AnswersComeInTheOrderOfTheRequests) {
  FakeNode node;
  BatchStream stream = Client::over(node.channel(), kQuick).submit_stream();
  for (std::uint64_t tag = 1; tag <= 3; ++tag) {
    v1::SubmitStreamRequest request;
    request.set_tag(tag);
    for (std::uint64_t i = 0; i < tag; ++i) request.mutable_batch()->add_transfers();
    ASSERT_TRUE(stream.send(request));
  }
  stream.close();
  v1::SubmitStreamResponse answer;
  for (std::uint64_t tag = 1; tag <= 3; ++tag) {
    ASSERT_TRUE(stream.receive(answer));
    EXPECT_EQ(answer.tag(), tag);
    EXPECT_EQ(answer.accepted().transfer_count(), tag);
  }
  EXPECT_FALSE(stream.receive(answer));
  EXPECT_TRUE(stream.finish());
}

TEST(Status, TheNodesReasonAndSentenceGoBeforeGeneralAdvice) {
  const Error error =
      to_error(rich_status(grpc::StatusCode::PERMISSION_DENIED, "METHOD_NOT_ALLOWED", "hugang"));
  EXPECT_EQ(error.kind, ErrorKind::kNotPermitted);
  EXPECT_EQ(error.reason, "METHOD_NOT_ALLOWED");
  EXPECT_EQ(error.sentence, "use another profile");
  EXPECT_EQ(error.metadata.at("method"), "Submit");
}

TEST(Status, AForeignDomainsReasonIsNotOurs) {
  const Error error =
      to_error(rich_status(grpc::StatusCode::PERMISSION_DENIED, "METHOD_NOT_ALLOWED", "proxy"));
  EXPECT_EQ(error.reason, "PERMISSION_DENIED");
  EXPECT_TRUE(error.metadata.empty());
}

TEST(Status, ATrailerThatCannotBeReadIsPassedOver) {
  const Error error = to_error({grpc::StatusCode::RESOURCE_EXHAUSTED, "busy", "\xff\xff\xff"});
  EXPECT_EQ(error.kind, ErrorKind::kOverloaded);
  EXPECT_EQ(error.reason, "RESOURCE_EXHAUSTED");
  EXPECT_THAT(error.sentence, testing::HasSubstr("busy"));
}

TEST(Retry, PausesDoubleUpToTheMaximum) {
  const RetryPolicy policy{
      .attempts_max = 8, .first_pause = milliseconds{100}, .pause_max = milliseconds{1'000}};
  struct Row {
    std::uint32_t attempts;
    std::int64_t least_ms, most_ms;
  };
  for (const Row& row : {Row{1, 50, 100}, {2, 100, 200}, {4, 400, 800}, {7, 500, 1'000}}) {
    for (const std::uint32_t random : {0u, 1u, 77u, 0xFFFFFFFFu}) {
      const auto pause = pause_before_next(policy, row.attempts, random);
      ASSERT_TRUE(pause);
      EXPECT_GE(pause->count(), row.least_ms);
      EXPECT_LE(pause->count(), row.most_ms);
    }
  }
  EXPECT_FALSE(pause_before_next(policy, 8, 0));
}

TEST(NewId, IsARandomUuidOfVersion4) {
  const auto a = new_id();
  const auto b = new_id();
  EXPECT_NE(a, b);
  for (const auto id : {a, b}) {
    EXPECT_EQ(static_cast<unsigned>(id.value() >> 76) & 0xF, 4u);
    EXPECT_EQ(static_cast<unsigned>(id.value() >> 62) & 3, 2u);
    EXPECT_EQ(from_proto(to_proto(id)), id);
  }
  v1::Id half;
  half.set_value("12345678");
  EXPECT_FALSE(from_proto(half));
}

TEST(Profile, PathsAreRelativeToTheFile) {
  const auto file = parse_profiles(R"(
default = "alice"
[profile.alice]
address = "127.0.0.1:7401"
ca = "pki/ca.pem"
cert = "/etc/alice.pem"
key = "pki/alice.key"
[profile.bob]
address = "127.0.0.1:7402"
ca = "a"
cert = "b"
key = "c"
server_name = "localhost"
)",
                                   "/home/alice/hugang/config.toml");
  ASSERT_TRUE(file) << file.error().sentence;
  const auto alice = find_profile(*file, "");
  ASSERT_TRUE(alice);
  EXPECT_EQ(alice->ca, "/home/alice/hugang/pki/ca.pem");
  EXPECT_EQ(alice->cert, "/etc/alice.pem");
  EXPECT_EQ(find_profile(*file, "bob")->server_name, "localhost");
  const auto nobody = find_profile(*file, "carol");
  ASSERT_FALSE(nobody);
  EXPECT_THAT(nobody.error().sentence, testing::HasSubstr("alice, bob"));
}

TEST(Profile, AMistakeIsNamedWithItsLine) {
  struct Row {
    const char* toml;
    const char* expected;
  };
  for (const Row& row :
       {Row{"defualt = \"x\"", "c.toml:1: unknown key 'defualt'"},
        {"[profile.a]\nadress = \"x\"", "c.toml:2: profile 'a' has an unknown key"},
        {"[profile.a]\naddress = 7401", "c.toml:2: 'address' must be text"},
        {"[profile.a]\naddress = \"x\"", "needs address, ca, cert and key"},
        {"default = \"b\"", "the default profile 'b' is not in the file"},
        {"x = = 1", "c.toml:1: "},
        {"profile = 3", "c.toml:1: unknown key 'profile'"}}) {
    const auto file = parse_profiles(row.toml, "c.toml");
    ASSERT_FALSE(file) << row.toml;
    EXPECT_EQ(file.error().kind, ErrorKind::kConfiguration);
    EXPECT_THAT(file.error().sentence, testing::HasSubstr(row.expected));
  }
}

TEST(Profile, KeysNestedWithoutEndAreRefused) {
  std::string key = "default = \"a\"\na";
  for (int i = 0; i < 100'000; ++i) key += ".a";
  const auto file = parse_profiles(key + " = 1\n", "c.toml");
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().sentence, testing::HasSubstr("c.toml:2: the line is longer"));
}

TEST(Profile, AFileThatIsMissingIsNamed) {
  const auto client = Client::open({.address = "127.0.0.1:1",
                                    .ca = "/nowhere/ca.pem",
                                    .cert = "x",
                                    .key = "y",
                                    .server_name = {}});
  ASSERT_FALSE(client);
  EXPECT_EQ(client.error().kind, ErrorKind::kConfiguration);
  EXPECT_THAT(client.error().sentence, testing::HasSubstr("/nowhere/ca.pem"));
}

}  // namespace
}  // namespace hugang::client
