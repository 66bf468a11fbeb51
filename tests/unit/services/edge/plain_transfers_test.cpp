#include "services/edge/plain_transfers.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "clearing/base/amount.hpp"
#include "clearing/machine/limits.hpp"
#include "field_table.hpp"
#include "services/edge/convert_transfer.hpp"

namespace hugang::edge {
namespace {

using Random = std::mt19937_64;

/// The bytes, in pieces of that size; 0: one piece.
grpc::ByteBuffer in_pieces(const std::string& bytes, std::size_t size) {
  std::vector<grpc::Slice> pieces;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = size == 0 ? bytes.size() : std::min(size, bytes.size() - at);
    pieces.emplace_back(bytes.data() + at, length);
    at += length;
  }
  return grpc::ByteBuffer{pieces.data(), pieces.size()};
}

v1::Transfer any_transfer(Random& random) {
  const auto one_in = [&random](unsigned n) { return random() % n == 0; };
  v1::Transfer transfer;
  if (!one_in(40)) *transfer.mutable_id() = id_message(static_cast<char>(random()));
  if (one_in(4)) *transfer.mutable_pending_id() = id_message(static_cast<char>(random()));
  transfer.set_debit_account(random() >> (random() % 64));
  transfer.set_credit_account(random() >> (random() % 64));
  transfer.set_asset(static_cast<std::uint32_t>(random() >> (32 + random() % 32)));
  transfer.set_amount_minor(static_cast<std::int64_t>(random() >> (random() % 64)));
  if (one_in(4)) transfer.set_expires_at_ns(static_cast<std::int64_t>(random()));
  if (one_in(4)) transfer.set_value_date_ns(static_cast<std::int64_t>(random() >> 1));
  if (one_in(4))
    transfer.set_reference(one_in(8) ? "short" : id_bytes(static_cast<char>(random())));
  if (one_in(4)) transfer.set_purpose(static_cast<std::uint32_t>(random() % 70'000));
  if (one_in(4)) transfer.set_linked(true);
  if (one_in(4)) transfer.set_phase(static_cast<v1::TransferPhase>(random() % 5));
  if (one_in(4)) transfer.set_balancing_debit(true);
  if (one_in(4)) transfer.set_balancing_credit(true);
  return transfer;
}

/// Deletes, doubles or changes some bytes.
void damage(std::string& bytes, Random& random) {
  for (std::uint64_t left = 1 + random() % 3; left > 0 && !bytes.empty(); --left) {
    const std::size_t at = random() % bytes.size();
    switch (random() % 3) {
      case 0:
        bytes.erase(at, 1 + random() % 8);
        break;
      case 1:
        bytes.insert(at, bytes.substr(random() % bytes.size(), random() % 24));
        break;
      default:
        bytes[at] = static_cast<char>(random());
    }
  }
}

/// What the general way makes of the bytes, or nothing where it refuses them.
template <class Request>
std::optional<Command> generally(const std::string& bytes) {
  Request request;
  if (!request.ParseFromString(bytes)) return std::nullopt;
  auto command = to_command(request);
  if (!command) return std::nullopt;
  return std::move(*command);
}

/// True where the plain way took it; then it must say what the general way says.
template <class Request>
bool agrees(std::optional<Command> (*read_plain)(const grpc::ByteBuffer&), const std::string& bytes,
            std::size_t piece) {
  const auto plain = read_plain(in_pieces(bytes, piece));
  if (!plain) return false;
  const auto general = generally<Request>(bytes);
  EXPECT_TRUE(general.has_value());
  if (!general) return true;
  EXPECT_EQ(plain->kind, general->kind);
  EXPECT_EQ(plain->count, general->count);
  EXPECT_EQ(plain->records, general->records);
  return true;
}

TEST(PlainTransfers, TakeEveryGoodTransferWhereverItsBytesAreCut) {
  Random random{1};
  unsigned good = 0;
  for (unsigned i = 0; i < 2'000; ++i) {
    v1::SubmitRequest request;
    *request.mutable_transfer() = any_transfer(random);
    const std::string bytes = request.SerializeAsString();
    if (!generally<v1::SubmitRequest>(bytes)) {
      EXPECT_FALSE(read_plain_submit(in_pieces(bytes, 0)));
      continue;
    }
    good += 1;
    EXPECT_TRUE(agrees<v1::SubmitRequest>(read_plain_submit, bytes, i % 17));
  }
  EXPECT_GT(good, 200u);
}

TEST(PlainTransfers, TakeATypedBatchAndKeepItsOrder) {
  Random random{2};
  v1::SubmitBatchRequest request;
  while (request.transfers_size() < 500) {
    const v1::Transfer transfer = any_transfer(random);
    if (to_record(transfer)) *request.add_transfers() = transfer;
  }
  const std::string bytes = request.SerializeAsString();
  for (const std::size_t piece : {0uz, 1uz, 7uz, 100uz, 4'096uz}) {
    EXPECT_TRUE(agrees<v1::SubmitBatchRequest>(read_plain_batch, bytes, piece));
  }
}

TEST(PlainTransfers, TakePackedRecordsAsTheyLie) {
  Random random{3};
  v1::SubmitBatchRequest request;
  std::string records(machine::kTransfersPerBatchMax * sizeof(wire::Transfer), '\0');
  for (char& c : records) c = static_cast<char>(random());
  request.set_packed_transfers(records);
  const std::string bytes = request.SerializeAsString();
  for (const std::size_t piece : {0uz, 1'000uz, 16'384uz}) {
    EXPECT_TRUE(agrees<v1::SubmitBatchRequest>(read_plain_batch, bytes, piece));
  }
}

TEST(PlainTransfers, LeaveRefusedBatchesToTheGeneralWay) {
  const auto leaves = [](const v1::SubmitBatchRequest& request) {
    return !read_plain_batch(in_pieces(request.SerializeAsString(), 0));
  };
  v1::SubmitBatchRequest request;
  EXPECT_TRUE(leaves(request));
  request.set_packed_transfers(std::string(95, 'x'));
  EXPECT_TRUE(leaves(request));
  request.set_packed_transfers(
      std::string((machine::kTransfersPerBatchMax + 1) * sizeof(wire::Transfer), 'x'));
  EXPECT_TRUE(leaves(request));
  request.set_packed_transfers(std::string(96, 'x'));
  EXPECT_FALSE(leaves(request));
  *request.add_transfers()->mutable_id() = id_message(1);
  EXPECT_TRUE(leaves(request));

  request.clear_packed_transfers();
  EXPECT_FALSE(leaves(request));
  while (static_cast<std::uint32_t>(request.transfers_size()) < machine::kTransfersPerBatchMax) {
    *request.add_transfers()->mutable_id() = id_message(1);
  }
  EXPECT_FALSE(leaves(request));
  *request.add_transfers()->mutable_id() = id_message(1);
  EXPECT_TRUE(leaves(request));
}

TEST(PlainTransfers, NeverTakeDamagedBytesForAnythingElse) {
  Random random{4};
  unsigned taken = 0;
  for (unsigned i = 0; i < 30'000; ++i) {
    v1::SubmitBatchRequest batch;
    for (std::uint64_t left = 1 + random() % 4; left > 0; --left) {
      *batch.add_transfers() = any_transfer(random);
    }
    if (i % 5 == 0) batch.set_packed_transfers(std::string(96 * (random() % 3), 'p'));
    if (i % 5 == 0 && i % 2 == 0) batch.clear_transfers();
    std::string bytes = batch.SerializeAsString();
    damage(bytes, random);
    taken += agrees<v1::SubmitBatchRequest>(read_plain_batch, bytes, random() % 20) ? 1u : 0u;

    v1::SubmitRequest one;
    *one.mutable_transfer() = any_transfer(random);
    bytes = one.SerializeAsString();
    damage(bytes, random);
    taken += agrees<v1::SubmitRequest>(read_plain_submit, bytes, random() % 20) ? 1u : 0u;
  }
  EXPECT_GT(taken, 500u);  // or nothing was compared
}

TEST(PlainTransfers, ReadATaggedBatchAsTheMessageSays) {
  Random random{5};
  unsigned taken = 0;
  for (unsigned i = 0; i < 20'000; ++i) {
    v1::SubmitStreamRequest request;
    request.set_tag(random() >> (random() % 64));
    if (random() % 8 != 0) *request.mutable_batch()->add_transfers() = any_transfer(random);
    if (random() % 8 == 0) request.mutable_batch()->set_packed_transfers(std::string(96, 'p'));
    std::string bytes = request.SerializeAsString();
    if (i % 2 == 0) damage(bytes, random);
    const auto plain = read_plain_stream_request(in_pieces(bytes, random() % 30));
    if (!plain) continue;
    taken += 1;
    v1::SubmitStreamRequest parsed;
    ASSERT_TRUE(parsed.ParseFromString(bytes));
    EXPECT_EQ(plain->tag, parsed.tag());
    const auto general = to_command(parsed.batch());
    ASSERT_TRUE(general.has_value());
    EXPECT_EQ(plain->command.records, general->records);
  }
  EXPECT_GT(taken, 1'000u);
}

}  // namespace
}  // namespace hugang::edge
