// The index on disk: a RocksDB database of its own, into which a run of postings goes as one sorted
// table that is never rewritten. RocksDB stays behind this header.
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/error.hpp"
#include "ledger/index/block.hpp"
#include "ledger/index/layout.hpp"
#include "ledger/index/open_items.hpp"
#include "ledger/index/presence.hpp"

namespace hugang::ledger::index {

/// What is kept in memory of a run.
struct Run {
  std::uint32_t number = 0;  ///< from 0
  std::int64_t first_order = 0;
  std::int64_t last_order = 0;
  std::uint64_t postings = 0;
  std::uint64_t bytes = 0;  ///< of the table
  Presence presence;
};

/// Everything that a run adds.
struct NewRun {
  IndexHead head;  ///< with the run counted; head_checksum is filled in
  Run run;
  std::vector<Mark> marks;
  OpenItems::Changes open;
};

struct TableSettings {
  std::size_t cache_bytes = std::size_t{128} << 20;  ///< blocks and their indexes in memory
};

/// Writing: one thread. Reading: any.
class Tables {
 public:
  /// What was there when the database was opened.
  struct Contents {
    std::optional<IndexHead> head;  ///< nothing: the index is empty
    std::vector<Run> runs;
    std::vector<Mark> marks;
    OpenItems open;
  };

  /// Opens the database, or creates it. kDamaged: remove() it and make it again.
  [[nodiscard]] static std::expected<std::unique_ptr<Tables>, LedgerError> open(
      const std::filesystem::path& directory, TableSettings settings);
  /// Deletes whatever is there; nobody may have it open.
  static void remove(const std::filesystem::path& directory);

  virtual ~Tables() = default;

  [[nodiscard]] virtual std::expected<Contents, LedgerError> load() = 0;

  /// A table under way: blocks are added in their order.
  class Writer {
   public:
    virtual ~Writer() = default;
    [[nodiscard]] virtual bool add(BlockStart start, base::ByteSpan block) = 0;
  };
  /// A table for run `number`, which is the next one. nullptr after finish() failed or where the
  /// disk does not let it begin: error() says why.
  [[nodiscard]] virtual std::expected<std::unique_ptr<Writer>, LedgerError> begin(
      std::uint32_t number) = 0;
  /// Durable on return: the table first, then what makes it count. Fills in run.run.bytes.
  [[nodiscard]] virtual std::expected<void, LedgerError> finish(std::unique_ptr<Writer> writer,
                                                                NewRun& run) = 0;

  /// The newest postings of an account in a run with an order below `below`, newest first, appended
  /// until `out` holds `limit`. kDamaged when bytes are not what was written.
  [[nodiscard]] virtual std::expected<void, LedgerError> read(std::uint32_t run,
                                                              AccountIndex account,
                                                              std::int64_t below, std::size_t limit,
                                                              std::vector<Posting>& out) const = 0;
};

}  // namespace hugang::ledger::index
