#include "tests/simulation/adversary/evidence_law.hpp"

#include <algorithm>
#include <cstring>

#include "clearing/wire/batch.hpp"
#include "crypto/digest.hpp"

namespace hugang::simulation {
namespace {

using base::ByteSpan;
using base::i128;
using machine::Code;

template <class Record>
Record copy_of(ByteSpan bytes) {
  Record record;
  HG_CHECK(bytes.size() >= sizeof record);
  std::memcpy(&record, bytes.data(), sizeof record);
  return record;
}

std::string decimal(i128 value) {
  return (value < 0 ? "-" : "") +
         std::to_string(static_cast<std::uint64_t>(value < 0 ? -value : value));
}

std::string text_of(const Verdict& verdict) {
  return std::string{machine::code_name(verdict.code)} + " at message " +
         std::to_string(verdict.cursor);
}

std::string name_of(base::CommandId id) {
  return "settlement " + std::to_string(base::low64(id.value()));
}

bool is_closing(wire::SettlementStatus status) {
  return status == wire::SettlementStatus::kSettled || status == wire::SettlementStatus::kRefused;
}

bool contains(const std::vector<Code>& codes, Code code) {
  return std::ranges::find(codes, code) != codes.end();
}

/// The last block of codes, by its numbers.
bool is_breach(Code code) {
  const auto number = static_cast<std::uint16_t>(code);
  return number >= 150 && number <= 199 && code != Code::kKeyNotValid;
}

}  // namespace

EvidenceLaw::EvidenceLaw(base::NodeId honest, base::NodeId liar, std::span<const Lie> lies)
    : honest_{honest}, liar_{liar}, lies_{lies}, reading_{honest, liar} {
  for (std::size_t i = 0; i < lies.size(); ++i) {
    if (lies[i].victim == honest) lie_by_subject_.emplace(lies[i].subject, i);
  }
  lie_by_subject_.erase(base::Digest{});  // those that are no bytes
}

std::string EvidenceLaw::here() const {
  return "node " + std::to_string(honest_.value()) + ", entry " + std::to_string(entry_.value()) +
         ": ";
}

EvidenceLaw::Broken EvidenceLaw::read(const ledger::EntryView& entry) {
  entry_ = entry.head.seqno;
  std::vector<Event> events;
  wire::EventReader reader{entry.events};
  for (Event event; reader.next(event.head, event.body);) events.push_back(event);
  const auto groups = wire::read_batch(entry.commands);
  if (!groups || reader.is_malformed()) return here() + "cannot be read";
  std::size_t next_event = 0;
  std::uint32_t index = 0;
  for (const wire::GroupView& group : *groups) {
    for (std::uint32_t i = 0; i < group.count; ++i, ++index) {
      const Command command{.kind = group.kind,
                            .record = group.record(i),
                            .outcome = entry.outcome(index),
                            .at = entry.head.at + base::Duration::nanoseconds(index)};
      // Each command has an instant of its own; what was due before it carries earlier ones.
      for (; next_event < events.size() && events[next_event].head.at < command.at; ++next_event) {
        if (auto broken = read_event(events[next_event])) return broken;
      }
      std::size_t last = next_event;
      while (last < events.size() && events[last].head.at == command.at) ++last;
      const auto own = std::span{events}.subspan(next_event, last - next_event);
      if (auto broken = read_command(command, own)) return broken;
      next_event = last;
    }
  }
  if (next_event != events.size()) return here() + "has events that belong to no command";
  return std::nullopt;
}

EvidenceLaw::Broken EvidenceLaw::read_command(const Command& command,
                                              std::span<const Event> events) {
  const bool is_done = command.outcome.code == Code::kOk;
  if (command.kind == wire::CommandKind::kPeerEnvelope) {
    if (auto broken = read_envelope(command, events)) return broken;
  } else if (command.kind == wire::CommandKind::kRegisterAsset && is_done) {
    const auto asset = copy_of<wire::RegisterAsset>(command.record);
    issuers_[asset.asset] = asset.issuer;
    reading_.learn_issuer(asset.asset, asset.issuer);
  } else if (command.kind == wire::CommandKind::kRegisterPeer && is_done) {
    const auto peer = copy_of<wire::RegisterPeer>(command.record);
    if (peer.peer == liar_) reading_.learn_key(peer.key);
  } else if (command.kind == wire::CommandKind::kResumePeer && is_done) {
    if (copy_of<wire::ResumePeer>(command.record).peer == liar_ &&
        (command.outcome.flags & wire::outcome_flag::kRepeated) == 0) {
      reading_.resume();
    }
  } else if (command.kind == wire::CommandKind::kSetRules && is_done) {
    const auto head = copy_of<wire::SetRulesHead>(command.record);
    std::vector<wire::Rule>& pack = packs_[head.version];
    pack.resize(head.rule_count);
    std::memcpy(pack.data(), command.record.data() + sizeof head, pack.size() * sizeof(wire::Rule));
  }
  for (const Event& event : events) {
    const bool is_halt = event.head.kind == wire::EventKind::kPeerHalted;
    if (is_halt && copy_of<wire::PeerHalted>(event.body).peer == liar_ &&
        command.kind != wire::CommandKind::kPeerEnvelope) {
      return here() + "halts the liar without an envelope as evidence";
    }
    if (auto broken = read_event(event)) return broken;
  }
  return std::nullopt;
}

EvidenceLaw::Broken EvidenceLaw::read_envelope(const Command& command,
                                               std::span<const Event> events) {
  const auto head = copy_of<wire::PeerEnvelopeHead>(command.record);
  if (head.peer != liar_) return std::nullopt;
  const ByteSpan envelope = command.record.subspan(sizeof head, head.envelope_bytes);
  ChannelReading::Closed closed;
  std::uint64_t sent_after = reading_.sent();
  for (const Event& event : events) {
    if (event.head.kind == wire::EventKind::kSettlementChanged) {
      const auto change = copy_of<wire::SettlementChanged>(event.body);
      if (change.peer == liar_ && is_closing(change.status)) {
        closed[change.settlement] = change.status;
      }
    } else if (event.head.kind == wire::EventKind::kMessageQueued) {
      sent_after += copy_of<wire::MessageQueued>(event.body).peer == liar_ ? 1U : 0U;
    }
  }
  const std::uint64_t cursor_before = reading_.cursor();
  const Verdict verdict = reading_.judge(envelope, command.at, closed, sent_after);
  const Verdict answer{command.outcome.code, command.outcome.value};
  if (answer != verdict) {
    return here() + "the liar's envelope was answered " + text_of(answer) + ", its bytes say " +
           text_of(verdict);
  }
  if (auto broken = check_halt(envelope, verdict, events)) return broken;
  return check_lies(envelope, verdict, cursor_before);
}

EvidenceLaw::Broken EvidenceLaw::check_halt(ByteSpan envelope, const Verdict& verdict,
                                            std::span<const Event> events) {
  std::uint32_t halts = 0;
  for (const Event& event : events) {
    if (event.head.kind != wire::EventKind::kPeerHalted) continue;
    const auto halted = copy_of<wire::PeerHalted>(event.body);
    if (halted.peer != liar_) return here() + "the liar's envelope halts another node";
    const bool fits = halted.code == verdict.code && halted.cursor.value() == verdict.cursor &&
                      halted.evidence == entry_;
    if (!fits) return here() + "the halt does not name this entry and this breach";
    ++halts;
  }
  if (halts != (is_breach(verdict.code) ? 1U : 0U)) {
    return here() + "the envelope answered " + text_of(verdict) + " halts " +
           std::to_string(halts) + " times";
  }
  if (halts == 0) return std::nullopt;
  if (!reading_.is_signed_by_liar(envelope)) {
    return here() + "the evidence of a halt carries no signature of the liar";
  }
  last_evidence_ = entry_;
  ++halts_;
  return std::nullopt;
}

EvidenceLaw::Broken EvidenceLaw::check_lies(ByteSpan envelope, const Verdict& verdict,
                                            std::uint64_t cursor_before) {
  const auto told = lie_by_subject_.find(crypto::sha256(envelope));
  if (told != lie_by_subject_.end()) {
    const LieRule& rule = rule_of(lies_[told->second].kind);
    const std::string name{rule.name};
    if (rule.answer == Answer::kNeverJournaled) return here() + name + " is in the journal";
    const bool is_exempt =
        verdict.code == Code::kPeerHalted || rule.answer == Answer::kUnharmed ||
        (verdict.code == Code::kKeyNotValid && rule.answer == Answer::kHaltsAtEnvelope);
    if (is_exempt) return std::nullopt;
    if (!contains(rule.codes, verdict.code) || verdict.cursor != cursor_before) {
      return here() + name + " was answered " + text_of(verdict);
    }
    ++tally_[static_cast<std::size_t>(rule.kind)];
    return std::nullopt;
  }
  for (const ReadMessage& message : reading_.last_read()) {
    const auto found = lie_by_subject_.find(message.digest);
    if (found == lie_by_subject_.end()) continue;
    const LieRule& rule = rule_of(lies_[found->second].kind);
    const bool is_applied = message.seqno <= verdict.cursor;
    const bool halts = rule.answer == Answer::kHaltsAtMessage;
    if (halts && (is_applied || !contains(rule.codes, verdict.code))) {
      return here() + std::string{rule.name} + " was answered " + text_of(verdict);
    }
    if (!halts && !is_applied) {
      return here() + std::string{rule.name} + " halts with " + text_of(verdict);
    }
    const bool is_promise = rule.answer == Answer::kRefusesMoney || rule.answer == Answer::kDiffers;
    if (is_applied && is_promise) applied_lies_.insert(found->second);
    ++tally_[static_cast<std::size_t>(rule.kind)];
  }
  return std::nullopt;
}

EvidenceLaw::Broken EvidenceLaw::read_event(const Event& event) {
  switch (event.head.kind) {
    case wire::EventKind::kMessageQueued:
      return read_queued(event.body);
    case wire::EventKind::kSettlementChanged:
      return read_change(copy_of<wire::SettlementChanged>(event.body));
    case wire::EventKind::kRulesActivated:
      rules_ = packs_[copy_of<wire::RulesActivated>(event.body).version];
      return std::nullopt;
    case wire::EventKind::kReconciled: {
      const auto reconciled = copy_of<wire::Reconciled>(event.body);
      if (reconciled.peer == liar_) reconciled_[reconciled.id] = reconciled.code;
      return std::nullopt;
    }
    default:
      return std::nullopt;
  }
}

EvidenceLaw::Broken EvidenceLaw::read_queued(ByteSpan body) {
  const auto queued = copy_of<wire::MessageQueued>(body);
  if (queued.peer != liar_) return std::nullopt;
  const ByteSpan message = body.subspan(sizeof queued, queued.message_bytes);
  reading_.learn_sent(message);
  if (copy_of<wire::MessageHead>(message).kind == wire::MessageKind::kDecision) {
    const auto decision = copy_of<wire::Decision>(message.subspan(sizeof(wire::MessageHead)));
    decisions_[decision.settlement].push_back(decision.code);
  }
  return std::nullopt;
}

EvidenceLaw::Broken EvidenceLaw::read_change(const wire::SettlementChanged& change) {
  reading_.learn_settlement(change.settlement);
  if (change.peer != liar_ || !is_closing(change.status)) return std::nullopt;
  const std::string name = here() + name_of(change.settlement);
  const auto found = reading_.settlements().find(change.settlement);
  if (found == reading_.settlements().end()) return name + " ends and never began";
  if (!closed_.emplace(change.settlement, change.code).second) return name + " ends twice";
  const bool is_settled = change.status == wire::SettlementStatus::kSettled;
  if (is_settled != (change.code == Code::kOk)) return name + " ends with a code that denies it";
  const ReadSettlement& settlement = found->second;
  if (settlement.is_ours) {
    if (settlement.liars_decision != change.code) {
      return name + " ends otherwise than by the liar's signed decision";
    }
    return std::nullopt;
  }
  if (settlement.standing == Standing::kOpen) reading_.close(change.settlement, is_settled);
  return is_settled ? check_caps(settlement) : std::nullopt;
}

EvidenceLaw::Broken EvidenceLaw::check_caps(const ReadSettlement& settlement) const {
  for (const wire::Rule& rule : rules_) {
    if (rule.kind != wire::RuleKind::kCorridorCap || rule.peer != liar_) continue;
    const auto held = reading_.net().find(rule.asset);
    if (held == reading_.net().end()) continue;
    const bool is_mirror = issuers_.at(rule.asset) == honest_;
    // Of an asset issued here what the liar holds grows by what is paid to it, else the claim on
    // the liar by what it pays.
    const auto grows = is_mirror ? wire::Direction::kIn : wire::Direction::kOut;
    const bool is_grown = std::ranges::any_of(settlement.legs, [&](const wire::Leg& leg) {
      return leg.asset == rule.asset && leg.direction == grows;
    });
    const i128 claim = is_mirror ? held->second : -held->second;
    if (is_grown && claim > rule.value) {
      return here() + "the liar's instruction settles above the cap of " +
             std::to_string(rule.value) + ": " + decimal(claim);
    }
  }
  return std::nullopt;
}

EvidenceLaw::Broken EvidenceLaw::check_decisions() const {
  const auto& settlements = reading_.settlements();
  for (const auto& [id, codes] : decisions_) {
    const auto found = settlements.find(id);
    const auto end = closed_.find(id);
    if (found != settlements.end() && !found->second.is_ours) {
      if (codes.size() == 1 && end != closed_.end() && end->second == codes.front()) continue;
      return here() + name_of(id) + " was decided otherwise, or more often, than it ended";
    }
    for (const Code code : codes) {
      if (code == Code::kIdUsedForOtherContent) continue;
      return here() + name_of(id) + " is none of the liar's and was decided";
    }
  }
  for (const auto& [id, settlement] : settlements) {
    const bool is_closed = settlement.standing != Standing::kOpen;
    if (is_closed != closed_.contains(id)) return here() + name_of(id) + " has no end of its own";
    if (is_closed && !settlement.is_ours && !decisions_.contains(id)) {
      return here() + name_of(id) + " ended and the liar was not told";
    }
  }
  return std::nullopt;
}

EvidenceLaw::Broken EvidenceLaw::check_promises() const {
  for (const std::size_t index : applied_lies_) {
    const Lie& lie = lies_[index];
    const LieRule& rule = rule_of(lie.kind);
    const std::string name = here() + std::string{rule.name} + ", " + name_of(lie.id) + ": ";
    if (rule.answer == Answer::kDiffers) {
      const auto found = reconciled_.find(lie.id);
      if (found != reconciled_.end() && found->second == Code::kReconciliationDiffers) continue;
      return name + "the difference was not found";
    }
    const auto decided = decisions_.find(lie.id);
    if (decided == decisions_.end()) return name + "was not refused";
    for (const Code code : decided->second) {
      if (contains(rule.codes, code)) continue;
      return name + "was decided " + std::string{machine::code_name(code)};
    }
  }
  return std::nullopt;
}

EvidenceLaw::Broken EvidenceLaw::check_corridors(const machine::State& state) const {
  const auto& corridors = state.peers.at(liar_).corridors;
  for (const auto& [asset, net] : reading_.net()) {
    if (!corridors.contains(asset)) return here() + "settled without a corridor";
  }
  for (const auto& [asset, index] : corridors) {
    const machine::Balance& balance = state.account(index).balance;
    const i128 posted =
        static_cast<i128>(balance.credits_posted) - static_cast<i128>(balance.debits_posted);
    const auto found = reading_.net().find(asset);
    const i128 told = found == reading_.net().end() ? i128{0} : found->second;
    if (posted == told) continue;
    return here() + "corridor of asset " + std::to_string(asset.value()) + " with the liar has " +
           decimal(posted) + ", what settled adds up to " + decimal(told);
  }
  return std::nullopt;
}

EvidenceLaw::Broken EvidenceLaw::finish(const machine::State& state) const {
  if (auto broken = check_decisions()) return broken;
  if (auto broken = check_promises()) return broken;
  if (auto broken = check_corridors(state)) return broken;
  const machine::Peer& peer = state.peers.at(liar_);
  if (peer.halted != reading_.halted()) return here() + "memory and journal differ about the halt";
  if (peer.halted != Code::kOk && peer.halt_evidence != last_evidence_) {
    return here() + "the state names another evidence than the journal holds";
  }
  return std::nullopt;
}

std::optional<std::string> first_broken_by_liar(const City& city, const Liar& liar, Tally* tally) {
  EvidenceLaw law{city.id(), liar.id(), liar.lies()};
  const auto cursor = city.journal().read_from(base::Seqno{1});
  while (true) {
    const auto entry = cursor->next();
    if (!entry) return "node " + std::to_string(city.id().value()) + ": " + entry.error().sentence;
    if (*entry == nullptr) break;
    if (auto broken = law.read(**entry)) return broken;
  }
  if (tally != nullptr) {
    for (std::size_t i = 0; i < kLieKinds; ++i) (*tally)[i] += law.tally()[i];
  }
  return law.finish(city.state());
}

std::optional<std::string> first_broken_total(const Cities& cities, base::NodeId liar) {
  std::map<base::AssetId, i128> held;       // by customers of all honest nodes
  std::map<base::AssetId, i128> explained;  // issued, and moved to or from the liar
  for (const auto& city : cities) {
    const machine::State& state = city->state();
    for (const machine::Account& account : state.accounts) {
      const i128 net = static_cast<i128>(account.balance.credits_posted) -
                       static_cast<i128>(account.balance.debits_posted);
      switch (account.kind) {
        case wire::AccountKind::kCustomer:
          held[account.asset] += net;
          break;
        case wire::AccountKind::kReserve:
          explained[account.asset] -= net;
          break;
        case wire::AccountKind::kCorridor:
          if (account.peer == liar) explained[account.asset] -= net;
          break;
      }
    }
  }
  for (const auto& [asset, net] : held) {
    if (net == explained[asset]) continue;
    return "asset " + std::to_string(asset.value()) + ": the customers of all nodes hold " +
           decimal(net) + ", issue and settlements with the liar explain " +
           decimal(explained[asset]);
  }
  return std::nullopt;
}

std::uint32_t open_for_liar(const machine::State& state, base::NodeId liar) {
  std::uint32_t open = 0;
  for (const machine::Settlement& settlement : state.settlements) {
    open += settlement.is_initiator && settlement.peer == liar &&
            settlement.status == wire::SettlementStatus::kSent;
  }
  return open;
}

}  // namespace hugang::simulation
