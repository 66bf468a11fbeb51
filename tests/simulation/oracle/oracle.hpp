// A second opinion about a whole node. From the commands and times of a journal it derives, by
// rules of its own (written from the documents, slow and plain, without clearing/machine), every
// outcome and event, the balances and everything else that a state holds, and names the first thing
// that the node has otherwise. One thread.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "clearing/base/bytes.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/base/timestamp.hpp"
#include "clearing/wire/outcome.hpp"

namespace hugang::ledger {
class Journal;
}
namespace hugang::machine {
struct State;
}

namespace hugang::oracle {

/// One entry as it was recorded.
struct Recorded {
  base::Seqno seqno;
  base::Timestamp at;
  base::ByteSpan commands;
  std::span<const wire::Outcome> outcomes;
  base::ByteSpan events;
};

class Oracle {
 public:
  Oracle();
  ~Oracle();

  /// Follows one entry. The first contradiction as a sentence that names entry and command, what
  /// was journaled and what the oracle says; after one, only destroy the oracle. Entries come in
  /// order from the first one on.
  [[nodiscard]] std::optional<std::string> follow(const Recorded& entry);

  /// What a state that should stand behind the last entry holds otherwise.
  [[nodiscard]] std::optional<std::string> compare(const machine::State& state) const;

  /// The same of a checkpoint's snapshot, in which the ids of commands are missing.
  [[nodiscard]] std::optional<std::string> compare_snapshot(base::ByteSpan snapshot) const;

 private:
  struct Self;
  std::unique_ptr<Self> self_;
};

/// The first contradiction in a whole journal, in its checkpoints, and then in the state that
/// should stand at its end (nullptr: not asked). Entries that the journal itself finds damaged are
/// told as such; checkpoints that it finds damaged are passed over, as a recovery does.
[[nodiscard]] std::optional<std::string> first_contradiction(const ledger::Journal& journal,
                                                             const machine::State* final_state);

}  // namespace hugang::oracle
