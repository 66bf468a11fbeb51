// Envelopes, signed by the liar, that say something wrong about their place, their form or their
// addressee; and bytes that no signature stands behind.
#include <array>

#include "clearing/machine/limits.hpp"
#include "clearing/wire/batch.hpp"
#include "crypto/envelope.hpp"
#include "tests/simulation/adversary/fabrications.hpp"

namespace hugang::simulation {
namespace {

constexpr base::Timestamp kForEver{INT64_MAX};

bool is_ready(const Voice& voice) { return voice.outgoing != 0 && voice.knows_cursor; }

/// An instruction that nobody has seen yet, as a message.
std::optional<base::Bytes> new_message(Liar& liar, const Voice& voice) {
  const auto instruction = liar.draw_payment(voice);
  if (!instruction) return std::nullopt;
  return wire::encode_message(wire::MessageKind::kInstruct,
                              wire::encode_instruct(instruction->head, instruction->legs, {}));
}

base::Bytes one_message(const wire::PayloadHead& head, base::ByteSpan message) {
  return wire::encode_payload(head, std::span{&message, 1});
}

void tell_signed(LieKind kind, Liar& liar, Voice& voice, base::Bytes payload,
                 std::uint32_t key = Liar::kFirst) {
  liar.tell_envelope(kind, voice, peer::seal_bytes(liar.key(key), std::move(payload)));
}

/// Changes the head of what would be in order as the victim's next message.
template <class Change>
bool tell_changed(LieKind kind, Liar& liar, Voice& voice, Change change) {
  if (!is_ready(voice)) return false;
  const auto message = new_message(liar, voice);
  if (!message) return false;
  wire::PayloadHead head = voice.head_at(voice.cursor + 1);
  change(head);
  tell_signed(kind, liar, voice, one_message(head, *message));
  return true;
}

/// Changes the bytes of what would be in order as the victim's next message.
template <class Change>
bool tell_spoilt(LieKind kind, Liar& liar, Voice& voice, Change change) {
  if (!is_ready(voice)) return false;
  const auto message = new_message(liar, voice);
  if (!message) return false;
  base::Bytes payload = one_message(voice.head_at(voice.cursor + 1), *message);
  change(payload);
  tell_signed(kind, liar, voice, std::move(payload));
  return true;
}

bool equivocate(LieKind kind, Liar& liar, Voice& voice, std::uint64_t at) {
  if (voice.said[static_cast<std::size_t>(at - 1)].bytes.empty()) return false;
  const auto message = new_message(liar, voice);
  if (!message) return false;
  tell_signed(kind, liar, voice, one_message(voice.head_at(at), *message));
  return true;
}

bool equivocation_on_newest(Liar& liar, Voice& voice) {
  if (!is_ready(voice) || voice.cursor == 0) return false;
  return equivocate(LieKind::kEquivocationOnNewest, liar, voice, voice.cursor);
}

bool equivocation_on_older(Liar& liar, Voice& voice) {
  if (!is_ready(voice) || voice.cursor < 2) return false;
  const std::uint64_t reach = std::min(voice.cursor - 1, kEquivocationReach - 1);
  const std::uint64_t at = voice.cursor - 1 - liar.random().below(reach);
  return equivocate(LieKind::kEquivocationOnOlder, liar, voice, at);
}

/// A receiver on an ordered stream takes a gap for a breach only where nothing can explain it:
/// right after it said where to begin.
bool gap(Liar& liar, Voice& voice) {
  if (!is_ready(voice) || voice.sent > voice.cursor || liar.random().chance(300)) {
    voice.gap_at_next_report = true;
    liar.dial(voice);
    return true;
  }
  const auto message = new_message(liar, voice);
  if (!message) return false;
  wire::PayloadHead head = voice.head_at(voice.said.size() + 1);
  const std::uint64_t wide = liar.random().chance(100) ? UINT64_MAX / 2 : 1'000;
  head.first_seqno = base::ChannelSeqno{head.first_seqno.value() + 1 + liar.random().below(wide)};
  tell_signed(LieKind::kGap, liar, voice, one_message(head, *message));
  return true;
}

bool wrong_chain(Liar& liar, Voice& voice) {
  return tell_changed(LieKind::kWrongChain, liar, voice, [&](wire::PayloadHead& head) {
    head.chain_before.bytes[static_cast<std::size_t>(liar.random().below(32))] ^= std::byte{1};
  });
}

bool wrong_addressee(Liar& liar, Voice& voice) {
  return tell_changed(LieKind::kWrongAddressee, liar, voice, [&](wire::PayloadHead& head) {
    if (liar.random().chance(500)) {
      head.to = base::NodeId{static_cast<std::uint32_t>(liar.random().between(5'000, 6'000))};
    } else {
      head.from = voice.victim;
    }
  });
}

/// What was really said to another node, or what could have been.
bool envelope_for_another(Liar& liar, Voice& voice) {
  if (!is_ready(voice)) return false;
  for (const auto& [node, other] : liar.voices()) {
    if (node == voice.victim || liar.random().chance(300)) continue;
    const bool has_said = other.cursor > 0 && !other.said.front().bytes.empty();
    if (has_said && liar.random().chance(300)) {
      tell_signed(LieKind::kEnvelopeForAnother, liar, voice, other.payload(1, 1));
      return true;
    }
    return tell_changed(LieKind::kEnvelopeForAnother, liar, voice,
                        [&](wire::PayloadHead& head) { head.to = node; });
  }
  return false;
}

bool ack_ahead(Liar& liar, Voice& voice) {
  return tell_changed(LieKind::kAckAhead, liar, voice, [&](wire::PayloadHead& head) {
    head.acknowledged = base::ChannelSeqno{1'000'000 + liar.random().below(UINT64_MAX / 2)};
  });
}

bool payload_truncated(Liar& liar, Voice& voice) {
  return tell_spoilt(LieKind::kPayloadTruncated, liar, voice, [&](base::Bytes& payload) {
    payload.resize(static_cast<std::size_t>(liar.random().below(payload.size())));
  });
}

bool payload_trailing(Liar& liar, Voice& voice) {
  return tell_spoilt(LieKind::kPayloadTrailing, liar, voice, [&](base::Bytes& payload) {
    payload.resize(payload.size() + 1 + static_cast<std::size_t>(liar.random().below(64)));
  });
}

bool payload_reserved(Liar& liar, Voice& voice) {
  return tell_spoilt(LieKind::kPayloadReserved, liar, voice, [&](base::Bytes& payload) {
    // Of the payload's head, of its end, or of the message's head.
    const std::array<std::size_t, 3> places{6, 80 + liar.random().below(32),
                                            sizeof(wire::PayloadHead) + 6};
    payload[places[static_cast<std::size_t>(liar.random().below(3))]] = std::byte{1};
  });
}

bool payload_version(Liar& liar, Voice& voice) {
  return tell_spoilt(LieKind::kPayloadVersion, liar, voice, [&](base::Bytes& payload) {
    payload[liar.random().chance(500) ? 0 : 4] ^= std::byte{2};
  });
}

bool payload_count(Liar& liar, Voice& voice) {
  return tell_spoilt(LieKind::kPayloadCount, liar, voice, [&](base::Bytes& payload) {
    const std::array<std::uint32_t, 4> counts{0, 2, machine::kMessagesPerEnvelopeMax + 1,
                                              UINT32_MAX};
    const std::uint32_t count = counts[static_cast<std::size_t>(liar.random().below(4))];
    __builtin_memcpy(payload.data() + offsetof(wire::PayloadHead, message_count), &count,
                     sizeof count);
  });
}

bool payload_seqno_zero(Liar& liar, Voice& voice) {
  return tell_changed(LieKind::kPayloadSeqnoZero, liar, voice,
                      [](wire::PayloadHead& head) { head.first_seqno = {}; });
}

bool payload_padding(Liar& liar, Voice& voice) {
  if (!is_ready(voice)) return false;
  base::Bytes message = wire::encode_message(wire::MessageKind::kRecall, base::Bytes(13));
  message.back() = std::byte{1};
  tell_signed(LieKind::kPayloadPadding, liar, voice,
              one_message(voice.head_at(voice.cursor + 1), message));
  return true;
}

bool payload_empty(Liar& liar, Voice& voice) {
  if (!is_ready(voice)) return false;
  tell_signed(LieKind::kPayloadEmpty, liar, voice,
              wire::encode_payload(voice.head_at(voice.cursor + 1), {}));
  return true;
}

bool foreign_signature(Liar& liar, Voice& voice) {
  if (!is_ready(voice)) return false;
  for (const auto& [node, other] : liar.voices()) {
    if (node == voice.victim || other.captured.empty()) continue;
    liar.tell_envelope(LieKind::kForeignSignature, voice, other.captured);
    return true;
  }
  return false;
}

bool damaged_signature(Liar& liar, Voice& voice) {
  if (!is_ready(voice)) return false;
  const auto message = new_message(liar, voice);
  if (!message) return false;
  auto envelope =
      crypto::seal(liar.key(Liar::kFirst), one_message(voice.head_at(voice.cursor + 1), *message));
  const auto at = static_cast<std::size_t>(liar.random().below(envelope.signature.size()));
  envelope.signature[at] ^= std::byte{1};
  liar.tell_envelope(LieKind::kDamagedSignature, voice, wire::encode_envelope(envelope));
  return true;
}

bool no_envelope(Liar& liar, Voice& voice) {
  if (!is_ready(voice)) return false;
  base::Bytes bytes(1 + static_cast<std::size_t>(liar.random().below(200)));
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(liar.random().below(256));
  liar.tell_envelope(LieKind::kNoEnvelope, voice, std::move(bytes));
  return true;
}

bool too_large(Liar& liar, Voice& voice) {
  // Megabytes: seldom enough not to fill the run with them.
  if (!is_ready(voice) || liar.random().chance(800)) return false;
  tell_signed(LieKind::kTooLarge, liar, voice, base::Bytes(machine::kEnvelopeBytesMax));
  return true;
}

/// Announces the key the first time; once the victim knows it, signs with it.
bool tell_with_key(LieKind kind, Liar& liar, Voice& voice, Liar::Key key, base::Timestamp from,
                   base::Timestamp to) {
  const auto announced = voice.announced.find(key);
  if (announced == voice.announced.end()) {
    const wire::KeyAnnouncement announcement{.previous_valid_to = kForEver,
                                             .key = liar.key_record(key, from, to)};
    voice.announced[key] =
        voice.say(wire::encode_message(wire::MessageKind::kKeyAnnouncement, announcement));
    return true;
  }
  if (!is_ready(voice) || announced->second > voice.cursor) return false;
  const auto message = new_message(liar, voice);
  if (!message) return false;
  tell_signed(kind, liar, voice, one_message(voice.head_at(voice.cursor + 1), *message), key);
  return true;
}

bool key_not_yet_valid(Liar& liar, Voice& voice) {
  const auto from = liar.now() + base::Duration::seconds(3'600'000);
  return tell_with_key(LieKind::kKeyNotYetValid, liar, voice, Liar::kFuture, from, kForEver);
}

bool key_expired(Liar& liar, Voice& voice) {
  const auto from = liar.now() + base::Duration::seconds(-7'200'000);
  const auto to = liar.now() + base::Duration::seconds(-3'600'000);
  return tell_with_key(LieKind::kKeyExpired, liar, voice, Liar::kPast, from, to);
}

constexpr auto kFabrications = std::to_array<Fabrication>({
    {LieKind::kEquivocationOnNewest, equivocation_on_newest},
    {LieKind::kEquivocationOnOlder, equivocation_on_older},
    {LieKind::kGap, gap},
    {LieKind::kWrongChain, wrong_chain},
    {LieKind::kWrongAddressee, wrong_addressee},
    {LieKind::kEnvelopeForAnother, envelope_for_another},
    {LieKind::kAckAhead, ack_ahead},
    {LieKind::kPayloadTruncated, payload_truncated},
    {LieKind::kPayloadTrailing, payload_trailing},
    {LieKind::kPayloadReserved, payload_reserved},
    {LieKind::kPayloadVersion, payload_version},
    {LieKind::kPayloadCount, payload_count},
    {LieKind::kPayloadSeqnoZero, payload_seqno_zero},
    {LieKind::kPayloadPadding, payload_padding},
    {LieKind::kPayloadEmpty, payload_empty},
    {LieKind::kForeignSignature, foreign_signature},
    {LieKind::kDamagedSignature, damaged_signature},
    {LieKind::kNoEnvelope, no_envelope},
    {LieKind::kTooLarge, too_large},
    {LieKind::kKeyNotYetValid, key_not_yet_valid},
    {LieKind::kKeyExpired, key_expired},
});

}  // namespace

std::span<const Fabrication> envelope_fabrications() { return kFabrications; }

}  // namespace hugang::simulation
