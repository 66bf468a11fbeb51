// Cross-border payments at volume, from outside: batches of instructions on one stream, the ends
// told by a watch. run_corridor_bench.py starts the nodes and calls this.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "clearing/base/int128.hpp"
#include "clearing/machine/limits.hpp"
#include "clearing/wire/records.hpp"
#include "clients/library/client.hpp"
#include "clients/library/settlement_streams.hpp"

namespace {

using namespace hugang;
using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "corridor_load: {}\n", why);
  std::exit(1);
}

struct Options {
  std::filesystem::path profiles;
  std::string bank;
  std::string payer_operator;
  std::string payee_operator;
  std::uint32_t payer = 2;
  std::uint32_t payee = 2;
  std::uint32_t accounts = 1'000;
  std::uint32_t batches = 200;
  std::uint32_t batch_size = machine::kInstructsPerBatchMax;
  std::uint32_t window = 4;
  bool is_typed = false;
};

client::Client connect(const Options& options, const std::string& name) {
  const auto file = client::read_profiles(options.profiles);
  if (!file) give_up(file.error().sentence);
  const auto profile = client::find_profile(*file, name);
  if (!profile) give_up(profile.error().sentence);
  auto client = client::Client::open(*profile);
  if (!client) give_up(client.error().sentence);
  return std::move(*client);
}

/// Accounts of `owner` that may go below zero.
std::vector<std::uint64_t> open_accounts(const client::Client& of_operator, std::uint32_t owner,
                                         std::uint32_t count) {
  std::mt19937_64 random{std::random_device{}()};
  std::vector<std::uint64_t> numbers;
  for (std::uint32_t i = 0; i < count; ++i) {
    v1::OpenAccountRequest request;
    std::string id(16, '\0');
    for (char& c : id) c = static_cast<char>(random());
    request.mutable_id()->set_value(id);
    request.set_owner(owner);
    request.set_asset(1);
    request.set_kind(v1::ACCOUNT_KIND_CUSTOMER);
    request.set_allow_debit_balance(true);
    const auto response = of_operator.open_account(request);
    if (!response) give_up(response.error().sentence);
    numbers.push_back(response->outcome().value());
  }
  return numbers;
}

/// Batches with ids in order and random pairs of accounts.
class BatchMaker {
 public:
  BatchMaker(const Options& options, std::vector<std::uint64_t> from, std::vector<std::uint64_t> to)
      : options_{options}, from_{std::move(from)}, to_{std::move(to)} {}

  void make(v1::InstructBatchRequest& request) {
    std::string& packed = *request.mutable_packed_instructions();
    wire::InstructHead head;
    head.initiator = base::NodeId{1};
    head.responder = base::NodeId{2};
    head.leg_count = 1;
    wire::Leg leg;
    leg.asset = base::AssetId{1};
    for (std::uint32_t i = 0; i < options_.batch_size; ++i) {
      head.id = base::CommandId{base::make_u128(prefix_, ++last_id_)};
      leg.initiator_account = base::AccountNumber{from_[random_() % from_.size()]};
      leg.responder_account = base::AccountNumber{to_[random_() % to_.size()]};
      leg.amount_minor = 1 + static_cast<std::int64_t>(random_() % 100);
      if (options_.is_typed) {
        add_typed(head, leg, request);
      } else {
        packed.append(reinterpret_cast<const char*>(&head), sizeof(head));
        packed.append(reinterpret_cast<const char*>(&leg), sizeof(leg));
      }
    }
  }

 private:
  static void add_typed(const wire::InstructHead& head, const wire::Leg& leg,
                        v1::InstructBatchRequest& request) {
    v1::InstructRequest& added = *request.add_instructions();
    std::string id(16, '\0');
    for (std::size_t i = 0; i < id.size(); ++i) {
      id[i] = static_cast<char>(base::low64(head.id.value() >> (8 * (15 - i))));
    }
    added.mutable_id()->set_value(std::move(id));
    added.set_responder_node(2);
    added.set_kind(v1::SETTLEMENT_KIND_PAYMENT);
    v1::Leg& typed = *added.add_legs();
    typed.set_initiator_account(leg.initiator_account.value());
    typed.set_responder_account(leg.responder_account.value());
    typed.set_asset(leg.asset.value());
    typed.set_amount_minor(leg.amount_minor);
    typed.set_direction(v1::LEG_DIRECTION_OUT);
  }

  const Options& options_;
  const std::vector<std::uint64_t> from_;
  const std::vector<std::uint64_t> to_;
  std::mt19937_64 random_{42};
  std::uint64_t prefix_ = std::random_device{}();
  std::uint64_t last_id_ = 0;
};

