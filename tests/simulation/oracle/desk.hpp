// The oracle's rules, one function a command, each from docs/REJECTIONS.md in the order in which it
// lists the reasons. A function that answers anything but kOk has changed nothing.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <vector>

#include "clearing/wire/batch.hpp"
#include "tests/simulation/oracle/book.hpp"

namespace hugang::oracle {

/// The book, and the moment at which the command at hand happens.
struct Desk {
  Book book;
  std::uint64_t entry = 0;
  Time now = 0;
  std::vector<Event> events;    ///< of the entry at hand
  std::size_t event_bytes = 0;  ///< of these as they are journaled
};

[[nodiscard]] inline Answer refuse(Code code) { return {.code = code}; }
[[nodiscard]] inline Answer done(std::uint64_t value = 0) { return {.value = value}; }

// desk.cpp
[[nodiscard]] Account* find_account(Book& book, AccountNo number);
[[nodiscard]] bool is_account_number(AccountNo number);
[[nodiscard]] AccountNo number_at(NodeNo node, std::size_t index);
/// Why this caller may command nothing at all; kOk for the node itself.
[[nodiscard]] Code caller_refusal(const Book& book, PersonNo caller);
[[nodiscard]] bool is_operator(const Book& book, PersonNo caller);
void tell(Desk& desk, wire::EventKind kind, Time at, ByteSpan body);
template <wire::IsRecord Record>
void tell(Desk& desk, wire::EventKind kind, Time at, const Record& record) {
  tell(desk, kind, at, std::as_bytes(std::span{&record, 1}));
}
/// Queues a message for that node and tells so; its number.
std::uint64_t send(Desk& desk, NodeNo to, Time at, ByteSpan message);
/// Lets everything happen that is due at or before `desk.now`, each at its own time; a tick carries
/// out at most so many.
void let_time_pass(Desk& desk, std::size_t most = SIZE_MAX);
/// One command that is no transfer.
[[nodiscard]] Answer obey(Desk& desk, CommandKind kind, PersonNo caller, ByteSpan record);

// memory.cpp: the same id, the same answer.
[[nodiscard]] bool is_reserved(Id id);
[[nodiscard]] std::optional<Answer> earlier_answer(const Book& book, CommandKind kind,
                                                   PersonNo caller, ByteSpan record);
Answer remember(Book& book, CommandKind kind, PersonNo caller, ByteSpan record, Answer answer,
                Time now);

// transfers.cpp
/// A group of transfers of one caller; the first happens at `desk.now`.
[[nodiscard]] std::vector<Answer> obey_transfers(Desk& desk, PersonNo caller,
                                                 const std::vector<wire::Transfer>& group);
void expire_hold(Desk& desk, Time at, Id id);
[[nodiscard]] std::optional<Minor> single_limit(const Book& book, AssetNo asset);
[[nodiscard]] std::optional<Minor> corridor_cap(const Book& book, AssetNo asset, NodeNo peer);

// registers.cpp
[[nodiscard]] Answer do_genesis(Desk& desk, PersonNo caller, const wire::Genesis& c);
[[nodiscard]] Answer register_asset(Desk& desk, PersonNo caller, const wire::RegisterAsset& c);
[[nodiscard]] Answer register_person(Desk& desk, PersonNo caller,
                                     const wire::RegisterParticipant& c);
[[nodiscard]] Answer suspend_person(Desk& desk, PersonNo caller, const wire::UpdateParticipant& c);
[[nodiscard]] Answer open_account(Desk& desk, PersonNo caller, const wire::OpenAccount& c);
[[nodiscard]] Answer update_account(Desk& desk, PersonNo caller, const wire::UpdateAccount& c);
[[nodiscard]] Answer set_rules(Desk& desk, PersonNo caller, ByteSpan record);
void activate_rules(Desk& desk, Time at);

// keys.cpp
[[nodiscard]] Answer register_peer(Desk& desk, PersonNo caller, const wire::RegisterPeer& c);
[[nodiscard]] Answer rotate_key(Desk& desk, PersonNo caller, const wire::RotateKey& c);
/// Why the key cannot follow those of the list; kOk: it was added, and the one before was ended.
[[nodiscard]] Code add_key(std::vector<Key>& keys, const wire::KeyRecord& record,
                           Time previous_valid_to);

// settlements.cpp: what both sides do alike.
[[nodiscard]] Code form_of_legs(std::span<const wire::Leg> legs);
[[nodiscard]] Code terms_of(const wire::InstructView& view, Time now);
/// The legs as this side sees them; the initiator must own what it debits.
[[nodiscard]] std::expected<std::vector<Leg>, Code> look_up(Desk& desk, NodeNo peer, bool is_ours,
                                                            PersonNo caller,
                                                            std::span<const wire::Leg> legs);
[[nodiscard]] Code standing_of(const Account& account, bool pays);
/// For returns: finds what each leg gives back, and writes it into the leg.
[[nodiscard]] Code match_return(const Book& book, NodeNo peer, Id original, std::vector<Leg>& legs);
[[nodiscard]] Code limits_and_money(Book& book, NodeNo peer, const std::vector<Leg>& legs);
void hold_legs(Book& book, const std::vector<Leg>& legs, int sign);
void post_legs(Book& book, const std::vector<Leg>& legs);
/// For returns: what the original's legs give back under way (and, when settled, for good).
void reserve_of_original(Book& book, const Settlement& settlement, int sign);
void settle_of_original(Book& book, const Settlement& settlement);
void tell_change(Desk& desk, Time at, Id id, const Settlement& settlement);

// initiator.cpp
[[nodiscard]] Answer instruct(Desk& desk, PersonNo caller, ByteSpan record);
[[nodiscard]] Answer recall(Desk& desk, PersonNo caller, const wire::Recall& c);
[[nodiscard]] Code take_decision(Desk& desk, NodeNo from, ByteSpan body);
[[nodiscard]] Code take_recall_answer(Desk& desk, NodeNo from, ByteSpan body);

// responder.cpp
[[nodiscard]] Answer affirm(Desk& desk, PersonNo caller, const wire::Affirm& c);
[[nodiscard]] Code take_instruction(Desk& desk, NodeNo from, std::uint64_t message, ByteSpan body);
[[nodiscard]] Code take_recall(Desk& desk, NodeNo from, ByteSpan body);
void time_is_up(Desk& desk, Time at, Id id);

// channel.cpp
/// Both are the node's own.
[[nodiscard]] Answer take_envelope(Desk& desk, ByteSpan record);
[[nodiscard]] Answer take_ack(Desk& desk, const wire::PeerAck& c);
[[nodiscard]] Answer resume(Desk& desk, PersonNo caller, const wire::ResumePeer& c);

// reconcile.cpp
[[nodiscard]] Answer reconcile(Desk& desk, PersonNo caller, const wire::Reconcile& c);
[[nodiscard]] Code take_reconcile_request(Desk& desk, NodeNo from, ByteSpan body);
[[nodiscard]] Code take_reconcile_answer(Desk& desk, NodeNo from, ByteSpan body);

}  // namespace hugang::oracle
