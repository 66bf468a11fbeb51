#include "tests/simulation/adversary/liar.hpp"

#include <algorithm>
#include <utility>

#include "clearing/wire/batch.hpp"
#include "crypto/digest.hpp"
#include "tests/simulation/adversary/fabrications.hpp"
#include "tests/simulation/adversary/setup_liar.hpp"
#include "tests/simulation/engine/clock.hpp"
#include "tests/simulation/engine/keys.hpp"
#include "tests/unit/crypto/fixtures.hpp"

namespace hugang::simulation {
namespace {

constexpr VirtualTime kStallLimit = 2 * kSecond;
constexpr std::uint64_t kMessagesPerEnvelope = 8;
constexpr std::uint64_t kUnderWayMax = 32;

crypto::PrivateKey liars_key(base::NodeId id, std::uint32_t n) {
  const std::string name = "liar's key " + std::to_string(id.value()) + "/" + std::to_string(n);
  return crypto::test::ed25519_key(base::to_hex(crypto::sha256(base::as_bytes(name)).bytes));
}

}  // namespace

Character Character::draw(Random& random) {
  Character character;
  character.lies = static_cast<std::uint32_t>(random.between(5, 150));
  character.demands = static_cast<std::uint32_t>(random.between(50, 400));
  character.silent = random.chance(500) ? static_cast<std::uint32_t>(random.below(400)) : 0;
  character.refuses = static_cast<std::uint32_t>(random.below(500));
  character.deaf = random.chance(300) ? static_cast<std::uint32_t>(random.below(200)) : 0;
  character.repeats_breach = static_cast<std::uint32_t>(random.below(400));
  static constexpr VirtualTime kPaces[] = {100 * kMillisecond, 500 * kMillisecond, 4 * kSecond};
  character.pace = kPaces[random.below(std::size(kPaces))];
  character.lies_max = static_cast<std::uint32_t>(random.between(1, 80));
  character.demands_max = static_cast<std::uint32_t>(random.between(5, 150));
  // A liar of few kinds gets further between two halts than one of all.
  const auto breadth = static_cast<std::uint32_t>(random.between(30, 1000));
  for (bool& tells : character.tells) tells = random.chance(breadth);
  return character;
}

Character Character::of(LieKind kind) {
  Character character;
  character.tells[static_cast<std::size_t>(kind)] = true;
  character.deaf = 0;
  return character;
}

Liar::Liar(base::NodeId id, Surroundings world, const Book& book, Character character)
    : id_{id}, world_{world}, book_{book}, character_{character} {
  for (std::uint32_t n = 0; n < kKeys; ++n) keys_.push_back(liars_key(id, n));
}

wire::KeyRecord Liar::key_record(std::uint32_t n, base::Timestamp from, base::Timestamp to) const {
  return key_record_of(keys_[n].public_key(), from, to);
}

base::Timestamp Liar::now() const { return base::Timestamp{kEpochNs + world_.scheduler.now()}; }

base::AssetId Liar::own_asset() const { return asset_of_liar(); }

void Liar::meet(base::NodeId honest, const wire::KeyRecord& key) {
  Voice& voice = voices_.try_emplace(honest, id_, honest).first->second;
  voice.keys.add(key);
  voice.key = key;
}

void Liar::begin() {
  world_.scheduler.after(world_.random.between(0, 100 * kMillisecond), [this] { beat(); });
}

const KnownAccount* Liar::any_account(base::NodeId of, base::AssetId asset,
                                      wire::AccountKind kind) {
  std::vector<const KnownAccount*> fitting;
  for (const KnownAccount& account : book_.accounts) {
    if (account.city == of && account.asset == asset && account.kind == kind) {
      fitting.push_back(&account);
    }
  }
  return fitting.empty() ? nullptr : random().pick(fitting);
}

// ---- What it does of itself ---------------------------------------------------------------------

void Liar::beat() {
  for (auto& [node, voice] : voices_) {
    act(voice);
    const bool is_waiting = !voice.knows_cursor || voice.sent > voice.cursor;
    const bool is_stalled = world_.scheduler.now() - voice.last_progress >= kStallLimit;
    if (voice.outgoing == 0 || (is_waiting && is_stalled)) dial(voice);
    pump(voice);
  }
  world_.scheduler.after(random().between(character_.pace / 2, character_.pace * 3 / 2),
                         [this] { beat(); });
}

void Liar::act(Voice& voice) {
  if (is_calm_) return;
  if (demands_ < character_.demands_max && random().chance(character_.demands)) {
    ++demands_;
    make_demand(voice);
  }
  if (lies_.size() < character_.lies_max && random().chance(character_.lies)) lie(voice);
}

void Liar::lie(Voice& voice) {
  std::vector<LieKind> kinds;
  for (std::size_t i = 0; i < kLieKinds; ++i) {
    if (character_.tells[i]) kinds.push_back(static_cast<LieKind>(i));
  }
  for (int tries = 0; tries < 3 && !kinds.empty(); ++tries) {
    if (fabricate(random().pick(kinds), *this, voice)) return;
  }
}

std::optional<Liar::Instruction> Liar::draw_payment(const Voice& voice) {
  const auto kind = wire::AccountKind::kCustomer;
  const KnownAccount* own = any_account(id_, own_asset(), kind);
  const KnownAccount* other = any_account(voice.victim, own_asset(), kind);
  if (own == nullptr || other == nullptr) return std::nullopt;
  Instruction instruction;
  instruction.head.id = new_id();
  instruction.head.initiator = id_;
  instruction.head.responder = voice.victim;
  instruction.head.decide_by = now() + base::Duration::milliseconds(random().between(500, 20'000));
  wire::Leg leg;
  leg.initiator_account = own->number;
  leg.responder_account = other->number;
  leg.asset = own_asset();
  leg.amount_minor = random().between(1, 50'000);
  instruction.legs.push_back(leg);
  return instruction;
}

/// A payment, an exchange, a payment of what it holds, or a question about figures.
void Liar::make_demand(Voice& voice) {
  if (random().chance(30)) {
    wire::ReconcileHead head;
    head.id = new_id();
    head.business_date = 20'260'101;
    head.seen = base::ChannelSeqno{voice.applied};
    voice.say(wire::encode_message(wire::MessageKind::kReconcileRequest, head));
    return;
  }
  if (!voice.announced.contains(kFresh) && random().chance(30)) {
    const wire::KeyAnnouncement announcement{
        .previous_valid_to = base::Timestamp{INT64_MAX},
        .key = key_record(kFresh, base::Timestamp{1}, base::Timestamp{INT64_MAX})};
    voice.announced[kFresh] =
        voice.say(wire::encode_message(wire::MessageKind::kKeyAnnouncement, announcement));
    return;
  }
  if (!voice.own.empty() && random().chance(50)) {
    wire::RecallRequest recall;
    recall.recall = new_id();
    recall.settlement = random().pick(voice.own).head.id;
    HG_CHECK(recall.reason.assign("CUST"));
    voice.say(wire::encode_message(wire::MessageKind::kRecall, recall));
    return;
  }
  auto instruction = draw_payment(voice);
  if (!instruction) return;
  if (random().chance(100) && give_back(voice, instruction->head)) return;
  wire::Leg& given = instruction->legs.front();
  const KnownAccount* taken = nullptr;
  for (const KnownAccount& account : book_.accounts) {
    const bool fits = account.city == voice.victim && account.asset != own_asset() &&
                      account.kind == wire::AccountKind::kCustomer;
    if (!fits || any_account(id_, account.asset, account.kind) == nullptr) continue;
    if (taken == nullptr || random().chance(300)) taken = &account;
  }
  if (taken != nullptr && random().chance(300)) {
    wire::Leg leg = given;
    leg.direction = wire::Direction::kIn;
    leg.asset = taken->asset;
    leg.responder_account = taken->number;
    leg.initiator_account = any_account(id_, taken->asset, taken->kind)->number;
    instruction->legs.push_back(leg);
    instruction->head.kind =
        random().chance(500) ? wire::SettlementKind::kPvp : wire::SettlementKind::kDvp;
  } else if (taken != nullptr && voice.holdings[taken->asset] > 8 && random().chance(500)) {
    given.asset = taken->asset;
    given.responder_account = taken->number;
    given.initiator_account = any_account(id_, taken->asset, taken->kind)->number;
    given.amount_minor = random().between(1, voice.holdings[taken->asset] / 8);
    voice.holdings[taken->asset] -= given.amount_minor;
  }
  voice.say(wire::encode_message(wire::MessageKind::kInstruct,
                                 wire::encode_instruct(instruction->head, instruction->legs, {})));
  voice.own.push_back({instruction->head, instruction->legs, std::nullopt});
}

/// A return, in order in every way, of a part of what the victim's customer paid.
bool Liar::give_back(Voice& voice, wire::InstructHead head) {
  for (const auto& [id, demand] : voice.demands) {
    if (demand.decided != machine::Code::kOk || !random().chance(300)) continue;
    const wire::Leg& paid = demand.legs.front();
    if (paid.direction != wire::Direction::kOut) continue;
    wire::Leg leg = paid;
    std::swap(leg.initiator_account, leg.responder_account);
    leg.amount_minor = random().between(1, paid.amount_minor);
    if (leg.asset != own_asset() && voice.holdings[leg.asset] < 2 * leg.amount_minor) continue;
    head.kind = wire::SettlementKind::kReturn;
    head.original_id = id;
    if (leg.asset != own_asset()) voice.holdings[leg.asset] -= leg.amount_minor;
    const std::vector<wire::Leg> legs{leg};
    voice.say(
        wire::encode_message(wire::MessageKind::kInstruct, wire::encode_instruct(head, legs, {})));
    voice.own.push_back({head, legs, std::nullopt});
    return true;
  }
  return false;
}

void Liar::decide(Voice& voice, Demand& demand, machine::Code code) {
  wire::Decision decision;
  decision.settlement = demand.head.id;
  decision.code = code;
  decision.decided_at = now();
  decision.responder_seqno = base::Seqno{random().below(1'000'000)};
  voice.say(wire::encode_message(wire::MessageKind::kDecision, decision));
  demand.decided = code;
  ++decisions_;
  if (code != machine::Code::kOk) return;
  for (const wire::Leg& leg : demand.legs) {
    if (leg.direction == wire::Direction::kOut) voice.holdings[leg.asset] += leg.amount_minor;
    if (leg.direction == wire::Direction::kIn) voice.holdings[leg.asset] -= leg.amount_minor;
  }
}

void Liar::answer_later(Voice& voice, base::CommandId id) {
  world_.scheduler.after(random().between(5, 2'000) * kMillisecond, [this, &voice, id] {
    const auto found = voice.demands.find(id);
    if (found == voice.demands.end() || found->second.decided) return;
    const bool refuses = random().chance(character_.refuses);
    decide(voice, found->second, refuses ? machine::Code::kDeclined : machine::Code::kOk);
    pump(voice);
  });
}

// ---- Telling lies -------------------------------------------------------------------------------

void Liar::note(LieKind kind, const Voice& voice) {
  world_.trace.note(id_, "lies to node {a}: {n}", voice.victim.value(),
                    static_cast<std::uint64_t>(kind), rule_of(kind).name);
  lies_.push_back({.kind = kind, .victim = voice.victim});
}

void Liar::tell(LieKind kind, Voice& voice, wire::MessageKind message, base::ByteSpan body,
                base::CommandId id) {
  note(kind, voice);
  base::Bytes bytes = wire::encode_message(message, body);
  lies_.back().subject = crypto::sha256(bytes);
  lies_.back().id = id;
  voice.say(std::move(bytes), rule_of(kind).answer == Answer::kHaltsAtMessage);
}

void Liar::tell_envelope(LieKind kind, Voice& voice, base::Bytes envelope) {
  note(kind, voice);
  lies_.back().subject = crypto::sha256(envelope);
  send_envelope(voice, std::move(envelope));
}

void Liar::send_envelope(Voice& voice, base::Bytes envelope) {
  world_.network.send(id_, voice.victim,
                      {.kind = PacketKind::kEnvelope,
                       .connection = voice.outgoing,
                       .envelope = std::move(envelope)});
}

// ---- The connection that it dials ---------------------------------------------------------------

void Liar::open_connection(Voice& voice) {
  // As unique as those of the cities.
  voice.outgoing = (++next_connection_ * 100 + voice.victim.value()) * 100 + id_.value();
  voice.knows_cursor = false;
  world_.network.send(id_, voice.victim, {.kind = PacketKind::kOpen, .connection = voice.outgoing});
}

void Liar::dial(Voice& voice) {
  voice.last_progress = world_.scheduler.now();
  open_connection(voice);
}

const crypto::PrivateKey& Liar::draw_key(Voice& voice) {
  const auto fresh = voice.announced.find(kFresh);
  const bool may = fresh != voice.announced.end() && fresh->second <= voice.cursor;
  return keys_[may && random().chance(500) ? kFresh : kFirst];
}

void Liar::pump(Voice& voice) {
  if (!voice.knows_cursor || voice.is_halted) return;
  while (voice.sent < voice.said.size() && voice.sent - voice.cursor < kUnderWayMax) {
    if (voice.sent == voice.cursor) voice.last_progress = world_.scheduler.now();
    const std::uint64_t last =
        std::min<std::uint64_t>(voice.said.size(), voice.sent + kMessagesPerEnvelope);
    send_envelope(voice, peer::seal_bytes(draw_key(voice), voice.payload(voice.sent + 1, last)));
    voice.acks_backwards = false;
    voice.sent = last;
  }
}

void Liar::take_report(Voice& voice, const peer::Report& report) {
  const bool is_first = !voice.knows_cursor;
  const std::uint64_t there = report.applied.value();
  if (!is_first && there < voice.cursor) return;
  voice.knows_cursor = true;
  const base::Digest& known =
      there < voice.said.size() ? voice.said[static_cast<std::size_t>(there)].before : voice.chain;
  if (there > voice.said.size() || report.chain != known) voice.adopt(there, report.chain);
  if (there > voice.cursor) voice.last_progress = world_.scheduler.now();
  voice.cursor = there;
  voice.sent = std::max(voice.sent, there);
  if (is_first || report.resend) voice.sent = there;
  if (is_first && std::exchange(voice.gap_at_next_report, false)) {
    (void)fabricate(LieKind::kGap, *this, voice);
  }
  const bool was_halted = std::exchange(voice.is_halted, !report.halted.empty());
  if (was_halted && !voice.is_halted && !random().chance(character_.repeats_breach)) {
    voice.forget_breach();
  }
  if (!report.resend) pump(voice);
}

void Liar::receive(base::NodeId from, const Packet& packet) {
  const auto found = voices_.find(from);
  HG_CHECK(found != voices_.end());
  Voice& voice = found->second;
  const std::uint64_t expected = packet.is_for_dialler ? voice.outgoing : voice.incoming;
  if (packet.kind != PacketKind::kOpen && packet.connection != expected) return;
  switch (packet.kind) {
    case PacketKind::kOpen:
      if (packet.connection <= voice.incoming) return;
      voice.incoming = packet.connection;
      return report(voice, false);
    case PacketKind::kEnvelope:
      return hear_envelope(voice, packet);
    case PacketKind::kReport:
      return take_report(voice, packet.report);
    case PacketKind::kClosed:
      if (packet.is_for_dialler) {
        voice.outgoing = 0;
        voice.knows_cursor = false;
      } else {
        voice.incoming = 0;
      }
      return;
  }
}

}  // namespace hugang::simulation
