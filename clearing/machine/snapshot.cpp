#include "clearing/machine/snapshot.hpp"

#include <algorithm>
#include <concepts>

#include "clearing/machine/references.hpp"

namespace hugang::machine {
namespace {

constexpr std::uint32_t kMagic = 0x4E534748;  // "HGSN"
constexpr std::uint32_t kVersion = 4;

/// Types that are copied as they lie: no padding, little-endian.
template <class T>
concept IsPlain =
    std::integral<T> || std::is_enum_v<T> || std::same_as<T, u128> || std::same_as<T, base::i128> ||
    (wire::IsRecord<T> && std::has_unique_object_representations_v<T>);

class Writer {
 public:
  static constexpr bool kReads = false;
  explicit Writer(base::Bytes& out) : out_{out} {}

  template <IsPlain T>
  void operator()(const T& value) {
    const auto* raw = reinterpret_cast<const std::byte*>(&value);
    out_.insert(out_.end(), raw, raw + sizeof(T));
  }
  /// The length of a sequence; gives it back.
  std::size_t length(std::size_t size, std::size_t /*element_bytes*/) {
    (*this)(static_cast<std::uint64_t>(size));
    return size;
  }
  void raw(const void* data, std::size_t bytes) {
    const auto* begin = static_cast<const std::byte*>(data);
    out_.insert(out_.end(), begin, begin + bytes);
  }
  [[nodiscard]] bool is_good() const { return true; }

 private:
  base::Bytes& out_;
};

class Reader {
 public:
  static constexpr bool kReads = true;
  explicit Reader(base::ByteSpan rest) : rest_{rest} {}

  template <IsPlain T>
  void operator()(T& value) {
    raw(&value, sizeof(T));
  }
  /// A length is believed only as far as bytes are left for its elements.
  std::size_t length(std::size_t /*size*/, std::size_t element_bytes) {
    std::uint64_t size = 0;
    (*this)(size);
    if (size > rest_.size() / std::max<std::size_t>(element_bytes, 1)) {
      is_good_ = false;
      return 0;
    }
    return static_cast<std::size_t>(size);
  }
  void raw(void* data, std::size_t bytes) {
    if (bytes > rest_.size()) {
      is_good_ = false;
      rest_ = {};
      return;
    }
    if (bytes > 0) __builtin_memcpy(data, rest_.data(), bytes);
    rest_ = rest_.subspan(bytes);
  }
  /// For values that no writer writes: one state has one encoding.
  void refuse() {
    is_good_ = false;
    is_malformed_ = true;
  }
  [[nodiscard]] bool is_good() const { return is_good_; }
  [[nodiscard]] bool is_malformed() const { return is_malformed_; }
  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

