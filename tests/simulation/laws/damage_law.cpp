#include "tests/simulation/laws/damage_law.hpp"

#include <algorithm>
#include <vector>

#include "crypto/digest.hpp"
#include "ledger/checkpoint.hpp"
#include "ledger/recovery.hpp"

namespace hugang::simulation {
namespace {

using base::Seqno;
using Broken = std::optional<std::string>;

constexpr machine::Hashing kHashing{.sha256 = &crypto::sha256, .chain_next = &crypto::chain_next};
constexpr std::size_t kBlock = 512;

/// Bytes of one entry or snapshot that are XORed; doing it again mends them.
struct Damage {
  Seqno seqno;
  bool is_entry = false;
  std::vector<std::pair<std::size_t, std::byte>> flips;

  void apply(ledger::MemoryJournal& journal) const {
    for (const auto& [offset, flip] : flips) {
      if (is_entry) {
        journal.damage_entry(seqno, offset, flip);
      } else {
        journal.damage_snapshot(seqno, offset, flip);
      }
    }
  }
  [[nodiscard]] std::string name() const {
    return std::string{is_entry ? "a damaged entry " : "a damaged checkpoint of entry "} +
           std::to_string(seqno.value());
  }
};

/// A flipped bit, or a block that reads as zeros.
std::vector<std::pair<std::size_t, std::byte>> draw_flips(base::ByteSpan bytes, Random& random) {
  const auto at = static_cast<std::size_t>(random.below(bytes.size()));
  if (random.chance(700)) return {{at, static_cast<std::byte>(1U << random.below(8))}};
  std::vector<std::pair<std::size_t, std::byte>> flips;
  const std::size_t first = at - at % kBlock;
  for (std::size_t i = first; i < std::min(first + kBlock, bytes.size()); ++i) {
    if (bytes[i] != std::byte{0}) flips.emplace_back(i, bytes[i]);
  }
  return flips;
}

Damage draw_damage(const ledger::MemoryJournal& journal, Random& random) {
  const auto checkpoints = journal.checkpoints();
  Damage damage;
  if (checkpoints && !checkpoints->empty() && random.chance(400)) {
    const auto& info = random.pick(*checkpoints);
    damage.seqno = info.seqno;
    const auto bytes = journal.read_snapshot(info);
    HG_CHECK(bytes.has_value());
    damage.flips = draw_flips(*bytes, random);
    return damage;
  }
  // The newest are the ones that recovery reads.
  const std::uint64_t last = journal.last_seqno().value();
  const std::uint64_t back =
      random.below(random.chance(700) ? std::min<std::uint64_t>(last, 30) : last);
  damage.seqno = Seqno{last - back};
  damage.is_entry = true;
  const auto bytes = journal.read(damage.seqno);
  HG_CHECK(bytes.has_value());
  damage.flips = draw_flips(*bytes, random);
  return damage;
}

/// The first entry that a reader of the whole journal complains about.
std::optional<Seqno> first_bad_entry(const ledger::MemoryJournal& journal) {
  machine::Machine machine{kHashing};
  ledger::Replayer replayer{machine};
  const auto cursor = journal.read_from(Seqno{1});
  while (true) {
    const auto entry = cursor->next();
    if (!entry) return entry.error().entry;
    if (*entry == nullptr) return std::nullopt;
    if (const auto applied = replayer.apply(**entry); !applied) return applied.error().entry;
  }
}

Broken judge(const ledger::MemoryJournal& journal, const Damage& damage,
             const base::Digest& whole) {
  const auto recovered = ledger::recover(journal, kHashing);
  if (!recovered) {
    if (!damage.is_entry) {
      return damage.name() + " kept the node from starting: " + recovered.error().sentence;
    }
    if (recovered.error().entry == damage.seqno) return std::nullopt;
    return damage.name() + " was blamed on entry " +
           std::to_string(recovered.error().entry.value()) + ": " + recovered.error().sentence;
  }
  if (ledger::state_digest(recovered->machine.state()) != whole) {
    return "a node started on " + damage.name() + " with a state that is not its ledger's";
  }
  if (!damage.is_entry) return std::nullopt;
  // A checkpoint behind it hid the damage from the start; an auditor must find it all the same.
  const auto bad = first_bad_entry(journal);
  if (!bad) return damage.name() + " was found by nobody who read the whole journal";
  if (*bad == damage.seqno) return std::nullopt;
  return damage.name() + " was blamed on entry " + std::to_string(bad->value()) +
         " by who read the whole journal";
}

}  // namespace

std::optional<std::string> first_broken_by_damage(ledger::MemoryJournal& journal, Random& random) {
  if (journal.last_seqno().is_none()) return std::nullopt;
  const auto before = ledger::recover(journal, kHashing);
  if (!before) return "recovery: " + before.error().sentence;
  const base::Digest whole = ledger::state_digest(before->machine.state());
  const Damage damage = draw_damage(journal, random);
  if (damage.flips.empty()) return std::nullopt;
  damage.apply(journal);
  auto broken = judge(journal, damage, whole);
  damage.apply(journal);
  return broken;
}

}  // namespace hugang::simulation