/// How many have settled, as the watch tells it; batches end in the order in which they were sent.
class Progress {
 public:
  explicit Progress(std::uint32_t batch_size) : batch_size_{batch_size} {}

  void sent() {
    const std::lock_guard lock{mutex_};
    sent_at_.push_back(Clock::now());
  }
  void settled(std::size_t count) {
    const std::lock_guard lock{mutex_};
    settled_ += count;
    const auto now = Clock::now();
    while ((latencies_.size() + 1) * batch_size_ <= settled_) {
      const std::chrono::duration<double, std::milli> took = now - sent_at_[latencies_.size()];
      latencies_.push_back(took.count());
    }
    changed_.notify_all();
  }
  /// Waits until so many batches at most are sent and have not ended.
  void wait_for(std::size_t under_way) {
    std::unique_lock lock{mutex_};
    const auto is_low = [&] { return sent_at_.size() <= latencies_.size() + under_way; };
    if (!changed_.wait_for(lock, std::chrono::seconds{60}, is_low)) give_up("nothing settles");
  }
  [[nodiscard]] std::vector<double> latencies() {
    const std::lock_guard lock{mutex_};
    return latencies_;
  }

 private:
  const std::uint32_t batch_size_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Clock::time_point> sent_at_;
  std::vector<double> latencies_;
  std::uint64_t settled_ = 0;
};

void run(const Options& options) {
  BatchMaker maker{
      options,
      open_accounts(connect(options, options.payer_operator), options.payer, options.accounts),
      open_accounts(connect(options, options.payee_operator), options.payee, options.accounts)};
  const client::Client bank = connect(options, options.bank);
  auto watch = bank.watch_settlements({});
  v1::WatchSettlementsResponse first;
  if (!watch.receive(first)) give_up("the watch does not open");
  auto stream = bank.instruct_stream();
  Progress progress{options.batch_size};
  std::thread watcher{[&] {
    v1::WatchSettlementsResponse ends;
    while (watch.receive(ends)) {
      if (ends.refused_size() > 0) give_up("refused: " + ends.refused(0).code_name());
      progress.settled(ends.settled_ids().size() / sizeof(base::CommandId));
    }
  }};
  std::thread answers{[&] {
    v1::InstructStreamResponse answer;
    while (stream.receive(answer)) {
      if (!answer.has_accepted()) give_up("a batch was refused: " + answer.error().message());
      if (answer.accepted().accepted_count() != options.batch_size) {
        give_up("refused: " + answer.accepted().exceptions(0).outcome().code_name());
      }
    }
  }};
  const auto start = Clock::now();
  for (std::uint32_t i = 0; i < options.batches; ++i) {
    v1::InstructStreamRequest request;
    request.set_tag(i);
    maker.make(*request.mutable_batch());
    progress.wait_for(options.window - 1);
    progress.sent();
    if (!stream.send(request)) give_up("the stream broke");
  }
  progress.wait_for(0);
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  stream.close();
  answers.join();
  watch.cancel();
  watcher.join();
  if (const auto ended = stream.finish(); !ended) give_up(ended.error().sentence);
  if (const auto ended = watch.finish(); !ended) give_up(ended.error().sentence);

  auto latencies = progress.latencies();
  std::ranges::sort(latencies);
  const auto total = static_cast<double>(options.batches) * options.batch_size;
  fmt::print("{:.0f} settled/s ({:.0f} in {:.2f} s); batch p50 {:.1f} ms, worst {:.1f} ms\n",
             total / seconds, total, seconds, latencies[latencies.size() / 2], latencies.back());
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Cross-border payments in batches on two running nodes"};
  app.add_option("--profiles", options.profiles, "Profile file")->required();
  app.add_option("--bank", options.bank, "Profile that pays")->required();
  app.add_option("--payer-operator", options.payer_operator)->required();
  app.add_option("--payee-operator", options.payee_operator)->required();
  app.add_option("--payer", options.payer, "Participant number")->capture_default_str();
  app.add_option("--payee", options.payee, "Participant number")->capture_default_str();
  app.add_option("--accounts", options.accounts, "In each city")->capture_default_str();
  app.add_option("--batches", options.batches)->capture_default_str();
  app.add_option("--batch-size", options.batch_size)->capture_default_str();
  app.add_option("--window", options.window, "Batches under way")->capture_default_str();
  app.add_flag("--typed", options.is_typed, "Typed messages instead of packed records");
  CLI11_PARSE(app, argc, argv);
  if (options.window == 0 || options.batches == 0) give_up("nothing to do");
  run(options);
  return 0;
}
