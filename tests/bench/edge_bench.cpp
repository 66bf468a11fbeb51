// What one node's request path gives: batches on one stream, or one transfer per request with many
// in flight, over gRPC and TLS. Counts nothing but the load: the accounts are opened before, and
// their numbers are kept in a file for the next run. Start a node, then see --help.
#include <absl/synchronization/mutex.h>
#include <fmt/format.h>
#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "clearing/machine/limits.hpp"
#include "clearing/wire/records.hpp"
#include "clients/library/batch_stream.hpp"
#include "clients/library/channel.hpp"
#include "clients/library/client.hpp"
#include "hugang/v1/transfer_service.grpc.pb.h"

namespace {

using namespace hugang;
using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "edge_bench: {}\n", why);
  std::exit(1);
}

struct Options {
  std::string profiles;
  std::string bank;
  std::string operator_name;
  std::string numbers_file = "edge_bench.accounts";
  std::uint32_t owner = 2;
  std::uint32_t accounts = 10'000;
  double seconds = 3;
  std::uint32_t batch_size = machine::kTransfersPerBatchMax;
  std::uint32_t in_flight = 4;
  bool typed = false;
};

client::Profile profile_of(const Options& options, const std::string& name) {
  const auto file = client::read_profiles(options.profiles);
  if (!file) give_up(file.error().sentence);
  const auto profile = client::find_profile(*file, name);
  if (!profile) give_up(profile.error().sentence);
  return *profile;
}

client::Client connect(const Options& options, const std::string& name) {
  auto client = client::Client::open(profile_of(options, name));
  if (!client) give_up(client.error().sentence);
  return std::move(*client);
}

/// SplitMix64: good enough to spread a load, and next to free.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_{seed} {}
  std::uint64_t next() {
    state_ += 0x9E37'79B9'7F4A'7C15;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58'476D'1CE4'E5B9;
    z = (z ^ (z >> 27)) * 0x94D0'49BB'1331'11EB;
    return z ^ (z >> 31);
  }
  /// 0 .. bound - 1.
  std::uint64_t below(std::uint64_t bound) {
    return base::low64((static_cast<base::u128>(next()) * bound) >> 64);
  }

 private:
  std::uint64_t state_;
};

std::string id_bytes(base::u128 value) {
  std::string bytes(16, '\0');
  for (std::size_t i = 0; i < 16; ++i) {
    bytes[i] = static_cast<char>(base::low64(value >> (8 * (15 - i))));
  }
  return bytes;
}

std::vector<std::uint64_t> read_numbers(const Options& options) {
  std::vector<std::uint64_t> numbers;
  std::ifstream file{options.numbers_file};
  for (std::uint64_t number = 0; file >> number;) numbers.push_back(number);
  return numbers;
}

