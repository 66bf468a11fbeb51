// The law's own reading of what a lying peer signed: what an honest node must make of each
// envelope, by the bytes alone and by what its journal has told before. Shares the layout of the
// records with the product, and none of its decoders or checks.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "clearing/base/bytes.hpp"
#include "clearing/base/int128.hpp"
#include "clearing/base/strong_id.hpp"
#include "clearing/machine/codes.hpp"
#include "clearing/wire/message.hpp"
#include "clearing/wire/outcome.hpp"
#include "clearing/wire/records.hpp"

namespace hugang::simulation {

/// What must become of an envelope: the outcome's code, and the last message applied after it.
struct Verdict {
  machine::Code code = machine::Code::kOk;
  std::uint64_t cursor = 0;
  friend bool operator==(const Verdict&, const Verdict&) = default;
};

/// A message of the liar that was applied, with SHA-256 of it; or the one at which it halts.
struct ReadMessage {
  std::uint64_t seqno = 0;
  base::Digest digest;
};

enum class Standing : std::uint8_t { kOpen, kSettled, kRefused };

/// A settlement with the liar, as the bytes of its instruction tell it.
struct ReadSettlement {
  bool is_ours = false;  ///< the honest node is the initiator
  std::vector<wire::Leg> legs;
  Standing standing = Standing::kOpen;
  bool is_recalled = false;                       ///< the honest node asked for it
  std::optional<machine::Code> liars_decision{};  ///< signed by the liar; ours only
};

class ChannelReading {
 public:
  ChannelReading(base::NodeId honest, base::NodeId liar) : honest_{honest}, liar_{liar} {}

  // What the journal tells of the honest node.
  void learn_issuer(base::AssetId asset, base::NodeId issuer) { issuers_[asset] = issuer; }
  void learn_key(const wire::KeyRecord& key) { keys_.push_back(key); }
  void learn_settlement(base::CommandId id) { settlements_known_.insert(id); }
  /// A message to the liar joined the outbox.
  void learn_sent(base::ByteSpan message);
  void resume() { halted_ = machine::Code::kOk; }

  /// The settlements that the honest node closes while it applies the envelope, by its events.
  using Closed = std::map<base::CommandId, wire::SettlementStatus>;
  /// Judges the envelope and takes over what is applied of it. `now` is the time of the command.
  [[nodiscard]] Verdict judge(base::ByteSpan envelope, base::Timestamp now, const Closed& closed,
                              std::uint64_t sent_after);

  /// Closes a settlement and counts its legs.
  void close(base::CommandId id, bool is_settled);

  /// Whether the signature verifies under a key that was registered or announced for the liar.
  [[nodiscard]] bool is_signed_by_liar(base::ByteSpan envelope) const;

  [[nodiscard]] std::uint64_t cursor() const { return chains_.size() - 1; }
  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] machine::Code halted() const { return halted_; }
  /// What the last judgement looked at, in order.
  [[nodiscard]] std::span<const ReadMessage> last_read() const { return last_read_; }
  [[nodiscard]] const std::map<base::CommandId, ReadSettlement>& settlements() const {
    return settlements_;
  }
  /// credits - debits of the corridor accounts, by the legs of what settled.
  [[nodiscard]] const std::map<base::AssetId, base::i128>& net() const { return net_; }

 private:
  struct Message {
    std::uint16_t kind = 0;
    base::ByteSpan body;
    base::ByteSpan whole;
  };
  struct Payload {
    wire::PayloadHead head;
    std::vector<Message> messages;
  };
  [[nodiscard]] static std::optional<Payload> read_payload(base::ByteSpan bytes);
  [[nodiscard]] machine::Code judge_key(base::KeyId id, base::Timestamp now) const;
  /// The place of the first new message, or the breach.
  [[nodiscard]] std::pair<machine::Code, std::size_t> judge_place(const Payload& payload) const;
  [[nodiscard]] machine::Code judge_message(const Message& message, const Closed& closed,
                                            std::uint64_t sent_after);
  [[nodiscard]] machine::Code judge_instruct(base::ByteSpan body, const Closed& closed);
  [[nodiscard]] machine::Code judge_decision(base::ByteSpan body);
  [[nodiscard]] machine::Code judge_recall(base::ByteSpan body) const;
  [[nodiscard]] machine::Code judge_recall_answer(base::ByteSpan body) const;
  [[nodiscard]] machine::Code judge_key_announcement(base::ByteSpan body);
  [[nodiscard]] machine::Code judge_figures(base::ByteSpan body, bool is_request,
                                            std::uint64_t sent_after);
  [[nodiscard]] bool pays_more_than_it_holds(std::span<const wire::Leg> legs) const;

  base::NodeId honest_;
  base::NodeId liar_;
  std::map<base::AssetId, base::NodeId> issuers_;
  std::vector<wire::KeyRecord> keys_;
  std::uint64_t sent_ = 0;
  std::vector<base::Digest> chains_{base::Digest{}};  ///< after message n
  machine::Code halted_ = machine::Code::kOk;
  std::vector<ReadMessage> last_read_;
  std::map<base::CommandId, ReadSettlement> settlements_;
  std::set<base::CommandId> settlements_known_;  ///< with any peer
  std::map<base::CommandId, bool> own_figures_;  ///< asked of the liar; answered
  std::set<base::CommandId> liars_figures_;
  std::map<base::AssetId, base::i128> net_;
};

}  // namespace hugang::simulation
