#include "tests/simulation/adversary/channel_reading.hpp"

#include <algorithm>
#include <cstring>

#include "clearing/machine/limits.hpp"
#include "crypto/digest.hpp"
#include "crypto/envelope.hpp"
#include "crypto/keys.hpp"

namespace hugang::simulation {
namespace {

using base::ByteSpan;
using base::CommandId;
using machine::Code;

constexpr std::size_t kEnvelopeHead = 24;

constexpr std::size_t up_to_8(std::size_t bytes) { return (bytes + 7) / 8 * 8; }

template <class Record>
Record at(ByteSpan bytes, std::size_t offset) {
  Record record;
  std::memcpy(&record, bytes.data() + offset, sizeof record);
  return record;
}

bool is_all_zero(ByteSpan bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

struct EnvelopeParts {
  std::uint8_t suite = 0;
  base::KeyId key;
  ByteSpan payload;
  ByteSpan signature;
};

std::optional<EnvelopeParts> read_envelope(ByteSpan bytes) {
  if (bytes.size() < kEnvelopeHead || base::as_text(bytes.first(4)) != "HGEV") return std::nullopt;
  if (at<std::uint16_t>(bytes, 4) != 1 || bytes[7] != std::byte{0}) return std::nullopt;
  const std::size_t payload = at<std::uint32_t>(bytes, 16);
  const std::size_t signature = at<std::uint32_t>(bytes, 20);
  if (bytes.size() != up_to_8(kEnvelopeHead + payload + signature)) return std::nullopt;
  return EnvelopeParts{.suite = at<std::uint8_t>(bytes, 6),
                       .key = base::KeyId{at<std::uint64_t>(bytes, 8)},
                       .payload = bytes.subspan(kEnvelopeHead, payload),
                       .signature = bytes.subspan(kEnvelopeHead + payload, signature)};
}

struct InstructParts {
  wire::InstructHead head;
  std::vector<wire::Leg> legs;
};

std::optional<InstructParts> read_instruct(ByteSpan body) {
  constexpr std::size_t kHead = sizeof(wire::InstructHead);
  if (body.size() < kHead) return std::nullopt;
  InstructParts parts{.head = at<wire::InstructHead>(body, 0), .legs = {}};
  if (parts.head.reserved0 != 0 || parts.head.reserved1 != 0) return std::nullopt;
  const std::size_t legs = parts.head.leg_count * sizeof(wire::Leg);
  const std::size_t details = parts.head.details_bytes;
  if (body.size() != kHead + legs + up_to_8(details)) return std::nullopt;
  for (std::size_t i = 0; i < parts.head.leg_count; ++i) {
    parts.legs.push_back(at<wire::Leg>(body, kHead + i * sizeof(wire::Leg)));
    if (parts.legs.back().reserved != 0) return std::nullopt;
  }
  if (!is_all_zero(body.subspan(kHead + legs + details))) return std::nullopt;
  return parts;
}

}  // namespace

std::optional<ChannelReading::Payload> ChannelReading::read_payload(ByteSpan bytes) {
  constexpr std::size_t kHead = sizeof(wire::PayloadHead);
  if (bytes.size() < kHead || base::as_text(bytes.first(4)) != "HGPL") return std::nullopt;
  Payload payload{.head = at<wire::PayloadHead>(bytes, 0), .messages = {}};
  const wire::PayloadHead& head = payload.head;
  if (head.version != 1 || head.reserved0 != 0 || !is_all_zero(head.reserved)) return std::nullopt;
  if (head.message_count > 4'096 || head.messages_bytes != bytes.size() - kHead) {
    return std::nullopt;
  }
  std::size_t offset = kHead;
  for (std::uint32_t i = 0; i < head.message_count; ++i) {
    if (bytes.size() - offset < 8 || at<std::uint16_t>(bytes, offset + 6) != 0) return std::nullopt;
    const std::size_t body = at<std::uint32_t>(bytes, offset);
    const std::size_t whole = 8 + up_to_8(body);
    if (bytes.size() - offset < whole) return std::nullopt;
    if (!is_all_zero(bytes.subspan(offset + 8 + body, whole - 8 - body))) return std::nullopt;
    payload.messages.push_back({.kind = at<std::uint16_t>(bytes, offset + 4),
                                .body = bytes.subspan(offset + 8, body),
                                .whole = bytes.subspan(offset, whole)});
    offset += whole;
  }
  if (offset != bytes.size()) return std::nullopt;
  return payload;
}

void ChannelReading::learn_sent(ByteSpan message) {
  ++sent_;
  const auto kind = static_cast<wire::MessageKind>(at<std::uint16_t>(message, 4));
  const ByteSpan body = message.subspan(8, at<std::uint32_t>(message, 0));
  if (kind == wire::MessageKind::kInstruct) {
    const auto parts = read_instruct(body);
    if (!parts) return;
    settlements_[parts->head.id] = {.is_ours = true, .legs = parts->legs};
  } else if (kind == wire::MessageKind::kRecall) {
    settlements_[at<wire::RecallRequest>(body, 0).settlement].is_recalled = true;
  } else if (kind == wire::MessageKind::kReconcileRequest) {
    own_figures_[at<wire::ReconcileHead>(body, 0).id] = false;
  }
}

bool ChannelReading::is_signed_by_liar(ByteSpan envelope) const {
  const auto parts = read_envelope(envelope);
  if (!parts) return false;
  return std::ranges::any_of(keys_, [&](const wire::KeyRecord& record) {
    if (record.key_id != parts->key || record.suite != parts->suite) return false;
    const auto suite = static_cast<wire::Suite>(record.suite);
    const auto key = crypto::PublicKey::from_der(suite, record.der_view());
    return key && crypto::check(*key, {.suite = suite,
                                       .key_id = parts->key,
                                       .payload = parts->payload,
                                       .signature = parts->signature})
                      .has_value();
  });
}

Code ChannelReading::judge_key(base::KeyId id, base::Timestamp now) const {
  for (const wire::KeyRecord& key : keys_) {
    if (key.key_id != id) continue;
    return now < key.valid_from || now >= key.valid_to ? Code::kKeyNotValid : Code::kOk;
  }
  return Code::kKeyUnknown;
}

std::pair<Code, std::size_t> ChannelReading::judge_place(const Payload& payload) const {
  const std::uint64_t first = payload.head.first_seqno.value();
  if (first == 0) return {Code::kPayloadMalformed, 0};
  if (first > cursor() + 1) return {Code::kChannelGap, 0};
  const auto repeated = static_cast<std::size_t>(
      std::min<std::uint64_t>(cursor() - (first - 1), payload.messages.size()));
  base::Digest chain = payload.head.chain_before;
  for (std::size_t i = 0; i < repeated; ++i) {
    chain = crypto::chain_next(chain, payload.messages[i].whole);
  }
  const std::uint64_t place = first - 1 + repeated;
  const bool is_remembered = place == 0 || cursor() - place < machine::kChainsRemembered;
  if (is_remembered && chain != chains_[static_cast<std::size_t>(place)]) {
    return {Code::kChannelHash, 0};
  }
  return {Code::kOk, repeated};
}

Verdict ChannelReading::judge(ByteSpan envelope, base::Timestamp now, const Closed& closed,
                              std::uint64_t sent_after) {
  last_read_.clear();
  if (halted_ != Code::kOk) return {Code::kPeerHalted, cursor()};
  const auto halt = [this](Code code) {
    halted_ = code;
    return Verdict{code, cursor()};
  };
  const auto parts = read_envelope(envelope);
  if (!parts) return halt(Code::kPayloadMalformed);
  const Code key = judge_key(parts->key, now);
  if (key == Code::kKeyNotValid) return {key, cursor()};
  if (key != Code::kOk) return halt(key);
  const auto payload = read_payload(parts->payload);
  if (!payload) return halt(Code::kPayloadMalformed);
  if (payload->head.from != liar_ || payload->head.to != honest_) {
    return halt(Code::kWrongAddressee);
  }
  if (payload->head.acknowledged.value() > sent_) return halt(Code::kAckAhead);
  const auto [place, repeated] = judge_place(*payload);
  if (place != Code::kOk) return halt(place);
  for (std::size_t i = repeated; i < payload->messages.size(); ++i) {
    const Message& message = payload->messages[i];
    last_read_.push_back({cursor() + 1, crypto::sha256(message.whole)});
    const Code code = judge_message(message, closed, sent_after);
    if (code != Code::kOk) return halt(code);
    chains_.push_back(crypto::chain_next(chains_.back(), message.whole));
  }
  return {Code::kOk, cursor()};
}

Code ChannelReading::judge_message(const Message& message, const Closed& closed,
                                   std::uint64_t sent_after) {
  switch (message.kind) {
    case 1:
      return judge_instruct(message.body, closed);
    case 2:
      return judge_decision(message.body);
    case 3:
      return judge_recall(message.body);
    case 4:
      return judge_recall_answer(message.body);
    case 5:
      return judge_key_announcement(message.body);
    case 6:
      return judge_figures(message.body, /*is_request=*/true, sent_after);
    case 7:
      return judge_figures(message.body, /*is_request=*/false, sent_after);
    default:
      return Code::kMessageUnknown;
  }
}

void ChannelReading::close(CommandId id, bool is_settled) {
  ReadSettlement& settlement = settlements_.at(id);
  settlement.standing = is_settled ? Standing::kSettled : Standing::kRefused;
  if (!is_settled) return;
  for (const wire::Leg& leg : settlement.legs) {
    // A paying customer of the honest node credits the corridor.
    const bool honest_side_pays = (leg.direction == wire::Direction::kOut) == settlement.is_ours;
    net_[leg.asset] +=
        honest_side_pays ? base::i128{leg.amount_minor} : -base::i128{leg.amount_minor};
  }
}

bool ChannelReading::pays_more_than_it_holds(std::span<const wire::Leg> legs) const {
  std::map<base::AssetId, base::i128> paid;
  for (const wire::Leg& leg : legs) {
    const auto issuer = issuers_.find(leg.asset);
    if (leg.direction == wire::Direction::kIn || issuer == issuers_.end()) continue;
    const bool is_amount = leg.amount_minor >= 0 && leg.amount_minor <= 100'000'000'000'000'000;
    if (issuer->second == honest_ && is_amount) paid[leg.asset] += leg.amount_minor;
  }
  return std::ranges::any_of(paid, [&](const auto& entry) {
    const auto held = net_.find(entry.first);
    return entry.second > (held == net_.end() ? base::i128{0} : held->second);
  });
}

Code ChannelReading::judge_instruct(ByteSpan body, const Closed& closed) {
  const auto parts = read_instruct(body);
  if (!parts || parts->head.initiator != liar_ || parts->head.responder != honest_) {
    return Code::kPayloadMalformed;
  }
  const CommandId id = parts->head.id;
  if (id.value() == 0 || id.value() == ~base::u128{0}) return Code::kPayloadMalformed;
  if (parts->legs.empty() || parts->legs.size() > 16 || parts->head.details_bytes > 4'096) {
    return Code::kPayloadMalformed;
  }
  if (settlements_known_.contains(id)) {
    const auto known = settlements_.find(id);
    const bool is_liars = known != settlements_.end() && !known->second.is_ours;
    return is_liars ? Code::kInstructionRepeated : Code::kOk;
  }
  if (pays_more_than_it_holds(parts->legs)) return Code::kCorridorExceeded;
  settlements_[id] = {.is_ours = false, .legs = parts->legs};
  settlements_known_.insert(id);
  const auto end = closed.find(id);
  if (end != closed.end()) close(id, end->second == wire::SettlementStatus::kSettled);
  return Code::kOk;
}

Code ChannelReading::judge_decision(ByteSpan body) {
  if (body.size() != sizeof(wire::Decision)) return Code::kPayloadMalformed;
  const auto decision = at<wire::Decision>(body, 0);
  if (decision.reserved0 != 0 || decision.reserved1 != 0 || decision.reserved2 != 0) {
    return Code::kPayloadMalformed;
  }
  const auto found = settlements_.find(decision.settlement);
  if (found == settlements_.end() || !found->second.is_ours) return Code::kDecisionUnknown;
  if (found->second.standing != Standing::kOpen) return Code::kDecisionRepeated;
  found->second.liars_decision = decision.code;
  close(decision.settlement, decision.code == Code::kOk);
  return Code::kOk;
}

Code ChannelReading::judge_recall(ByteSpan body) const {
  if (body.size() != sizeof(wire::RecallRequest)) return Code::kPayloadMalformed;
  const auto recall = at<wire::RecallRequest>(body, 0);
  if (recall.reserved != 0 || recall.reserved1 != 0) return Code::kPayloadMalformed;
  return settlements_known_.contains(recall.settlement) ? Code::kOk : Code::kDecisionUnknown;
}

Code ChannelReading::judge_recall_answer(ByteSpan body) const {
  if (body.size() != sizeof(wire::RecallAnswer)) return Code::kPayloadMalformed;
  const auto answer = at<wire::RecallAnswer>(body, 0);
  if (answer.reserved0 != 0 || answer.reserved1 != 0) return Code::kPayloadMalformed;
  const auto found = settlements_.find(answer.settlement);
  const bool is_asked =
      found != settlements_.end() && found->second.is_ours && found->second.is_recalled;
  return is_asked ? Code::kOk : Code::kDecisionUnknown;
}

Code ChannelReading::judge_key_announcement(ByteSpan body) {
  if (body.size() != sizeof(wire::KeyAnnouncement)) return Code::kPayloadMalformed;
  const auto announcement = at<wire::KeyAnnouncement>(body, 0);
  const wire::KeyRecord& key = announcement.key;
  if (key.reserved0 != 0 || key.reserved1 != 0 || !is_all_zero(key.reserved)) {
    return Code::kPayloadMalformed;
  }
  if (key.der_bytes == 0 || key.der_bytes > key.der.size()) return Code::kPayloadMalformed;
  if (!is_all_zero(ByteSpan{key.der}.subspan(key.der_bytes))) return Code::kPayloadMalformed;
  if (key.valid_to <= key.valid_from) return Code::kPayloadMalformed;
  const auto suite = static_cast<wire::Suite>(key.suite);
  if (crypto::key_id_of(suite, key.der_view()) != key.key_id) return Code::kPayloadMalformed;
  if (std::ranges::find(keys_, key.key_id, &wire::KeyRecord::key_id) != keys_.end()) {
    return Code::kOk;
  }
  base::Timestamp& end = keys_.back().valid_to;
  if (keys_.size() >= 64 || std::min(end, announcement.previous_valid_to) < key.valid_from) {
    return Code::kPayloadMalformed;
  }
  end = std::min(end, announcement.previous_valid_to);
  keys_.push_back(key);
  return Code::kOk;
}

Code ChannelReading::judge_figures(ByteSpan body, bool is_request, std::uint64_t sent_after) {
  if (body.size() < sizeof(wire::ReconcileHead)) return Code::kPayloadMalformed;
  const auto head = at<wire::ReconcileHead>(body, 0);
  if (head.reserved0 != 0 || head.reserved1 != 0) return Code::kPayloadMalformed;
  if (head.position_count > 1'024 || head.in_flight_count > 256) return Code::kPayloadMalformed;
  const std::size_t bytes = sizeof head + head.position_count * sizeof(wire::ReconcilePosition) +
                            head.in_flight_count * sizeof(CommandId);
  if (body.size() != bytes) return Code::kPayloadMalformed;
  const base::i128 most = static_cast<base::i128>(base::u128{1} << 125);
  for (std::size_t i = 0; i < head.position_count; ++i) {
    const auto position =
        at<wire::ReconcilePosition>(body, sizeof head + i * sizeof(wire::ReconcilePosition));
    const bool is_inside = position.net_minor >= -most && position.net_minor <= most &&
                           position.in_flight_minor >= -most && position.in_flight_minor <= most;
    if (!is_inside || position.reserved0 != 0 || position.reserved1 != 0) {
      return Code::kPayloadMalformed;
    }
  }
  if (is_request) {
    if (head.in_flight_count != 0 || head.code != Code::kOk) return Code::kPayloadMalformed;
    if (head.seen.value() > sent_after) return Code::kAckAhead;
    return liars_figures_.insert(head.id).second ? Code::kOk : Code::kInstructionRepeated;
  }
  const auto asked = own_figures_.find(head.id);
  if (asked == own_figures_.end()) return Code::kDecisionUnknown;
  return std::exchange(asked->second, true) ? Code::kDecisionRepeated : Code::kOk;
}

}  // namespace hugang::simulation
