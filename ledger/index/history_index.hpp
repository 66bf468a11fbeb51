// Who was paid what, by account, and where a command is: derived from the journal, beside the
// ledger, and complete up to the last entry that was added. Can be deleted and made again.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "ledger/index/entry_walk.hpp"
#include "ledger/index/movement_buffer.hpp"
#include "ledger/index/tables.hpp"
#include "ledger/journal.hpp"

namespace hugang::ledger::index {

/// Memory: 56 bytes for each row in memory (at most twice run_rows of them wait in the buffers, and
/// one run more is being written), 32 for each row of a run while it is sorted, the cache, per run
/// its filter (at most 10 bits for each account in it), and 16 bytes for each 64 KiB of journal.
struct IndexSettings {
  /// Movements that are collected before they are written as a run.
  std::uint32_t run_rows = 2U << 20;
  TableSettings tables;
};

struct PageQuestion {
  AccountIndex account;
  Timestamp from;  ///< included; none: from the beginning
  Timestamp to;    ///< not included; none: up to now
  /// Only postings with a lower order: the last one of the page before. 0: the newest.
  std::int64_t before = 0;
  std::uint32_t limit = 100;
};

/// Newest first.
struct Page {
  std::vector<Posting> postings;
  bool has_more = false;
  Seqno seqno;  ///< complete up to this entry
};

struct IndexStatus {
  Seqno seqno;
  std::uint64_t runs = 0;
  std::uint64_t movements_in_runs = 0;
  std::uint64_t rows_in_memory = 0;
  std::uint64_t bytes_on_disk = 0;  ///< of the runs
};

class HistoryIndex {
 public:
  struct Opened {
    std::unique_ptr<HistoryIndex> index;
    std::vector<std::string> sentences;  ///< for the log: why it is made again, for example
  };

  /// Opens what belongs to this journal; what is damaged, of another ledger, of another format, or
  /// ahead of the journal is deleted and begun anew. The journal must outlive it.
  [[nodiscard]] static std::expected<Opened, LedgerError> open(
      const std::filesystem::path& directory, const Journal& journal, IndexSettings settings);

  /// Deletes it; nobody may have it open.
  static void remove(const std::filesystem::path& directory) { Tables::remove(directory); }

  HistoryIndex(const HistoryIndex&) = delete;
  HistoryIndex& operator=(const HistoryIndex&) = delete;

  // ---- One thread at a time, that which feeds it.

  /// Requires entry seqno() + 1, durable in the journal. Readers see it on return. Waits for work()
  /// on another thread when two runs are in memory: without one, call work() until it is false.
  /// False when the entry says what cannot be: the index is then of no use any more.
  [[nodiscard]] bool add(const EntryParts& entry);

  // ---- One thread, that which does what takes time.

  /// Sorts or writes one piece of what was added; false when there is nothing to do. An error is
  /// for good: nothing is written any more.
  [[nodiscard]] std::expected<bool, LedgerError> work();
  enum class Wait : std::uint8_t { kWork, kStopped };
  /// Returns when there is work, or stop_waiting was called.
  Wait wait_for_work();
  /// Lets add() and wait_for_work() go from now on, for the end.
  void stop_waiting();

  // ---- Any thread.

  /// The last entry in it; 0: none.
  [[nodiscard]] Seqno seqno() const { return Seqno{seqno_.load(std::memory_order_acquire)}; }
  [[nodiscard]] std::expected<Page, LedgerError> page(const PageQuestion& question) const;
  /// Between which entries of the index that instant lies: close to each other, see kMarkBytes.
  struct Stretch {
    Seqno from;
    Seqno until;
  };
  [[nodiscard]] Stretch stretch_around(Timestamp at) const;
  [[nodiscard]] IndexStatus status() const;

 private:
  using Runs = std::vector<std::shared_ptr<const Run>>;
  /// What readers look at, from the oldest to the newest.
  struct View {
    std::shared_ptr<const Runs> runs;
    std::shared_ptr<const MovementBuffer> sealed;
    std::shared_ptr<const MovementBuffer> tail;
  };
  /// A full buffer on its way to the disk.
  struct Sealed {
    std::shared_ptr<const MovementBuffer> buffer;
    IndexHead head;
    std::vector<Mark> marks;
    OpenItems::Changes open;
  };

  HistoryIndex(const Journal& journal, IndexSettings settings, std::unique_ptr<Tables> tables,
               Tables::Contents contents);

  void seal();
  [[nodiscard]] std::expected<void, LedgerError> write_run(Sealed sealed);
  [[nodiscard]] bool write_postings(const MovementBuffer& buffer, Tables::Writer& writer, Run& run);
  [[nodiscard]] View view() const;
  [[nodiscard]] std::expected<std::vector<Posting>, LedgerError> read(const View& view,
                                                                      AccountIndex account,
                                                                      std::int64_t from,
                                                                      std::int64_t below,
                                                                      std::size_t limit) const;

  const Journal& journal_;
  const IndexSettings settings_;
  const std::unique_ptr<Tables> tables_;
  const std::shared_ptr<MovementBuffer::Pool> pool_;

  // The feeding thread's.
  OpenItems open_;
  WalkPosition position_;
  EntryWalk walk_;
  std::shared_ptr<MovementBuffer> tail_;
  std::vector<Mark> tail_marks_;
  std::uint64_t bytes_since_mark_ = UINT64_MAX;
  IndexHead head_;

  // The working thread's.
  std::vector<SortKey> keys_;
  std::vector<SortKey> scratch_;
  std::shared_ptr<const MovementBuffer> sorting_;
  std::uint32_t chunks_sorted_ = 0;

  std::atomic<std::uint64_t> seqno_{0};
  std::atomic<std::int64_t> lead_max_{0};

  mutable std::mutex mutex_;
  std::condition_variable work_comes_;
  std::condition_variable work_is_done_;
  // Under mutex_.
  std::shared_ptr<const Runs> runs_;
  std::shared_ptr<const MovementBuffer> visible_tail_;
  std::shared_ptr<const MovementBuffer> visible_sealed_;  ///< until its run is there
  std::optional<Sealed> sealed_;
  bool is_writing_ = false;
  bool may_wait_ = true;
  std::uint32_t chunks_offered_ = 0;
  std::vector<Mark> marks_;
};

}  // namespace hugang::ledger::index
