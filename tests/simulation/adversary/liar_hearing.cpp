// What the liar makes of what an honest node sends it, on the connection that the node dialled.
#include "clearing/wire/batch.hpp"
#include "crypto/digest.hpp"
#include "services/peer/receiver.hpp"
#include "tests/simulation/adversary/fabrications.hpp"
#include "tests/simulation/adversary/liar.hpp"

namespace hugang::simulation {

void Liar::report(Voice& voice, bool resend) {
  if (voice.incoming == 0) return;
  peer::Report report{.applied = base::ChannelSeqno{voice.applied},
                      .chain = voice.applied_chain,
                      .resend = resend,
                      .halted = {}};
  for (const LieKind kind :
       {LieKind::kReportAhead, LieKind::kReportForgets, LieKind::kReportOtherChain}) {
    const bool tells = character_.tells[static_cast<std::size_t>(kind)] && !is_calm_;
    if (!tells || !random().chance(character_.lies)) continue;
    if (falsify(kind, *this, voice, report)) {
      note(kind, voice);
      hang_up_later(voice);
      break;
    }
  }
  world_.network.send(id_, voice.victim,
                      {.kind = PacketKind::kReport,
                       .connection = voice.incoming,
                       .is_for_dialler = true,
                       .report = std::move(report)});
}

/// The victim stops sending on a connection where the reports contradict its own record: a new one
/// lets it begin anew.
void Liar::hang_up_later(Voice& voice) {
  world_.scheduler.after(
      random().between(100, 3'000) * kMillisecond, [this, &voice, connection = voice.incoming] {
        if (voice.incoming != connection) return;
        voice.incoming = 0;
        world_.network.send(
            id_, voice.victim,
            {.kind = PacketKind::kClosed, .connection = connection, .is_for_dialler = true});
      });
}

void Liar::hear_envelope(Voice& voice, const Packet& packet) {
  const auto incoming = peer::verify_incoming(packet.envelope, voice.keys);
  if (!incoming || !incoming->has_place()) return report(voice, true);
  voice.captured = packet.envelope;
  if (incoming->first() > voice.applied + 1) return report(voice, true);
  const auto payload = wire::decode_payload(incoming->evidence().payload());
  HG_CHECK(payload.has_value());
  std::uint64_t seqno = incoming->first();
  for (const wire::MessageView& message : payload->messages) {
    if (seqno++ <= voice.applied) continue;
    voice.applied_chain = crypto::chain_next(voice.applied_chain, message.whole);
    voice.heard_chains.push_back(voice.applied_chain);
    voice.applied += 1;
    hear(voice, message);
  }
  if (!random().chance(character_.deaf)) report(voice, false);
  pump(voice);
}

void Liar::hear(Voice& voice, const wire::MessageView& message) {
  switch (message.head.kind) {
    case wire::MessageKind::kInstruct:
      return hear_instruct(voice, message.body);
    case wire::MessageKind::kDecision:
      return hear_decision(voice, message.body);
    case wire::MessageKind::kRecall:
      return hear_recall(voice, message.body);
    case wire::MessageKind::kKeyAnnouncement:
      return voice.keys.add(wire::read_record<wire::KeyAnnouncement>(message.body).key);
    case wire::MessageKind::kReconcileRequest:
      return hear_figures(voice, message.body);
    case wire::MessageKind::kRecallAnswer:
    case wire::MessageKind::kReconcileAnswer:
      return;
  }
}

void Liar::hear_instruct(Voice& voice, base::ByteSpan body) {
  const auto view = wire::decode_instruct(body);
  HG_CHECK(view.has_value());
  voice.demands[view->head.id] = {
      .head = view->head, .legs = {view->legs.begin(), view->legs.end()}, .decided = {}};
  voice.demand_order.push_back(view->head.id);
  if (!random().chance(character_.silent)) answer_later(voice, view->head.id);
}

void Liar::hear_decision(Voice& voice, base::ByteSpan body) {
  const auto decision = wire::read_record<wire::Decision>(body);
  for (OwnDemand& own : voice.own) {
    if (own.head.id != decision.settlement) continue;
    own.decided = decision.code;
    if (decision.code != machine::Code::kOk) continue;
    for (const wire::Leg& leg : own.legs) {
      if (leg.direction == wire::Direction::kIn) voice.holdings[leg.asset] += leg.amount_minor;
    }
  }
}

void Liar::hear_recall(Voice& voice, base::ByteSpan body) {
  const auto request = wire::read_record<wire::RecallRequest>(body);
  const auto found = voice.demands.find(request.settlement);
  if (found == voice.demands.end()) return;
  Demand& demand = found->second;
  wire::RecallAnswer answer;
  answer.recall = request.recall;
  answer.settlement = request.settlement;
  answer.at = now();
  const auto contradicts = LieKind::kRecallAnswerContradicts;
  const bool lies =
      character_.tells[static_cast<std::size_t>(contradicts)] && !is_calm_ && random().chance(500);
  if (!demand.decided && !lies) {
    decide(voice, demand, machine::Code::kRecalled);
    demand.is_recalled = true;
  } else if (demand.decided) {
    answer.code = *demand.decided == machine::Code::kOk ? machine::Code::kAlreadySettled
                                                        : machine::Code::kAlreadyRefused;
  }
  if (lies) {
    answer.code = random().chance(500) ? machine::Code::kOk : machine::Code::kAlreadySettled;
    tell(contradicts, voice, wire::MessageKind::kRecallAnswer, answer, request.settlement);
    return;
  }
  voice.say(wire::encode_message(wire::MessageKind::kRecallAnswer, answer));
}

void Liar::hear_figures(Voice& voice, base::ByteSpan body) {
  const auto head = wire::read_record<wire::ReconcileHead>(body.first(sizeof(wire::ReconcileHead)));
  const auto answer = wire::MessageKind::kReconcileAnswer;
  for (const LieKind kind : {LieKind::kFalseFigures, LieKind::kFiguresExplainedAway}) {
    if (is_calm_ || !character_.tells[static_cast<std::size_t>(kind)]) continue;
    if (head.position_count == 0 || !random().chance(500)) continue;
    const auto off = random().between(1, 1'000'000);
    const bool explains = kind == LieKind::kFiguresExplainedAway;
    tell(kind, voice, answer, mirrored_figures(body, off, explains ? off : 0), head.id);
    return;
  }
  if (random().chance(character_.silent)) return;
  voice.say(wire::encode_message(answer, mirrored_figures(body, 0, 0)));
}

}  // namespace hugang::simulation
