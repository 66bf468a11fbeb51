// A node without threads: who drives it decides which stage goes on and when (node.hpp).
#include <utility>

#include "clearing/base/check.hpp"
#include "services/node/node.hpp"

namespace hugang::node {

const machine::State& Node::state() const {
  HG_CHECK(!core_.joinable());
  return sequencer_.state();
}

bool Node::is_ready(Stage stage) const {
  HG_CHECK(!core_.joinable());
  const std::lock_guard lock{mutex_};
  if (status_.has_failed) return false;
  switch (stage) {
    case Stage::kCore:
      return has_core_work_locked(is_due_locked());
    case Stage::kJournal:
      return !to_journal_.empty();
    case Stage::kRelease:
      return !to_release_.empty();
    case Stage::kCheckpoint:
      return has_checkpoint_to_write_locked();
  }
  return false;
}

bool Node::run_ready(Stage stage) {
  if (!is_ready(stage)) return false;
  std::unique_lock lock{mutex_};
  switch (stage) {
    case Stage::kCore: {
      auto arrivals = take_arrivals_locked();
      lock.unlock();
      work(std::move(arrivals));
      break;
    }
    case Stage::kJournal: {
      auto steps = take_for_journal_locked();
      lock.unlock();
      (void)journal(std::move(steps));  // a failure has been told to the fatal callback
      break;
    }
    case Stage::kRelease: {
      auto steps = std::exchange(to_release_, {});
      lock.unlock();
      for (Step& step : steps) release_step(std::move(step));
      break;
    }
    case Stage::kCheckpoint: {
      auto checkpoint = take_checkpoint_locked();
      lock.unlock();
      write_due_checkpoint(std::move(checkpoint));
      break;
    }
  }
  return true;
}

}  // namespace hugang::node
