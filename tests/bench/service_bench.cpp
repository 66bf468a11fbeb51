// Load on running nodes over gRPC and TLS, from outside: streamed batches of local transfers, and
// cross-border payments one by one. run_service_bench.py starts the nodes and calls this.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <deque>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "clearing/machine/limits.hpp"
#include "clearing/wire/records.hpp"
#include "clients/library/batch_stream.hpp"
#include "clients/library/client.hpp"

namespace {

using namespace hugang;
using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "service_bench: {}\n", why);
  std::exit(1);
}

client::Client connect(const std::filesystem::path& profiles, const std::string& name) {
  const auto file = client::read_profiles(profiles);
  if (!file) give_up(file.error().sentence);
  const auto profile = client::find_profile(*file, name);
  if (!profile) give_up(profile.error().sentence);
  auto client = client::Client::open(*profile);
  if (!client) give_up(client.error().sentence);
  return std::move(*client);
}

double milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

/// Sorts; the value below which `share` of all lie.
double percentile(std::vector<double>& values, double share) {
  std::ranges::sort(values);
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

std::string random_id(std::mt19937_64& random) {
  std::string bytes(16, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  return bytes;
}

/// Opens accounts that may go below zero, with many requests under way.
std::vector<std::uint64_t> open_accounts(const client::Client& operator_client, std::uint32_t owner,
                                         std::uint32_t count) {
  constexpr std::uint32_t kThreads = 32;
  std::vector<std::uint64_t> numbers(count);
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937_64 random{std::random_device{}()};
      for (std::uint32_t i = t; i < count; i += kThreads) {
        v1::OpenAccountRequest request;
        request.mutable_id()->set_value(random_id(random));
        request.set_owner(owner);
        request.set_asset(1);
        request.set_kind(v1::ACCOUNT_KIND_CUSTOMER);
        request.set_allow_debit_balance(true);
        const auto response = operator_client.open_account(request);
        if (!response) give_up(response.error().sentence);
        numbers[i] = response->outcome().value();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  return numbers;
}

struct StreamOptions {
  std::uint32_t accounts = 10'000;
  std::uint32_t batches = 100;
  std::uint32_t batch_size = machine::kTransfersPerBatchMax;
  std::uint32_t window = 4;
  std::uint32_t owner = 2;
  bool typed = false;
};

/// A batch with ids in order and random pairs of accounts.
class BatchMaker {
 public:
  BatchMaker(const StreamOptions& options, const std::vector<std::uint64_t>& numbers)
      : options_{options}, numbers_{numbers}, records_(options.batch_size) {}

  void make(v1::SubmitBatchRequest& request) {
    for (wire::Transfer& t : records_) {
      t.id = base::CommandId{base::make_u128(prefix_, ++last_id_)};
      const std::size_t debit = random_() % numbers_.size();
      t.debit = base::AccountNumber{numbers_[debit]};
      const std::size_t step = 1 + random_() % (numbers_.size() - 1);
      t.credit = base::AccountNumber{numbers_[(debit + step) % numbers_.size()]};
      t.amount_minor = 1 + static_cast<std::int64_t>(random_() % 10'000);
      t.asset = base::AssetId{1};
    }
    if (options_.typed) return make_typed(request);
    request.set_packed_transfers(records_.data(), records_.size() * sizeof(wire::Transfer));
  }

 private:
  void make_typed(v1::SubmitBatchRequest& request) const {
    for (const wire::Transfer& t : records_) {
      auto& transfer = *request.add_transfers();
      std::string id(16, '\0');
      for (std::size_t i = 0; i < 16; ++i) {
        id[i] = static_cast<char>(base::low64(t.id.value() >> (8 * (15 - i))));
      }
      transfer.mutable_id()->set_value(std::move(id));
      transfer.set_debit_account(t.debit.value());
      transfer.set_credit_account(t.credit.value());
      transfer.set_amount_minor(t.amount_minor);
      transfer.set_asset(t.asset.value());
    }
  }

  const StreamOptions& options_;
  const std::vector<std::uint64_t>& numbers_;
  std::vector<wire::Transfer> records_;
  std::mt19937_64 random_{42};
  std::uint64_t prefix_ = std::random_device{}();
  std::uint64_t last_id_ = 0;
};

void bench_stream(const client::Client& bank, const client::Client& operator_client,
                  const StreamOptions& options) {
  const auto numbers = open_accounts(operator_client, options.owner, options.accounts);
  BatchMaker maker{options, numbers};
  auto stream = bank.submit_stream();
  std::deque<Clock::time_point> sent_at;
  std::vector<double> latencies;
  std::uint64_t accepted = 0;
  const auto receive = [&] {
    v1::SubmitStreamResponse answer;
    if (!stream.receive(answer)) give_up("the stream ended early");
    if (!answer.has_accepted()) give_up("a batch was refused: " + answer.error().message());
    accepted += answer.accepted().accepted_count();
    latencies.push_back(milliseconds(Clock::now() - sent_at.front()));
    sent_at.pop_front();
  };
  const auto start = Clock::now();
  for (std::uint32_t i = 0; i < options.batches; ++i) {
    v1::SubmitStreamRequest request;
    request.set_tag(i);
    maker.make(*request.mutable_batch());
    sent_at.push_back(Clock::now());
    if (!stream.send(request)) give_up("the stream broke");
    if (sent_at.size() >= options.window) receive();
  }
  stream.close();
  while (!sent_at.empty()) receive();
  const double seconds = milliseconds(Clock::now() - start) / 1000;
  const auto total = static_cast<std::uint64_t>(options.batches) * options.batch_size;
  if (accepted != total) give_up(fmt::format("{} of {} transfers were accepted", accepted, total));
  fmt::print(
      "{:.0f} transfers/s ({} transfers in {:.2f} s); batch p50 {:.1f} ms, p99 {:.1f} ms, "
      "worst {:.1f} ms\n",
      static_cast<double>(total) / seconds, total, seconds, percentile(latencies, 0.5),
      percentile(latencies, 0.99), percentile(latencies, 1.0));
}

struct SettleOptions {
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::uint32_t count = 200;
  std::uint32_t peer = 2;
};

/// One payment at a time: from the request to the answer that it is final on both ledgers.
void bench_settle(const client::Client& bank, const SettleOptions& options) {
  std::mt19937_64 random{std::random_device{}()};
  std::vector<double> whole;
  std::vector<double> held_to_final;
  for (std::uint32_t i = 0; i < options.count; ++i) {
    v1::InstructRequest request;
    request.mutable_id()->set_value(random_id(random));
    request.set_responder_node(options.peer);
    request.set_kind(v1::SETTLEMENT_KIND_PAYMENT);
    auto& leg = *request.add_legs();
    leg.set_initiator_account(options.from);
    leg.set_responder_account(options.to);
    leg.set_asset(1);
    leg.set_amount_minor(1);
    leg.set_direction(v1::LEG_DIRECTION_OUT);
    const auto start = Clock::now();
    const auto instructed = bank.instruct(request);
    if (!instructed) give_up(instructed.error().sentence);
    if (instructed->outcome().code() != 0) give_up(instructed->outcome().code_name());
    const auto final = bank.await_settlement(request.id(), std::chrono::seconds{10});
    if (!final || final->settlement().status() != v1::SETTLEMENT_STATUS_SETTLED) {
      give_up("a payment did not settle");
    }
    whole.push_back(milliseconds(Clock::now() - start));
    const auto& steps = final->settlement().steps();
    held_to_final.push_back(
        static_cast<double>(steps[steps.size() - 1].at_ns() - steps[0].at_ns()) / 1e6);
  }
  fmt::print(
      "payment, request to final answer: p50 {:.2f} ms, p99 {:.2f} ms, worst {:.2f} ms; "
      "hold to final by the ledger: p50 {:.2f} ms, p99 {:.2f} ms ({} payments)\n",
      percentile(whole, 0.5), percentile(whole, 0.99), percentile(whole, 1.0),
      percentile(held_to_final, 0.5), percentile(held_to_final, 0.99), options.count);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Load on running nodes over gRPC and TLS"};
  app.require_subcommand(1);
  std::string profiles, bank_name, operator_name;
  app.add_option("--profiles", profiles, "Profile file")->required();
  app.add_option("--bank", bank_name, "Profile that pays")->required();
  app.add_option("--operator", operator_name, "Profile that opens accounts")->required();

  StreamOptions stream;
  auto* stream_command = app.add_subcommand("stream", "Batches of local transfers on one stream");
  stream_command->add_option("--accounts", stream.accounts)->capture_default_str();
  stream_command->add_option("--batches", stream.batches)->capture_default_str();
  stream_command->add_option("--batch-size", stream.batch_size)->capture_default_str();
  stream_command->add_option("--window", stream.window, "Batches under way")->capture_default_str();
  stream_command->add_option("--owner", stream.owner, "The bank's participant number");
  stream_command->add_flag("--typed", stream.typed, "Typed messages instead of packed records");
  SettleOptions settle;
  auto* settle_command = app.add_subcommand("settle", "Cross-border payments one by one");
  settle_command->add_option("--from", settle.from)->required();
  settle_command->add_option("--to", settle.to)->required();
  settle_command->add_option("--count", settle.count)->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const auto bank = connect(profiles, bank_name);
  if (stream_command->parsed()) bench_stream(bank, connect(profiles, operator_name), stream);
  if (settle_command->parsed()) bench_settle(bank, settle);
  return 0;
}