 private:
  base::ByteSpan rest_;
  bool is_good_ = true;
  bool is_malformed_ = false;
};

// One description of each type serves writing and reading, so the two cannot drift apart. Each is a
// template over the archive; `value` is const when writing.

template <class Archive, class T>
  requires IsPlain<std::remove_const_t<T>>
void io(Archive& archive, T& value) {
  archive(value);
}

template <class Archive>
void io_flag(Archive& archive, auto& flag) {
  std::uint8_t byte = flag ? 1 : 0;
  archive(byte);
  if constexpr (Archive::kReads) {
    if (byte > 1) archive.refuse();
    flag = byte == 1;
  }
}

template <class Archive>
void io_amount(Archive& archive, auto& amount) {
  std::int64_t minor = amount.minor();
  archive(minor);
  if constexpr (Archive::kReads) {
    const auto read = Amount::from_minor(minor);
    if (!read) archive.refuse();
    amount = read.value_or(Amount::zero());
  }
}

template <class Archive, class Sequence, class Each>
void io_sequence(Archive& archive, Sequence& sequence, Each each) {
  const std::size_t size = archive.length(sequence.size(), 1);
  if constexpr (Archive::kReads) {
    sequence.clear();
    for (std::size_t i = 0; i < size && archive.is_good(); ++i) {
      sequence.emplace_back();
      each(sequence.back());
    }
  } else {
    for (auto& element : sequence) each(element);
  }
}

template <class Archive, class Sequence>
void io_plain_sequence(Archive& archive, Sequence& sequence) {
  using Element = typename std::remove_const_t<Sequence>::value_type;
  static_assert(IsPlain<Element>);
  const std::size_t size = archive.length(sequence.size(), sizeof(Element));
  if constexpr (Archive::kReads) sequence.resize(size);
  if (size > 0) archive.raw(sequence.data(), size * sizeof(Element));
}

template <class Archive>
void io(Archive& archive, auto& value)
  requires std::same_as<std::remove_const_t<std::remove_reference_t<decltype(value)>>, Participant>
{
  io(archive, value.id);
  io(archive, value.roles);
  io_flag(archive, value.is_suspended);
  io(archive, value.code);
  io(archive, value.bic);
  io(archive, value.lei);
  io(archive, value.name);
  io(archive, value.local_name);
  io(archive, value.registered_at);
}

template <class Archive>
void io_asset(Archive& archive, auto& asset) {
  io(archive, asset.id);
  io(archive, asset.issuer);
  io(archive, asset.scale);
  io(archive, asset.code);
  io(archive, asset.reserve);
}

template <class Archive>
void io_hold(Archive& archive, auto& hold) {
  io(archive, hold.debit);
  io(archive, hold.credit);
  io_amount(archive, hold.amount);
  io(archive, hold.expires_at);
  io(archive, hold.opened_at);
  io(archive, hold.fingerprint);
}

template <class Archive>
void io_leg(Archive& archive, auto& leg) {
  io(archive, leg.customer);
  io(archive, leg.corridor);
  io(archive, leg.other_account);
  io(archive, leg.asset);
  io(archive, leg.amount_minor);
  io_flag(archive, leg.pays);
  io_flag(archive, leg.is_affirmed);
  io_flag(archive, leg.needs_affirmation);
  io(archive, leg.returns_leg);
  io(archive, leg.returned_minor);
  io(archive, leg.returning_minor);
}

/// One byte where there is nothing in it.
template <class Archive>
void io_extra(Archive& archive, auto& extra) {
  bool is_there = *extra != SettlementExtra{};
  io_flag(archive, is_there);
  if (!is_there) return;
  const auto each = [&](auto& e) {
    io(archive, e.original_id);
    io(archive, e.recall_reason);
    io(archive, e.affirmed_at);
    io(archive, e.recalled_at);
    io(archive, e.recall_answered_at);
    io_plain_sequence(archive, e.details);
  };
  if constexpr (Archive::kReads) {
    each(extra.edit());
    if (*extra == SettlementExtra{}) archive.refuse();
  } else {
    each(*extra);
  }
}

template <class Archive>
void io_settlement(Archive& archive, auto& s) {
  io(archive, s.id);
  io(archive, s.peer);
  io_flag(archive, s.is_initiator);
  io(archive, s.kind);
  io(archive, s.status);
  io(archive, s.code);
  io(archive, s.submitter);
  io(archive, s.decide_by);
  io(archive, s.value_date);
  io(archive, s.received_at);
  io(archive, s.decided_at);
  io(archive, s.closed_at);
  io(archive, s.received_seqno);
  io(archive, s.closed_seqno);
  io(archive, s.instruct_message);
  io(archive, s.decision_message);
  io_flag(archive, s.is_recall_requested);
  io(archive, s.recall_answer);
  io_sequence(archive, s.legs, [&](auto& leg) { io_leg(archive, leg); });
  io_extra(archive, s.extra);
}

template <class Archive>
void io_key(Archive& archive, auto& key) {
  io(archive, key.record);
  io(archive, key.added_at);
}

template <class Archive>
void io_outbox_message(Archive& archive, auto& message) {
  io(archive, message.seqno);
  io(archive, message.chain_before);
  io(archive, message.chain_after);
  io_plain_sequence(archive, message.bytes);
}

/// std::map as its entries in key order.
template <class Archive, class Map, class Each>
void io_map(Archive& archive, Map& map, Each each) {
  using Key = typename std::remove_const_t<Map>::key_type;
  const std::size_t size = archive.length(map.size(), sizeof(Key));
  if constexpr (Archive::kReads) {
    map.clear();
    for (std::size_t i = 0; i < size && archive.is_good(); ++i) {
      Key key{};
      io(archive, key);
      if (!map.empty() && key <= map.rbegin()->first) archive.refuse();
      each(map[key]);
    }
  } else {
    for (auto& [key, value] : map) {
      io(archive, key);
      each(value);
    }
  }
}

template <class Archive>
void io_peer(Archive& archive, auto& peer) {
  io(archive, peer.node);
  io(archive, peer.code);
  io_sequence(archive, peer.keys, [&](auto& key) { io_key(archive, key); });
  io(archive, peer.sent);
  io(archive, peer.acknowledged);
  io(archive, peer.sent_chain);
  io_sequence(archive, peer.outbox, [&](auto& message) { io_outbox_message(archive, message); });
  io(archive, peer.applied);
  io(archive, peer.applied_chain);
  io_sequence(archive, peer.recent_chains.hashes, [&](auto& hash) { io(archive, hash); });
  io(archive, peer.halted);
  io(archive, peer.halt_evidence);
  io_map(archive, peer.corridors, [&](auto& account) { io(archive, account); });
}

template <class Archive>
void io_rules(Archive& archive, auto& pack) {
  io(archive, pack.version);
  io(archive, pack.effective_from);
  io_plain_sequence(archive, pack.rules);
}

template <class Archive>
void io_reconciliation(Archive& archive, auto& r) {
  io(archive, r.id);
  io(archive, r.peer);
  io(archive, r.business_date);
  io_flag(archive, r.is_initiator);
  io(archive, r.status);
  io(archive, r.opened_at);
  io(archive, r.closed_at);
  io_sequence(archive, r.lines, [&](auto& line) {
    io(archive, line.asset);
    io(archive, line.own_minor);
    io(archive, line.peer_minor);
    io(archive, line.in_flight_minor);
  });
  io_plain_sequence(archive, r.in_flight);
}

/// The hold table in the order of its ids.
template <class Archive>
void io_holds(Archive& archive, auto& holds) {
  const std::size_t size = archive.length(holds.size(), sizeof(CommandId));
  if constexpr (Archive::kReads) {
    CommandId last;
    for (std::size_t i = 0; i < size && archive.is_good(); ++i) {
      CommandId id;
      io(archive, id);
      if (id <= last) archive.refuse();
      last = id;
      io_hold(archive, holds[id]);
    }
  } else {
    std::vector<CommandId> order;
    order.reserve(holds.size());
    for (const auto& entry : holds) order.push_back(entry.first);
    std::ranges::sort(order);
    for (const CommandId& id : order) {
      io(archive, id);
      io_hold(archive, holds.at(id));
    }
  }
}

/// The settlements in the order in which they came.
template <class Archive>
void io_settlements(Archive& archive, auto& state) {
  const std::size_t size = archive.length(state.settlements.size(), sizeof(CommandId));
  if constexpr (Archive::kReads) {
    for (std::size_t i = 0; i < size && archive.is_good(); ++i) {
      Settlement settlement;
      io_settlement(archive, settlement);
      if (state.settlements.contains(settlement.id)) return archive.refuse();
      state.settlements.add(std::move(settlement));
    }
  } else {
    for (const Settlement& settlement : state.settlements) io_settlement(archive, settlement);
  }
}

/// What the id log says, and the lines behind its last full block; the blocks lie beside snapshots.
template <class Archive>
void io_ids(Archive& archive, auto& ids) {
  IdLogMark mark = ids.mark();
  std::vector<IdLogLine> tail{ids.tail().begin(), ids.tail().end()};
  archive(mark.lines);
  archive(mark.ids);
  archive(mark.fold);
  archive(mark.seed);
  io_plain_sequence(archive, tail);
  if constexpr (Archive::kReads) {
    auto resumed = IdIndex::resume(mark, std::move(tail));
    if (!resumed) return archive.refuse();
    ids = std::move(*resumed);
  }
}

template <class Archive>
void io_state(Archive& archive, auto& state) {
  io(archive, state.self);
  io(archive, state.code);
  io(archive, state.name);
  io(archive, state.last_seqno);
  io(archive, state.last_at);
  io_plain_sequence(archive, state.accounts);
  io_plain_sequence(archive, state.aliases);
  io_map(archive, state.assets, [&](auto& asset) { io_asset(archive, asset); });
  io_sequence(archive, state.participants, [&](auto& p) { io(archive, p); });
  io_holds(archive, state.holds);
  io_settlements(archive, state);
  io(archive, state.open_settlements);
  io_map(archive, state.peers, [&](auto& peer) { io_peer(archive, peer); });
  io_sequence(archive, state.own_keys, [&](auto& key) { io_key(archive, key); });
  io_rules(archive, state.rules);
  io_sequence(archive, state.pending_rules, [&](auto& pack) { io_rules(archive, pack); });
  io_map(archive, state.reconciliations, [&](auto& r) { io_reconciliation(archive, r); });
  io_plain_sequence(archive, state.reconciliation_order);
  io_ids(archive, state.ids);
}

/// The deadline index is derived: it follows from holds and pending settlements.
void rebuild_deadlines(State& state) {
  for (const auto& [id, hold] : state.holds) {
    if (!hold.expires_at.is_none()) state.deadlines.insert(Deadline{hold.expires_at, id, false});
  }
  for (const Settlement& settlement : state.settlements) {
    if (settlement.status == SettlementStatus::kPending) {
      state.deadlines.insert(Deadline{settlement.decide_by, settlement.id, true});
    }
  }
}

/// So are the orders of ends and decisions. Requires that every settlement's peer is there.
void rebuild_orders(State& state) {
  state.settlements.rebuild_ends();
  for (const Settlement& settlement : state.settlements) {
    if (settlement.is_initiator || settlement.decision_message.is_none()) continue;
    state.peers.at(settlement.peer).decisions.push_back(settlement.position);
  }
  for (auto& [node, peer] : state.peers) {
    std::ranges::sort(peer.decisions, {}, [&](std::uint32_t position) {
      return state.settlements[position].decision_message;
    });
  }
}

static_assert(std::has_unique_object_representations_v<Account>);
static_assert(std::has_unique_object_representations_v<wire::KeyRecord>);
static_assert(std::has_unique_object_representations_v<IdLogLine>);

}  // namespace

void encode_snapshot(const State& state, base::Bytes& out) {
  // The accounts are most of a large state; without room for them the bytes are copied again and
  // again while they grow.
  out.reserve(out.size() + state.accounts.size() * (sizeof(Account) + sizeof(state.aliases[0])) +
              (std::size_t{1} << 16));
  Writer writer{out};
  writer(kMagic);
  writer(kVersion);
  io_state(writer, state);
}

std::expected<State, SnapshotError> decode_snapshot(base::ByteSpan bytes) {
  Reader reader{bytes};
  std::uint32_t magic = 0;
  std::uint32_t version = 0;
  reader(magic);
  reader(version);
  if (!reader.is_good()) return std::unexpected{SnapshotError::kTruncated};
  if (magic != kMagic) return std::unexpected{SnapshotError::kMalformed};
  if (version != kVersion) return std::unexpected{SnapshotError::kVersionUnknown};
  State state;
  io_state(reader, state);
  if (reader.is_malformed()) return std::unexpected{SnapshotError::kMalformed};
  if (!reader.is_good()) return std::unexpected{SnapshotError::kTruncated};
  if (!reader.is_at_end()) return std::unexpected{SnapshotError::kTrailingBytes};
  if (!refers_inside(state)) return std::unexpected{SnapshotError::kMalformed};
  rebuild_deadlines(state);
  rebuild_orders(state);
  return state;
}

}  // namespace hugang::machine
