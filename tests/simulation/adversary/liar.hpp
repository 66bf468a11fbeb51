// A peer that lies: a node on the simulated network without a ledger. It speaks the peer protocol
// by hand-made messages under keys that the honest nodes registered, behaves well much of the time
// so that they get deep into business with it, and lies as its seed says. It remembers every lie,
// for the law that judges what the honest nodes made of it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "crypto/keys.hpp"
#include "tests/simulation/adversary/lie.hpp"
#include "tests/simulation/adversary/voice.hpp"
#include "tests/simulation/engine/city.hpp"
#include "tests/simulation/workload/book.hpp"

namespace hugang::simulation {

/// How a liar is, in permille of each occasion.
struct Character {
  std::uint32_t lies = 100;            ///< each beat and victim
  std::uint32_t demands = 250;         ///< each beat and victim: an instruction that it means
  std::uint32_t silent = 100;          ///< an instruction of the victim: never decided
  std::uint32_t refuses = 250;         ///< decides against
  std::uint32_t deaf = 20;             ///< an envelope of the victim: not reported
  std::uint32_t repeats_breach = 200;  ///< after the operator let it go on: the same breach again
  VirtualTime pace = 100 * kMillisecond;  ///< from one beat to the next, about
  std::uint32_t lies_max = 1'000;         ///< in the whole run
  std::uint32_t demands_max = 1'000;
  std::array<bool, kLieKinds> tells{};

  [[nodiscard]] static Character draw(Random& random);
  /// Tells this kind alone, as often as it can.
  [[nodiscard]] static Character of(LieKind kind);
};

class Liar {
 public:
  /// Keys by their number. Only the first is registered from the beginning.
  enum Key : std::uint32_t { kFirst, kFresh, kFuture, kPast };
  static constexpr std::uint32_t kKeys = 4;

  /// Accounts to speak of are those in `book`.
  Liar(base::NodeId id, Surroundings world, const Book& book, Character character);

  [[nodiscard]] base::NodeId id() const { return id_; }
  [[nodiscard]] wire::KeyRecord key_record(std::uint32_t n, base::Timestamp from,
                                           base::Timestamp to) const;

  /// Before begin: a node to talk to, and its first key.
  void meet(base::NodeId honest, const wire::KeyRecord& key);
  void begin();
  /// No more lies and demands; what is asked is still answered, as far as it answers at all.
  void calm_down() { is_calm_ = true; }

  /// What has come over the network.
  void receive(base::NodeId from, const Packet& packet);

  [[nodiscard]] const std::vector<Lie>& lies() const { return lies_; }
  [[nodiscard]] std::uint64_t decisions() const { return decisions_; }

  // For the makers of lies (fabrications.hpp).
  [[nodiscard]] Random& random() { return world_.random; }
  [[nodiscard]] const Book& book() const { return book_; }
  [[nodiscard]] std::map<base::NodeId, Voice>& voices() { return voices_; }
  [[nodiscard]] base::CommandId new_id() { return base::CommandId{random().next_id()}; }
  [[nodiscard]] base::Timestamp now() const;
  [[nodiscard]] base::AssetId own_asset() const;
  [[nodiscard]] const crypto::PrivateKey& key(std::uint32_t n) const { return keys_[n]; }
  /// Of an honest node, or one of the liar's own. nullptr: there is none.
  [[nodiscard]] const KnownAccount* any_account(base::NodeId of, base::AssetId asset,
                                                wire::AccountKind kind);
  /// A payment of the liar's own asset to a customer of the victim, in order in every way.
  struct Instruction {
    wire::InstructHead head;
    std::vector<wire::Leg> legs;
  };
  [[nodiscard]] std::optional<Instruction> draw_payment(const Voice& voice);

  /// Puts a lie into the chain, and remembers it.
  void tell(LieKind kind, Voice& voice, wire::MessageKind message, base::ByteSpan body,
            base::CommandId id = {});
  template <wire::IsRecord Record>
  void tell(LieKind kind, Voice& voice, wire::MessageKind message, const Record& record,
            base::CommandId id = {}) {
    tell(kind, voice, message, std::as_bytes(std::span{&record, 1}), id);
  }
  /// Sends an envelope beside the chain, and remembers it.
  void tell_envelope(LieKind kind, Voice& voice, base::Bytes envelope);
  /// Remembers a lie that is no message.
  void note(LieKind kind, const Voice& voice);
  void decide(Voice& voice, Demand& demand, machine::Code code);
  void dial(Voice& voice);
  void open_connection(Voice& voice);
  void send_envelope(Voice& voice, base::Bytes envelope);

 private:
  void beat();
  void act(Voice& voice);
  void make_demand(Voice& voice);
  [[nodiscard]] bool give_back(Voice& voice, wire::InstructHead head);
  void lie(Voice& voice);
  void pump(Voice& voice);
  [[nodiscard]] const crypto::PrivateKey& draw_key(Voice& voice);
  void take_report(Voice& voice, const peer::Report& report);
  void report(Voice& voice, bool resend);
  void hang_up_later(Voice& voice);
  void hear_envelope(Voice& voice, const Packet& packet);
  void hear(Voice& voice, const wire::MessageView& message);
  void hear_instruct(Voice& voice, base::ByteSpan body);
  void hear_decision(Voice& voice, base::ByteSpan body);
  void hear_recall(Voice& voice, base::ByteSpan body);
  void hear_figures(Voice& voice, base::ByteSpan body);
  void answer_later(Voice& voice, base::CommandId id);

  const base::NodeId id_;
  Surroundings world_;
  const Book& book_;
  Character character_;
  std::vector<crypto::PrivateKey> keys_;
  std::map<base::NodeId, Voice> voices_;
  std::vector<Lie> lies_;
  bool is_calm_ = false;
  std::uint32_t demands_ = 0;
  std::uint64_t next_connection_ = 0;
  std::uint64_t decisions_ = 0;
};

}  // namespace hugang::simulation
