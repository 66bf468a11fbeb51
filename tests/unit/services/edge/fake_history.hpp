// A past that the test writes: answers on a thread of its own, as the real one does.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "services/history/port.hpp"

namespace hugang::edge {

class FakeHistory final : public history::HistoryPort {
 public:
  ~FakeHistory() override {
    for (std::thread& thread : threads_) thread.join();
  }

  void page(history::PageQuestion question, history::TakePage take) override {
    const std::lock_guard lock{mutex_};
    questions.push_back(question);
    threads_.emplace_back([this, take = std::move(take)]() mutable {
      if (error) return take(std::unexpected{*error});
      take(next_page);
    });
  }
  void find_transfer(base::Timestamp at, history::TakeTransfer take) override {
    const std::lock_guard lock{mutex_};
    threads_.emplace_back([this, at, take = std::move(take)]() mutable {
      if (error) return take(std::unexpected{*error});
      const auto found = transfers.find(at);
      if (found == transfers.end()) return take(std::nullopt);
      take(found->second);
    });
  }

  // Set before the call, looked at after its answer.
  std::optional<history::HistoryError> error;
  std::map<base::Timestamp, history::JournaledTransfer> transfers;
  history::Page next_page;
  std::vector<history::PageQuestion> questions;

 private:
  std::mutex mutex_;
  std::vector<std::thread> threads_;
};

}  // namespace hugang::edge