/// The accounts of an earlier run, or new ones that may go below zero.
std::vector<std::uint64_t> accounts(const Options& options) {
  if (auto known = read_numbers(options); known.size() == options.accounts) return known;
  constexpr std::uint32_t kThreads = 32;
  const auto operator_client = connect(options, options.operator_name);
  std::vector<std::uint64_t> numbers(options.accounts);
  std::vector<std::thread> threads;
  for (std::uint32_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      Random random{std::random_device{}() + (std::uint64_t{t} << 32)};
      for (std::uint32_t i = t; i < options.accounts; i += kThreads) {
        v1::OpenAccountRequest request;
        request.mutable_id()->set_value(id_bytes(base::make_u128(random.next(), random.next())));
        request.set_owner(options.owner);
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
  std::ofstream file{options.numbers_file};
  for (const std::uint64_t number : numbers) file << number << '\n';
  return numbers;
}

/// Transfers with ids in order between random accounts.
class Maker {
 public:
  Maker(const std::vector<std::uint64_t>& numbers, std::uint64_t seed)
      : numbers_{numbers}, random_{seed}, prefix_{std::random_device{}()} {}

  wire::Transfer next() {
    wire::Transfer t;
    t.id = base::CommandId{base::make_u128(prefix_, ++last_id_)};
    const std::uint64_t debit = random_.below(numbers_.size());
    const std::uint64_t step = 1 + random_.below(numbers_.size() - 1);
    const std::uint64_t credit = debit + step;
    t.debit = base::AccountNumber{numbers_[debit]};
    t.credit =
        base::AccountNumber{numbers_[credit < numbers_.size() ? credit : credit - numbers_.size()]};
    t.amount_minor = 1 + static_cast<std::int64_t>(random_.below(10'000));
    t.asset = base::AssetId{1};
    return t;
  }

 private:
  const std::vector<std::uint64_t>& numbers_;
  Random random_;
  std::uint64_t prefix_;
  std::uint64_t last_id_ = 0;
};

void fill(const wire::Transfer& t, v1::Transfer& message) {
  message.mutable_id()->set_value(id_bytes(t.id.value()));
  message.set_debit_account(t.debit.value());
  message.set_credit_account(t.credit.value());
  message.set_amount_minor(t.amount_minor);
  message.set_asset(t.asset.value());
}

class Report {
 public:
  void add(Clock::duration took) {
    us_.push_back(std::chrono::duration<double, std::micro>(took).count());
  }
  void print(std::uint64_t transfers, Clock::duration took, const char* what) {
    if (us_.empty()) give_up("nothing was answered");
    std::ranges::sort(us_);
    const double seconds = std::chrono::duration<double>(took).count();
    fmt::print(
        "{:.0f} transfers/s ({} transfers in {:.2f} s); {} us: p50 {:.0f}, p90 {:.0f}, p99 {:.0f}, "
        "p99.9 {:.0f}, worst {:.0f}\n",
        static_cast<double>(transfers) / seconds, transfers, seconds, what, at(0.5), at(0.9),
        at(0.99), at(0.999), us_.back());
  }

 private:
  [[nodiscard]] double at(double share) const {
    const auto index = static_cast<std::size_t>(share * static_cast<double>(us_.size()));
    return us_[std::min(index, us_.size() - 1)];
  }
  std::vector<double> us_;
};

Clock::duration time_of(const Options& options) {
  return std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>{options.seconds});
}

void bench_stream(const Options& options) {
  const auto numbers = accounts(options);
  const auto bank = connect(options, options.bank);
  Maker maker{numbers, std::random_device{}()};
  auto stream = bank.submit_stream();
  std::deque<Clock::time_point> sent_at;
  Report report;
  std::uint64_t accepted = 0;
  std::uint64_t sent = 0;
  const auto receive = [&] {
    v1::SubmitStreamResponse answer;
    if (!stream.receive(answer)) give_up("the stream ended early");
    if (!answer.has_accepted()) give_up("a batch was refused: " + answer.error().message());
    accepted += answer.accepted().accepted_count();
    report.add(Clock::now() - sent_at.front());
    sent_at.pop_front();
  };
  const auto start = Clock::now();
  const auto end = start + time_of(options);
  v1::SubmitStreamRequest request;
  for (std::uint64_t tag = 0; Clock::now() < end; ++tag) {
    request.set_tag(tag);
    auto& batch = *request.mutable_batch();
    if (options.typed) {
      batch.clear_transfers();
      for (std::uint32_t i = 0; i < options.batch_size; ++i) {
        fill(maker.next(), *batch.add_transfers());
      }
    } else {
      std::string& records = *batch.mutable_packed_transfers();
      records.resize(options.batch_size * sizeof(wire::Transfer));
      for (std::uint32_t i = 0; i < options.batch_size; ++i) {
        const wire::Transfer t = maker.next();
        std::memcpy(records.data() + i * sizeof t, &t, sizeof t);
      }
    }
    sent_at.push_back(Clock::now());
    if (!stream.send(request)) give_up("the stream broke");
    sent += options.batch_size;
    if (sent_at.size() >= options.in_flight) receive();
  }
  stream.close();
  while (!sent_at.empty()) receive();
  if (accepted != sent) give_up(fmt::format("{} of {} transfers were accepted", accepted, sent));
  report.print(accepted, Clock::now() - start, "batch");
}

/// Keeps a number of unary calls in flight; each answer begins the next call.
class UnaryLoad {
 public:
  UnaryLoad(const Options& options, const std::vector<std::uint64_t>& numbers,
            v1::TransferService::Stub& stub)
      : stub_{stub},
        maker_{numbers, std::random_device{}()},
        calls_(options.in_flight),
        end_{Clock::now() + time_of(options)} {}

  void run() {
    const auto start = Clock::now();
    under_way_ = static_cast<std::uint32_t>(calls_.size());
    for (Call& call : calls_) begin(call);
    std::unique_lock lock{mutex_};
    idle_.wait(lock, [this] { return under_way_ == 0; });
    if (!wrong_.empty()) give_up(wrong_);
    report_.print(answered_, Clock::now() - start, "request");
  }

 private:
  struct Call {
    std::unique_ptr<grpc::ClientContext> context;
    v1::SubmitRequest request;
    v1::SubmitResponse response;
    Clock::time_point began;
  };

  void begin(Call& call) {
    call.context = std::make_unique<grpc::ClientContext>();
    call.context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds{10});
    {
      const std::lock_guard lock{mutex_};
      fill(maker_.next(), *call.request.mutable_transfer());
    }
    call.began = Clock::now();
    stub_.async()->Submit(call.context.get(), &call.request, &call.response,
                          [this, &call](const grpc::Status& status) { done(call, status); });
  }

  void done(Call& call, const grpc::Status& status) {
    const auto now = Clock::now();
    bool goes_on = false;
    {
      const std::lock_guard lock{mutex_};
      if (!status.ok()) wrong_ = status.error_message();
      if (status.ok() && call.response.outcome().code() != 0) {
        wrong_ = call.response.outcome().code_name();
      }
      report_.add(now - call.began);
      ++answered_;
      goes_on = now < end_ && wrong_.empty();
      if (!goes_on && --under_way_ == 0) idle_.notify_one();
    }
    if (goes_on) begin(call);
  }

  v1::TransferService::Stub& stub_;
  std::mutex mutex_;
  std::condition_variable idle_;
  Maker maker_;
  Report report_;
  std::vector<Call> calls_;
  std::uint32_t under_way_ = 0;
  std::uint64_t answered_ = 0;
  std::string wrong_;
  const Clock::time_point end_;
};

void bench_unary(const Options& options) {
  const auto numbers = accounts(options);
  const auto channel = client::open_channel(profile_of(options, options.bank));
  if (!channel) give_up(channel.error().sentence);
  v1::TransferService::Stub stub{*channel};
  UnaryLoad{options, numbers, stub}.run();
}

}  // namespace

int main(int argc, char** argv) {
  // As hugangd does: Debian's Abseil searches for lock cycles at every lock in gRPC.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  CLI::App app{"Load on the request path of one running node"};
  app.require_subcommand(1);
  Options options;
  app.add_option("--profiles", options.profiles, "Profile file")->required();
  app.add_option("--bank", options.bank, "Profile that pays")->required();
  app.add_option("--operator", options.operator_name, "Profile that opens accounts")->required();
  app.add_option("--numbers", options.numbers_file, "Keeps the numbers of the accounts")
      ->capture_default_str();
  app.add_option("--owner", options.owner, "The bank's participant number");
  app.add_option("--accounts", options.accounts)->capture_default_str();
  app.add_option("--seconds", options.seconds)->capture_default_str();
  app.add_option("--in-flight", options.in_flight, "Batches or requests")->capture_default_str();

  auto* stream = app.add_subcommand("stream", "Batches of transfers on one stream");
  stream->add_option("--batch-size", options.batch_size)->capture_default_str();
  stream->add_flag("--typed", options.typed, "Typed messages instead of packed records");
  auto* unary = app.add_subcommand("unary", "One transfer per request");
  stream->fallthrough();
  unary->fallthrough();
  CLI11_PARSE(app, argc, argv);

  if (stream->parsed()) bench_stream(options);
  if (unary->parsed()) bench_unary(options);
  return 0;
}
