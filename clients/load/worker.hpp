// One thread's share of a run: it sends, receives and measures on a completion queue of its own.
// With times to keep (open loop, think time) a second thread waits for them and sends.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

#include "clients/load/account_set.hpp"
#include "clients/load/call.hpp"
#include "clients/load/recorder.hpp"
#include "clients/load/settlement_book.hpp"
#include "clients/load/stream_lane.hpp"
#include "clients/load/transfer_maker.hpp"
#include "clients/load/watch_lane.hpp"

namespace hugang::load {

/// What all threads of a run share. Outlives them.
struct RunPlan {
  Scenario scenario;
  AccountFile accounts;
  std::uint64_t run_number = 0;  ///< of the ids; runs that begin later have higher ones
  std::vector<std::shared_ptr<grpc::Channel>> channels;
};

/// How much of the time a thread computed.
struct ThreadLoad {
  double busiest = 0;  ///< of the worker's threads, 0 to 1
};

class Worker final : private StreamLane::Owner, private WatchLane::Owner {
 public:
  struct Share {
    std::uint32_t index;
    std::uint32_t count;
    std::uint32_t in_flight;  ///< at least 1
    std::vector<std::shared_ptr<grpc::Channel>> channels;
  };
  Worker(const RunPlan& plan, Share share, Collector& collector);
  ~Worker() override;

  /// The run began at `epoch`.
  void start(std::chrono::steady_clock::time_point epoch);
  /// No more requests; those under way are waited for. Any thread, any number of times.
  void stop();
  [[nodiscard]] bool is_over() const { return is_over_.load(); }
  void join();

  // After join():
  [[nodiscard]] const Recorder& recorder() const { return recorder_; }
  [[nodiscard]] const SentCounts& sent() const { return sent_; }
  [[nodiscard]] const report::Histogram& lag() const { return lag_.late; }
  [[nodiscard]] double busiest_thread() const { return std::max(pacer_busy_, receiver_busy_); }
  /// When the last request was due to go out: the end of the scenario, or the stop before it.
  [[nodiscard]] Nanos sending_ended() const { return sending_ended_; }

 private:
  enum class Step : std::uint8_t { kFirst, kSecondPhase, kRetry, kAwait };

  /// A place for one request under way.
  class Call final : public Completion {
   public:
    explicit Call(Worker& worker) : worker_{worker} {}
    void complete(bool /*ok*/) override { worker_.call_ended(*this); }

    Kind kind = Kind::kTransfer;
    Step step = Step::kFirst;
    bool is_retried = false;
    bool is_under_way = false;
    std::uint32_t channel = 0;
    Moments moments;
    Nanos place_since = 0;
    wire::Transfer second;     ///< of a hold
    base::CommandId id;        ///< of a settlement
    grpc::ByteBuffer message;  ///< kept where it is sent again
    UnaryCall call;

   private:
    Worker& worker_;
  };
  struct Thinking {
    Nanos until;
    Call* call;
    bool operator>(const Thinking& other) const { return until > other.until; }
  };

  // worker.cpp: threads and pace
  void run_receiver();
  void run_pacer();
  void pace_schedule();
  void pace_thinkers();
  bool sleep_until(Nanos at);
  bool send_when_placed(Nanos intended, Nanos last);
  void look_after_lanes();
  void end_lanes();
  void cancel_all();
  [[nodiscard]] bool is_quiet();
  [[nodiscard]] Nanos now() const override;
  [[nodiscard]] bool may_send(Nanos at) const { return !is_stopped_.load() && at < end_; }

  // worker_requests.cpp: what is sent and what becomes of it
  void begin(Call& call, std::optional<Nanos> intended);
  void begin(StreamLane& lane, std::optional<Nanos> intended);
  [[nodiscard]] Form choose_form();
  [[nodiscard]] const std::string& make_first(Call& call);
  void send(Call& call, const std::string& method, double timeout_s);
  void send_second(Call& call);
  void ask_for_end(Call& call);
  void call_ended(Call& call);
  void first_ended(Call& call);
  void await_ended(Call& call);
  [[nodiscard]] Answer answer_of(Call& call);
  void release(Call& call);
  void note_sent(Kind kind, std::optional<Nanos> intended, Nanos place_since, Nanos sent);
  [[nodiscard]] grpc::ByteBuffer make_batch(StreamLane& lane, std::uint32_t& repeated);
  bool answered(StreamLane& lane, const PendingBatch& batch, const Answer& answer) override;
  void batch_settled(std::optional<SettledBatch> batch);
  void watch_stands() override;
  void told(const v1::WatchSettlementsResponse& response) override;
  void lane_changed(StreamLane& lane) override;

  const RunPlan& plan_;
  const Scenario& scenario_;
  const Share share_;
  const bool is_paced_;  ///< a second thread sends
  const Nanos end_;      ///< of the scenario
  const Nanos measure_from_;
  std::chrono::steady_clock::time_point epoch_;

  TransferMaker maker_;  ///< of the thread that sends first requests
  std::optional<AccountPicker> payee_picker_;
  SharedSchedule schedule_;
  BatchBuffers batches_;
  BatchBuffers chains_;
  v1::SubmitStreamRequest typed_stream_;
  v1::SubmitBatchRequest typed_batch_;

  SentCounts sent_;
  Recorder recorder_;  ///< the receiver's
  Lag lag_;            ///< of the thread that sends first requests
  std::atomic<std::uint64_t> unsent_{0};

  grpc::CompletionQueue queue_;
  std::vector<std::unique_ptr<grpc::GenericStub>> stubs_;
  std::vector<std::unique_ptr<Call>> calls_;
  Nanos event_at_ = 0;  ///< the receiver's: when the completion came that is looked at

  std::mutex mutex_;  ///< guards what follows
  std::condition_variable changed_;
  std::vector<std::unique_ptr<StreamLane>> lanes_;
  std::optional<SettlementBook> book_;  ///< where lanes carry instructions
  std::unique_ptr<WatchLane> watch_;    ///< the same
  bool are_lanes_open_ = false;         ///< not before the watch stands
  std::deque<Call*> free_calls_;        ///< longest free first
  std::priority_queue<Thinking, std::vector<Thinking>, std::greater<>> thinking_;

  std::atomic<std::uint32_t> under_way_{0};  ///< calls
  static constexpr Nanos kNever = std::numeric_limits<Nanos>::max();
  std::atomic<Nanos> stopped_at_{kNever};
  std::atomic<bool> is_stopped_{false};
  std::atomic<bool> has_sent_all_{false};
  std::atomic<bool> is_over_{false};
  Nanos sending_ended_ = 0;
  double pacer_busy_ = 0;
  double receiver_busy_ = 0;
  std::thread pacer_;
  std::thread receiver_;
};

/// How long the scenario's phases last, and from when on they are measured.
[[nodiscard]] Nanos end_of(const Scenario& scenario);
[[nodiscard]] Nanos measured_from(const Scenario& scenario);

}  // namespace hugang::load
