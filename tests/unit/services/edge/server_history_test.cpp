// Who may see which transfer and whose history, over real TLS.
#include "edge_fixture.hpp"
#include "fake_history.hpp"
#include "field_table.hpp"
#include "hugang/v1/transfer_service.grpc.pb.h"

namespace hugang::edge {
namespace {

constexpr std::uint64_t kAlices = 1000000000145;     // participant 2
constexpr std::uint64_t kOperators = 1000000000242;  // participant 1
constexpr std::uint64_t kBobs = 1000000000339;       // participant 5
constexpr base::ParticipantId kBob{5};

class EdgeServerHistory : public EdgeServerTest {
 protected:
  EdgeServerHistory() {
    node_.change([](machine::State& state) {
      machine::Account account;
      account.owner = kBob;
      account.asset = base::AssetId{1};
      state.accounts.push_back(account);
      state.aliases.emplace_back();
    });
  }
  ~EdgeServerHistory() override {
    if (server_) server_->stop(std::chrono::seconds{5});
  }
  void start_with_history() {
    auto all = options();
    all.history = &history_;
    start(std::move(all));
  }

  /// A transfer in state and journal, at an instant of its own.
  history::JournaledTransfer& put(unsigned char id, base::ParticipantId caller, std::uint64_t debit,
                                  std::uint64_t credit) {
    const base::Timestamp at{1'000 + id};
    node_.change([&](machine::State& state) {
      machine::IdRecord record;
      record.at = at;
      state.ids.add(command_id(id), record);
    });
    history::JournaledTransfer transfer;
    transfer.seqno = base::Seqno{9};
    transfer.caller = caller;
    transfer.record.id = command_id(id);
    transfer.record.debit = base::AccountNumber{debit};
    transfer.record.credit = base::AccountNumber{credit};
    transfer.outcome.at = at;
    return history_.transfers[at] = transfer;
  }

  v1::GetTransferResponse get(const std::shared_ptr<grpc::Channel>& channel, char id) {
    v1::GetTransferRequest request;
    *request.mutable_id() = id_message(id);
    grpc::ClientContext context;
    v1::GetTransferResponse response;
    const auto status =
        v1::TransferService::NewStub(channel)->GetTransfer(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  grpc::Status list(const std::shared_ptr<grpc::Channel>& channel, std::uint64_t account,
                    v1::ListTransfersResponse& response) {
    v1::ListTransfersRequest request;
    request.set_account(account);
    grpc::ClientContext context;
    return v1::TransferService::NewStub(channel)->ListTransfers(&context, request, &response);
  }
  std::shared_ptr<grpc::Channel> regulator() { return channel("shanghai/clients/regulator"); }

  FakeHistory history_;
};

TEST_F(EdgeServerHistory, ATransferIsShownToThoseItConcerns) {
  put(1, base::ParticipantId{2}, kAlices, kBobs);  // alice pays bob
  put(2, kBob, kBobs, kAlices);                    // bob pays alice
  put(3, kBob, kBobs, kOperators);                 // not alice's business
  put(4, kBob, kBobs, kAlices).outcome.code = machine::Code::kInsufficientFunds;
  put(5, base::ParticipantId{2}, kAlices, kBobs).outcome.code = machine::Code::kSingleLimit;
  start_with_history();
  const auto alice = participant();
  EXPECT_TRUE(get(alice, 1).found());
  EXPECT_EQ(get(alice, 1).transfer().credit_account(), kBobs);
  EXPECT_TRUE(get(alice, 2).found());
  EXPECT_FALSE(get(alice, 3).found());
  EXPECT_FALSE(get(alice, 4).found()) << "what was refused concerns its submitter alone";
  EXPECT_TRUE(get(alice, 5).found());
  EXPECT_FALSE(get(alice, 6).found());
  for (char id = 1; id <= 5; ++id) {
    EXPECT_TRUE(get(operator_channel(), id).found());
    EXPECT_TRUE(get(regulator(), id).found());
  }
}

TEST_F(EdgeServerHistory, APostShowsTheAccountsOfItsHold) {
  put(1, kBob, kBobs, kAlices).record.flags = wire::transfer_flag::kHold;
  auto& post = put(2, kBob, 0, 0);
  post.record.flags = wire::transfer_flag::kPostHold;
  post.record.pending_id = command_id(1);
  auto& foreign = put(4, kBob, 0, 0);
  put(3, kBob, kBobs, kOperators).record.flags = wire::transfer_flag::kHold;
  foreign.record.flags = wire::transfer_flag::kVoidHold;
  foreign.record.pending_id = command_id(3);
  start_with_history();
  const auto found = get(participant(), 2);
  EXPECT_TRUE(found.found());
  EXPECT_EQ(found.transfer().debit_account(), kBobs);
  EXPECT_EQ(found.transfer().credit_account(), kAlices);
  EXPECT_FALSE(get(participant(), 4).found());
}

TEST_F(EdgeServerHistory, AHistoryIsShownToItsOwnerOperatorsAndRegulators) {
  history_.next_page.seqno = base::Seqno{5};
  history_.next_page.postings.push_back({.order = 8,
                                         .at = base::Timestamp{8},
                                         .id = command_id(1),
                                         .counter = base::AccountIndex{3},
                                         .posted_minor = 1});
  start_with_history();
  v1::ListTransfersResponse response;
  ASSERT_TRUE(list(participant(), kAlices, response).ok());
  EXPECT_EQ(response.postings_size(), 1);
  EXPECT_EQ(response.postings(0).counter_account(), kBobs);
  EXPECT_EQ(response.seqno(), 5u);
  ASSERT_EQ(history_.questions.size(), 1u);
  EXPECT_EQ(history_.questions[0].account, base::AccountIndex{1});
  EXPECT_EQ(history_.questions[0].limit, 100u);

  for (const std::uint64_t account : {kOperators, kBobs, kBobs + 97, std::uint64_t{7}}) {
    const auto refused = list(participant(), account, response);
    EXPECT_EQ(refused.error_code(), grpc::StatusCode::NOT_FOUND) << account;
    EXPECT_EQ(error_info(refused).reason(), "NOT_FOUND");
  }
  EXPECT_EQ(history_.questions.size(), 1u);
  for (const std::uint64_t account : {kAlices, kOperators, kBobs}) {
    EXPECT_TRUE(list(operator_channel(), account, response).ok());
    EXPECT_TRUE(list(regulator(), account, response).ok());
  }
  EXPECT_EQ(list(channel("shanghai/clients/monitor"), kAlices, response).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

TEST_F(EdgeServerHistory, TellsWhyItCannotAnswer) {
  put(1, base::ParticipantId{2}, kAlices, kBobs);
  start_with_history();
  const std::map<history::HistoryError, std::string> reasons{
      {history::HistoryError::kBuilding, "HISTORY_BUILDING"},
      {history::HistoryError::kFailed, "HISTORY_UNAVAILABLE"},
      {history::HistoryError::kOverloaded, "OVERLOADED"},
      {history::HistoryError::kStopping, "STOPPING"}};
  for (const auto& [error, reason] : reasons) {
    history_.error = error;
    v1::ListTransfersResponse response;
    EXPECT_EQ(error_info(list(participant(), kAlices, response)).reason(), reason);
  }
  // The state knows it and the journal does not: that is no "unknown".
  history_.error.reset();
  history_.transfers.clear();
  v1::GetTransferRequest request;
  *request.mutable_id() = id_message(1);
  grpc::ClientContext context;
  v1::GetTransferResponse response;
  const auto status =
      v1::TransferService::NewStub(participant())->GetTransfer(&context, request, &response);
  EXPECT_EQ(error_info(status).reason(), "HISTORY_UNAVAILABLE");
}

TEST_F(EdgeServerHistory, WithoutAHistoryQuestionsAreRefused) {
  start();
  v1::ListTransfersResponse response;
  EXPECT_EQ(error_info(list(participant(), kAlices, response)).reason(), "HISTORY_UNAVAILABLE");
}

}  // namespace
}  // namespace hugang::edge
