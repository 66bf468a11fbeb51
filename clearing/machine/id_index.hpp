// Every command id ever seen and how it was answered: a log of lines in the order of arrival, and a
// table of where an id's lines are. Old lines may lie in an archive; which do is not observable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/machine/id_record.hpp"
#include "clearing/machine/id_slots.hpp"

namespace hugang::machine {

/// The part of the id log that is no longer in memory.
class IdArchive {
 public:
  virtual ~IdArchive() = default;
  /// A line of a block that was handed over and then released. Asked by the core's thread, for
  /// retries of old commands. Cannot fail: an archive that cannot be read makes memory worthless,
  /// so the implementation ends the process.
  [[nodiscard]] virtual IdLogLine line(std::uint64_t number) const = 0;
};

/// How much of the id log belongs to a state, and what it said.
struct IdLogMark {
  std::uint64_t lines = 0;  ///< ever written
  std::uint64_t ids = 0;    ///< different ones among them
  std::uint64_t fold = 0;   ///< running mix over the checksums of full blocks
  std::uint64_t seed = 0;   ///< of the hashes by which ids are found
};

/// Full blocks in order, the first being number `first`.
struct IdBlocks {
  std::uint64_t first = 0;
  std::vector<std::shared_ptr<const IdBlock>> blocks;
};

/// Copies share full blocks, which never change. One thread.
class IdIndex {
 public:
  IdIndex() = default;
  IdIndex(const IdIndex& other);
  IdIndex& operator=(const IdIndex& other);
  IdIndex(IdIndex&&) noexcept = default;
  IdIndex& operator=(IdIndex&&) noexcept = default;
  ~IdIndex() = default;

  /// Different ids.
  [[nodiscard]] std::uint64_t size() const { return mark_.ids; }
  /// What is remembered of the id, or nothing.
  [[nodiscard]] std::optional<IdRecord> find(base::CommandId id) const;
  [[nodiscard]] bool contains(base::CommandId id) const { return find(id).has_value(); }
  /// Asks the memory for what find and add will touch. Only a hint.
  [[gnu::always_inline]] void prefetch(base::CommandId id) const { slots_.prefetch(hash_of(id)); }

  /// Sets the seed of the hashes. Requires an index without lines.
  void set_seed(std::uint64_t seed);

  /// Requires an id that is neither none nor known.
  void add(base::CommandId id, const IdRecord& record);
  /// A newer line for a known id.
  void note(base::CommandId id, const IdRecord& record);

  [[nodiscard]] const IdLogMark& mark() const { return mark_; }
  /// Lines behind the last full block.
  [[nodiscard]] std::span<const IdLogLine> tail() const { return tail_; }
  [[nodiscard]] std::uint64_t full_blocks() const { return mark_.lines / kIdBlockLines; }

  /// Full blocks since the last call, for a checkpoint.
  [[nodiscard]] IdBlocks take_new_blocks();
  /// Where released blocks are found. Must be set before the first release, and outlive the index.
  void attach(std::shared_ptr<const IdArchive> archive) { archive_ = std::move(archive); }
  /// Gives back the memory of the blocks that were handed over so far, which the archive now has.
  /// Without an archive they stay.
  void release_taken();

  /// An index that is to be restored: what came before `tail` is given to restore_blocks, in order,
  /// and then lies in the archive. Nothing when the figures contradict one another.
  [[nodiscard]] static std::optional<IdIndex> resume(const IdLogMark& mark,
                                                     std::vector<IdLogLine> tail);
  /// The next full blocks: a checksum for each, and kIdBlockLines packed hashes for each. False
  /// when the sizes do not fit or a hash is none.
  [[nodiscard]] bool restore_blocks(std::span<const std::uint64_t> checksums,
                                    base::ByteSpan packed_hashes);
  /// Whether every full block was restored, and they are those that the mark tells of.
  [[nodiscard]] bool is_restored() const {
    return restored_blocks_ == blocks_to_restore_ && restored_fold_ == fold_to_restore_;
  }

 private:
  [[nodiscard]] IdHash hash_of(base::CommandId id) const { return hash_of_id(id, mark_.seed); }
  void append(base::CommandId id, const IdRecord& record);
  void close_block();
  [[nodiscard]] IdLogLine line(std::uint64_t number) const;

  IdSlots slots_;
  IdLogMark mark_;
  std::shared_ptr<const IdArchive> archive_;
  std::uint64_t first_block_ = 0;  ///< number of blocks_[0]
  std::vector<std::shared_ptr<const IdBlock>> blocks_;
  std::vector<IdLogLine> tail_;
  std::uint64_t taken_blocks_ = 0;
  /// What a resumed index is to be given, and what it was given.
  std::uint64_t blocks_to_restore_ = 0;
  std::uint64_t fold_to_restore_ = 0;
  std::uint64_t restored_blocks_ = 0;
  std::uint64_t restored_fold_ = 0;
  std::vector<IdHash> to_restore_;  ///< not yet in the table
};

/// XXH3 of the lines' bytes, and one step of the fold. Not cryptographic: the journal is what is
/// signed.
[[nodiscard]] std::uint64_t checksum_of_lines(std::span<const IdLogLine> lines);

/// What a packed hash takes.
inline constexpr std::size_t kIdHashBytes = 6;
/// One hash per line, little-endian, one after another.
void pack_hashes(std::span<const IdLogLine> lines, std::uint64_t seed, base::Bytes& out);

}  // namespace hugang::machine
