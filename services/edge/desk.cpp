#include "services/edge/desk.hpp"

#include "clearing/base/check.hpp"

namespace hugang::edge {

void OpenCalls::end() {
  if (open_.fetch_sub(1) != 1 || !is_stopping_) return;
  const std::lock_guard lock{mutex_};
  all_done_.notify_all();
}

OpenCalls::Id OpenCalls::add_stream(std::function<void()> stop) {
  const std::lock_guard lock{streams_mutex_};
  streams_.emplace(++last_id_, std::move(stop));
  return last_id_;
}

void OpenCalls::remove_stream(Id id) {
  const std::lock_guard lock{streams_mutex_};
  streams_.erase(id);
}

void OpenCalls::stop(std::chrono::steady_clock::time_point until) {
  HG_CHECK(is_stopping_);
  {
    const std::lock_guard lock{streams_mutex_};
    // By id, since a stream that ends at once may take itself out.
    for (auto next = streams_.begin(); next != streams_.end();) {
      const Id id = next->first;
      const auto tell = next->second;
      tell();
      next = streams_.upper_bound(id);
    }
  }
  std::unique_lock lock{mutex_};
  all_done_.wait_until(lock, until, [this] { return open_ == 0; });
}

void Desk::submit(Command command, base::ParticipantId caller,
                  std::chrono::steady_clock::time_point give_up, node::AnswerCallback done) {
  if (command.kind == wire::CommandKind::kTransfer) counts.transfers += command.count;
  ++counts.in_flight;
  commands.submit(node::Submission{.kind = command.kind,
                                   .caller = caller,
                                   .count = command.count,
                                   .records = std::move(command.records),
                                   .give_up = give_up},
                  [this, done = std::move(done)](auto answer) mutable {
                    --counts.in_flight;
                    done(std::move(answer));
                  });
}

}  // namespace hugang::edge
