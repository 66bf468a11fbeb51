// A node behind the edge whose ledger is what the test says: the ports with one thread for core and
// release, answers that the test can hold back, and events that it makes.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "clearing/wire/batch.hpp"
#include "services/node/ports.hpp"

namespace hugang::edge {

class FakeNode final : public node::CommandPort, public node::ReadPort {
 public:
  FakeNode() : thread_{[this] { run(); }} {}
  ~FakeNode() override {
    {
      const std::lock_guard lock{mutex_};
      is_over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void submit(node::Submission submission, node::AnswerCallback done) override {
    if (refusal_ != Refusal::kNone) {
      return done(std::unexpected{refusal_ == Refusal::kOverloaded ? node::SubmitError::kOverloaded
                                                                   : node::SubmitError::kStopping});
    }
    const std::lock_guard lock{mutex_};
    submissions_.push_back(submission);
    waiting_.emplace_back(std::move(submission), std::move(done));
    changed_.notify_all();
  }

  void read(node::ReadQuery query, std::move_only_function<void(node::SubmitError)>) override {
    post([this, query = std::move(query)]() mutable { query(state_)(base::Seqno{seqno_}); });
  }

  enum class Refusal { kNone, kOverloaded, kStopping };
  void refuse_with(Refusal refusal) { refusal_ = refusal; }

  /// Answers wait from now on until release() lets that many go, the oldest first.
  void hold() {
    const std::lock_guard lock{mutex_};
    allowed_ = 0;
    is_holding_ = true;
  }
  void release(std::uint64_t count) {
    const std::lock_guard lock{mutex_};
    allowed_ += count;
    changed_.notify_all();
  }

  /// Runs on the core thread and returns when it is done.
  void change(const std::function<void(machine::State&)>& action) {
    bool is_done = false;
    post([&] {
      action(state_);
      const std::lock_guard lock{mutex_};
      is_done = true;
      changed_.notify_all();
    });
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return is_done; });
  }

  /// Tells the listener of an entry with one command and these events; returns when it has.
  void tell(node::DurableListener& listener, const wire::BatchBuilder& batch,
            const wire::Outcome& outcome, base::Bytes events = {}) {
    change([&](machine::State&) {
      ++seqno_;
      const auto outcomes =
          batch.command_count() == 0 ? std::span<const wire::Outcome>{} : std::span{&outcome, 1};
      listener.on_durable({.seqno = base::Seqno{seqno_},
                           .at = base::Timestamp{1},
                           .commands = batch.section(),
                           .outcomes = outcomes,
                           .events = events});
    });
  }

  /// Waits until so many submissions have come, or 10 s; then what came.
  std::vector<node::Submission> submissions(std::size_t at_least) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, std::chrono::seconds{10},
                      [&] { return submissions_.size() >= at_least; });
    return submissions_;
  }

 private:
  void post(std::move_only_function<void()> task) {
    const std::lock_guard lock{mutex_};
    tasks_.push_back(std::move(task));
    changed_.notify_all();
  }

  [[nodiscard]] bool may_answer() const {
    return !waiting_.empty() && (!is_holding_ || allowed_ > 0);
  }

  void run() {
    std::unique_lock lock{mutex_};
    for (;;) {
      changed_.wait(lock, [this] { return is_over_ || !tasks_.empty() || may_answer(); });
      if (!tasks_.empty()) {
        auto task = std::move(tasks_.front());
        tasks_.pop_front();
        lock.unlock();
        task();
      } else if (may_answer() || (is_over_ && !waiting_.empty())) {
        auto [submission, done] = std::move(waiting_.front());
        waiting_.pop_front();
        if (is_holding_ && allowed_ > 0) --allowed_;
        ++seqno_;
        lock.unlock();
        done(answer_to(submission));
      } else {
        return;
      }
      lock.lock();
    }
  }

  [[nodiscard]] node::Answer answer_to(const node::Submission& submission) const {
    node::Answer answer{
        .seqno = base::Seqno{seqno_}, .first_at = base::Timestamp{1'000}, .outcomes = {}};
    for (std::uint32_t i = 0; i < submission.count; ++i) {
      wire::Outcome outcome;
      outcome.at = base::Timestamp{1'000 + i};
      if (submission.kind == wire::CommandKind::kTransfer) {
        const auto bytes = base::ByteSpan{submission.records}.subspan(i * 96u, 96);
        outcome.value =
            static_cast<std::uint64_t>(wire::read_record<wire::Transfer>(bytes).amount_minor);
      }
      answer.outcomes.push_back(outcome);
    }
    return answer;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_over_ = false;
  bool is_holding_ = false;
  std::uint64_t allowed_ = 0;
  std::atomic<Refusal> refusal_{Refusal::kNone};
  std::uint64_t seqno_ = 10;
  machine::State state_;
  std::deque<std::move_only_function<void()>> tasks_;
  std::deque<std::pair<node::Submission, node::AnswerCallback>> waiting_;
  std::vector<node::Submission> submissions_;
  std::thread thread_;
};

}  // namespace hugang::edge
