#include "clients/load/many_calls.hpp"

#include <algorithm>
#include <optional>
#include <thread>
#include <vector>

#include "clearing/base/check.hpp"
#include "clients/library/status.hpp"

namespace hugang::load {
namespace {

constexpr auto kTimeout = std::chrono::seconds{10};
/// Before a call is made again that found the queue full.
constexpr auto kPause = std::chrono::milliseconds{20};
constexpr std::uint32_t kAttemptsMax = 500;

class Slot final : public Completion {
 public:
  void complete(bool /*ok*/) override {}
  UnaryCall call;
  std::uint64_t index = 0;
  std::uint32_t attempts = 0;
};

class Batch {
 public:
  Batch(const std::shared_ptr<grpc::Channel>& channel, const ManyCalls& calls)
      : calls_{calls}, stub_{channel} {}

  std::expected<std::uint64_t, Failure> run(const std::atomic<bool>& is_stopped) {
    const std::uint64_t places = std::min<std::uint64_t>(calls_.in_flight, calls_.count);
    for (std::uint64_t i = 0; i < places; ++i) {
      slots_.push_back(std::make_unique<Slot>());
      begin(*slots_.back(), next_++);
    }
    for (std::uint64_t under_way = places; under_way > 0;) {
      void* tag = nullptr;
      bool ok = false;
      HG_CHECK(queue_.Next(&tag, &ok));
      auto& slot = *static_cast<Slot*>(static_cast<Completion*>(tag));
      const bool is_again = !finish(slot);
      if (is_again && !failure_) {
        send(slot);
      } else if (next_ < calls_.count && !is_stopped.load() && !failure_) {
        begin(slot, next_++);
      } else {
        --under_way;
      }
    }
    queue_.Shutdown();
    void* tag = nullptr;
    bool ok = false;
    while (queue_.Next(&tag, &ok)) {
    }
    if (failure_) return std::unexpected{*failure_};
    return next_;
  }

 private:
  void begin(Slot& slot, std::uint64_t index) {
    slot.index = index;
    slot.attempts = 0;
    send(slot);
  }

  void send(Slot& slot) {
    ++slot.attempts;
    const grpc::ByteBuffer message = calls_.message(slot.index);
    slot.call.start(stub_, queue_,
                    {.method = calls_.method, .message = message, .timeout = kTimeout}, slot);
  }

  /// False when the call is to be made again.
  bool finish(Slot& slot) {
    const grpc::Status& status = slot.call.status();
    if (status.ok()) {
      const auto taken = calls_.answer(slot.index, slot.call.response());
      if (!taken && !failure_) failure_ = taken.error();
      return true;
    }
    const client::Error error = client::to_error(status);
    const bool is_busy = error.kind == client::ErrorKind::kOverloaded;
    if ((is_busy || client::is_worth_retrying(error.kind)) && slot.attempts < kAttemptsMax) {
      if (is_busy) std::this_thread::sleep_for(kPause);
      // A node that does not answer in ten seconds, three times, is not there.
      if (is_busy || slot.attempts < 3) return false;
    }
    if (!failure_) failure_ = to_failure(error);
    return true;
  }

  const ManyCalls& calls_;
  grpc::GenericStub stub_;
  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::uint64_t next_ = 0;
  std::optional<Failure> failure_;
};

}  // namespace

Failure to_failure(const client::Error& error) {
  Failure failure{.exit_code = ExitCode::kFailed, .sentence = error.reason + ": " + error.sentence};
  switch (error.kind) {
    case client::ErrorKind::kConfiguration:
      failure.exit_code = ExitCode::kUsage;
      failure.sentence = error.sentence;
      break;
    case client::ErrorKind::kUnavailable:
    case client::ErrorKind::kTimedOut:
      failure.exit_code = ExitCode::kUnavailable;
      break;
    case client::ErrorKind::kUnauthenticated:
    case client::ErrorKind::kNotPermitted:
      failure.exit_code = ExitCode::kNotPermitted;
      break;
    case client::ErrorKind::kOverloaded:
    case client::ErrorKind::kInvalid:
    case client::ErrorKind::kNotFound:
    case client::ErrorKind::kInternal:
      break;
  }
  return failure;
}

std::expected<std::uint64_t, Failure> make_calls(const std::shared_ptr<grpc::Channel>& channel,
                                                 const ManyCalls& calls,
                                                 const std::atomic<bool>& is_stopped) {
  if (calls.count == 0) return 0;
  return Batch{channel, calls}.run(is_stopped);
}

}  // namespace hugang::load
