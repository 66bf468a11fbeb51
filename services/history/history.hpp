// Keeps the account index beside the running node: catches up from the journal at the start, then
// takes each durable entry as it is released, and answers questions about the past. A failing or
// damaged index never holds up or stops the ledger: it is made again, or told to be missing.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "ledger/index/history_index.hpp"
#include "ledger/journal.hpp"
#include "services/history/port.hpp"
#include "services/node/ports.hpp"

namespace hugang::history {

struct HistoryOptions {
  std::filesystem::path directory;  ///< of the index alone: what else lies there is deleted
  ledger::index::IndexSettings index;
  std::uint32_t questions_max = 1'024;  ///< that wait
};

/// For metrics.
struct HistoryStatus {
  bool is_live = false;  ///< complete up to the last durable entry
  bool has_failed = false;
  base::Seqno seqno;  ///< the last entry in the index
  ledger::index::IndexStatus index;
  std::uint64_t questions_total = 0;
  std::uint32_t questions_waiting = 0;
};

/// Thread-safe. Two threads: one sorts and writes, at a low priority, one answers.
class History final : public node::DurableListener, public HistoryPort {
 public:
  /// `tell` takes sentences for the log, on any thread.
  using Tell = std::function<void(const std::string& sentence, bool is_error)>;

  /// The journal must outlive it.
  History(HistoryOptions options, const ledger::Journal& journal, Tell tell);
  ~History() override;
  History(const History&) = delete;
  History& operator=(const History&) = delete;

  /// Before entries flow; begins to catch up.
  void start();
  /// After the last entry; questions that wait are refused. Idempotent.
  void stop();

  /// Adds the entry, 25 to 50 ns a transfer on the calling thread. Waits where the disk is two runs
  /// behind, which holds up the release of answers and so, in the end, the callers.
  void on_durable(const node::DurableEntry& entry) override;

  void page(PageQuestion question, TakePage take) override;
  void find_transfer(base::Timestamp at, TakeTransfer take) override;

  [[nodiscard]] HistoryStatus status() const;

 private:
  using Index = ledger::index::HistoryIndex;
  enum class Phase : std::uint8_t { kCatchingUp, kLive, kFailed, kStopping };
  /// Asks the index, or is told why there is none to ask.
  using Question = std::move_only_function<void(const Index*, HistoryError)>;

  void run_index();
  /// Builds the index up to the last entry; false when it is over.
  [[nodiscard]] bool open_index();
  [[nodiscard]] bool catch_up();
  [[nodiscard]] bool catch_up_to(base::Seqno until);
  [[nodiscard]] bool discard_index();
  [[nodiscard]] bool add_from_journal(const ledger::EntryView& entry);
  /// Sorts and writes until the index is damaged or it is over; true when it must be made again.
  [[nodiscard]] bool keep();
  void fail(const ledger::LedgerError& error);
  void run_questions();
  void ask(Question question);
  void note_damage(const ledger::LedgerError& error);
  [[nodiscard]] std::shared_ptr<Index> index() const;

  const HistoryOptions options_;
  const ledger::Journal& journal_;
  const Tell tell_;

  std::atomic<Phase> phase_{Phase::kCatchingUp};
  std::atomic<bool> is_damaged_{false};
  std::atomic<std::uint64_t> questions_total_{0};

  /// Whoever adds entries holds it: the release thread, or the one that catches up.
  std::mutex feed_;
  base::Seqno durable_;  ///< under feed_

  /// Held while a question is answered.
  std::mutex answering_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Under mutex_.
  std::shared_ptr<Index> index_;
  std::deque<Question> questions_;

  std::thread index_thread_;
  std::thread question_thread_;
};

}  // namespace hugang::history
