// hugang-audit dump: entries in words.
#pragma once

#include <filesystem>
#include <optional>

#include "clients/audit/exit_code.hpp"
#include "clients/audit/ledger_walk.hpp"

namespace hugang::audit {

struct DumpOptions {
  std::filesystem::path directory;
  Seqno from{1};
  std::optional<Seqno> to;
  bool as_json = false;   ///< one object a line
  bool as_bytes = false;  ///< the entries as they are stored, one behind the other
};
/// Shows what is stored without replaying it, so that it also serves on a ledger that does not
/// replay. Checksums and chain are checked; the first bad entry ends it with kBadLedger.
[[nodiscard]] ExitCode run_dump(const DumpOptions& options);

}  // namespace hugang::audit
