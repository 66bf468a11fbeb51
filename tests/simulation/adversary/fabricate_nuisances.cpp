// Contradictions, floods and false reports; and the look-up of all fabrications.
#include <array>

#include "clearing/wire/batch.hpp"
#include "tests/simulation/adversary/fabrications.hpp"

namespace hugang::simulation {
namespace {

using machine::Code;

constexpr base::Timestamp kForEver{INT64_MAX};

/// A refusal with a code that no responder gives.
bool decision_nonsense(Liar& liar, Voice& voice) {
  for (auto& [id, demand] : voice.demands) {
    if (demand.decided) continue;
    const std::array<Code, 5> codes{static_cast<Code>(65'535), static_cast<Code>(7),
                                    Code::kAwaitingAffirmation, Code::kPeerHalted,
                                    Code::kChannelGap};
    demand.decided = codes[static_cast<std::size_t>(liar.random().below(codes.size()))];
    wire::Decision decision;
    decision.settlement = id;
    decision.code = *demand.decided;
    decision.decided_at = base::Timestamp{liar.random().chance(500) ? INT64_MIN : INT64_MAX};
    decision.responder_seqno = base::Seqno{UINT64_MAX};
    liar.tell(LieKind::kDecisionNonsense, voice, wire::MessageKind::kDecision, decision, id);
    return true;
  }
  return false;
}

bool foreign_key_announced(Liar& liar, Voice& voice) {
  for (const auto& [node, other] : liar.voices()) {
    if (node == voice.victim || voice.foreign_keys.contains(node)) continue;
    const wire::KeyAnnouncement announcement{.previous_valid_to = kForEver, .key = other.key};
    liar.tell(LieKind::kForeignKeyAnnounced, voice, wire::MessageKind::kKeyAnnouncement,
              announcement);
    voice.foreign_keys.insert(node);
    return true;
  }
  return false;
}

bool ack_backwards(Liar& liar, Voice& voice) {
  if (voice.applied == 0) return false;
  voice.acks_backwards = true;
  liar.note(LieKind::kAckBackwards, voice);
  return true;
}

bool flood(Liar& liar, Voice& voice) {
  if (!voice.knows_cursor || voice.said.empty()) return false;
  const std::uint64_t at = std::max<std::uint64_t>(voice.cursor, 1);
  if (voice.said[static_cast<std::size_t>(at - 1)].bytes.empty()) return false;
  const base::Bytes envelope = peer::seal_bytes(liar.key(Liar::kFirst), voice.payload(at, at));
  liar.note(LieKind::kFlood, voice);
  for (auto n = liar.random().between(20, 100); n > 0; --n) liar.send_envelope(voice, envelope);
  return true;
}

bool many_connections(Liar& liar, Voice& voice) {
  liar.note(LieKind::kManyConnections, voice);
  for (auto n = liar.random().between(100, 300); n > 0; --n) liar.dial(voice);
  return true;
}

bool talks_before_asked(Liar& liar, Voice& voice) {
  if (voice.said.empty() || voice.said.back().bytes.empty()) return false;
  liar.note(LieKind::kTalksBeforeAsked, voice);
  liar.dial(voice);
  const std::uint64_t last = voice.said.size();
  liar.send_envelope(voice, peer::seal_bytes(liar.key(Liar::kFirst), voice.payload(last, last)));
  return true;
}

/// Told when the occasion comes, not by decision: see Liar::report, hear_recall, hear_figures.
bool at_its_occasion(Liar& /*liar*/, Voice& /*voice*/) { return false; }

constexpr auto kFabrications = std::to_array<Fabrication>({
    {LieKind::kDecisionNonsense, decision_nonsense},
    {LieKind::kRecallAnswerContradicts, at_its_occasion},
    {LieKind::kFalseFigures, at_its_occasion},
    {LieKind::kFiguresExplainedAway, at_its_occasion},
    {LieKind::kForeignKeyAnnounced, foreign_key_announced},
    {LieKind::kAckBackwards, ack_backwards},
    {LieKind::kReportAhead, at_its_occasion},
    {LieKind::kReportForgets, at_its_occasion},
    {LieKind::kReportOtherChain, at_its_occasion},
    {LieKind::kFlood, flood},
    {LieKind::kManyConnections, many_connections},
    {LieKind::kTalksBeforeAsked, talks_before_asked},
});

}  // namespace

std::span<const Fabrication> nuisance_fabrications() { return kFabrications; }

bool fabricate(LieKind kind, Liar& liar, Voice& voice) {
  for (const auto family : {envelope_fabrications(), message_fabrications(),
                            instruction_fabrications(), nuisance_fabrications()}) {
    for (const Fabrication& fabrication : family) {
      if (fabrication.kind == kind) return fabrication.tell(liar, voice);
    }
  }
  HG_CHECK(false && "every kind of lie has a maker");
  return false;
}

base::Bytes mirrored_figures(base::ByteSpan request, std::int64_t off, std::int64_t explained) {
  wire::ReconcileHead head =
      wire::read_record<wire::ReconcileHead>(request.first(sizeof(wire::ReconcileHead)));
  base::Bytes answer{request.begin(), request.end()};
  head.in_flight_count = 0;
  head.code = Code::kOk;
  __builtin_memcpy(answer.data(), &head, sizeof head);
  for (std::size_t i = 0; i < head.position_count; ++i) {
    const std::size_t at = sizeof head + i * sizeof(wire::ReconcilePosition);
    wire::ReconcilePosition position;
    __builtin_memcpy(&position, answer.data() + at, sizeof position);
    // own == -net + in_flight must hold: `off` breaks it, `explained` mends it.
    position.net_minor = -position.net_minor + (i == 0 ? off : 0);
    position.in_flight_minor = i == 0 ? explained : 0;
    __builtin_memcpy(answer.data() + at, &position, sizeof position);
  }
  return answer;
}

bool falsify(LieKind kind, Liar& liar, Voice& voice, peer::Report& report) {
  switch (kind) {
    case LieKind::kReportAhead:
      report.applied = base::ChannelSeqno{voice.applied + 1 + liar.random().below(1'000'000)};
      return true;
    case LieKind::kReportForgets: {
      if (voice.applied == 0) return false;
      const std::uint64_t n = liar.random().below(voice.applied);
      report.applied = base::ChannelSeqno{n};
      report.chain = n == 0 ? base::Digest{} : voice.heard_chains[static_cast<std::size_t>(n - 1)];
      return true;
    }
    case LieKind::kReportOtherChain:
      report.chain.bytes[0] ^= std::byte{1};
      return true;
    default:
      return false;
  }
}

}  // namespace hugang::simulation
