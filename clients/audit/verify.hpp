// hugang-audit verify: is this ledger what its node wrote, and did its node keep the rules?
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "clients/audit/exit_code.hpp"
#include "clients/audit/ledger_walk.hpp"

namespace hugang::audit {

/// Something that is not as it must be. `entry` 0: not about one entry.
struct Finding {
  Seqno entry;
  std::string sentence;
};

struct CheckpointVerdict {
  Seqno seqno;
  base::Digest digest;  ///< as the checkpoint says
  bool is_good = false;
};

struct Verdict {
  base::NodeId node;
  std::string code;  ///< of the node, from its first entry
  std::string name;
  Seqno last_entry;      ///< the last one that is there to be read
  Seqno trustworthy_to;  ///< entries 1 to this one are whole and replay as journaled
  Timestamp first_at;
  Timestamp last_at;
  std::uint64_t commands = 0;
  std::uint64_t signatures_good = 0;
  std::uint64_t envelopes_unverifiable = 0;
  std::uint64_t laws_checked = 0;
  std::vector<CheckpointVerdict> checkpoints;
  base::Digest state_digest;  ///< after trustworthy_to
  std::vector<Finding> findings;
  std::vector<std::string> notes;

  [[nodiscard]] bool is_good() const { return findings.empty(); }
};

/// Reads, replays and checks everything; never fails: what is wrong is in the findings. After the
/// first bad entry no later entry is looked at, since nothing that follows can be trusted.
[[nodiscard]] Verdict examine(const Journal& journal);

struct VerifyOptions {
  std::filesystem::path directory;
  bool as_json = false;
};
[[nodiscard]] ExitCode run_verify(const VerifyOptions& options);

}  // namespace hugang::audit
