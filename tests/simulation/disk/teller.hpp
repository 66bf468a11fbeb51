// The teller of a story: what the node does, what befalls the disk, and the laws.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "ledger/rocks/open.hpp"
#include "tests/simulation/disk/disk_env.hpp"
#include "tests/simulation/disk/history.hpp"
#include "tests/simulation/disk/story.hpp"

namespace hugang::simulation {

class Teller {
 public:
  /// `root` is an empty folder.
  Teller(const StoryOptions& options, std::filesystem::path root);

  [[nodiscard]] StoryResult tell();

 private:
  /// How the process before ended.
  enum class End : std::uint8_t { kNone, kClosed, kKilled, kPowerCut };
  /// Permille of each kind of step, drawn from the seed.
  struct Habits {
    std::uint32_t group_max = 1;
    std::uint32_t commands_max = 1;
    std::uint32_t large_permille = 0;
    std::uint32_t background_permille = 0;
    std::uint32_t checkpoint_permille = 0;
    std::uint32_t restart_permille = 0;
    std::uint32_t death_permille = 0;
    std::uint32_t failure_permille = 0;
    std::uint32_t opening_permille = 0;  ///< a fault while opening
    std::uint32_t damage_permille = 0;   ///< damage at rest, at a restart
    std::uint64_t logs_bytes_max = 0;
  };

  // What the node does.
  void step();
  void append();
  void put_checkpoint();
  void run_background();
  /// Something failed or died: closes, lets the disk lose what it loses, opens again.
  void restart();
  void close();
  void open();
  /// One try; nothing when a fault was in the way (or a law broke).
  std::unique_ptr<ledger::Journal> try_to_open(bool may_fault);
  void plan_death();
  void plan_failure();

  [[nodiscard]] std::filesystem::path newest_log() const;

  // The laws.
  void broken(const std::string& law);
  /// After an opening without damage at rest.
  void check_opened(const ledger::Journal& journal);
  void check_entries(const ledger::Journal& journal, std::uint64_t end);
  /// A failed call is excused by a fault only.
  void check_excuse(const char* what, const ledger::LedgerError& error);
  /// Damages copies of the closed ledger and opens them.
  void damage_copies();
  void damage_one_copy();
  void check_damaged(const std::filesystem::path& copy, const struct Damage& damage);
  void check_refusal(const std::filesystem::path& copy, const struct Damage& damage,
                     const ledger::LedgerError& error);
  void check_untouched(const std::filesystem::path& copy, const struct Damage& damage);
  void check_survivor(ledger::Journal& journal, const struct Damage& damage);

  [[nodiscard]] ledger::rocks::Disk disk() const {
    return {.env = env_.get(), .logs_bytes_max = habits_.logs_bytes_max};
  }
  [[nodiscard]] bool is_over() const { return result_.broken_law.has_value(); }

  StoryOptions options_;
  std::filesystem::path root_;
  std::filesystem::path directory_;  ///< the ledger's
  Random random_;
  Habits habits_;
  std::shared_ptr<FaultDisk> disk_;
  std::unique_ptr<DiskEnv> env_;
  History history_;
  std::unique_ptr<ledger::Journal> journal_;
  std::uint64_t acknowledged_ = 0;  ///< entries that were appended with success, or recovered
  std::filesystem::path last_log_;  ///< where the newest acknowledged append was logged
  std::uint64_t last_begin_ = 0;    ///< and from which byte on
  bool has_appended_ = false;       ///< since the last opening
  bool was_cut_ = false;            ///< the last opening told of a cut
  std::uint64_t checkpointed_ = 0;  ///< the newest checkpoint that was put with success
  std::uint64_t noted_ = 0;         ///< entries whose durability the disk surely remembers
  End end_ = End::kNone;
  StoryResult result_;
};

}  // namespace hugang::simulation
