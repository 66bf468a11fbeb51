#include "tests/scenario/city.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "clearing/machine/invariants.hpp"
#include "clearing/machine/snapshot.hpp"
#include "tests/unit/crypto/fixtures.hpp"

namespace hugang::scenario {
namespace {

bool is_id_refusal(machine::Code code) {
  return code == machine::Code::kIdReserved || code == machine::Code::kIdUsedForOtherContent;
}

bool equal_bytes(const wire::Outcome& a, const wire::Outcome& b) {
  return std::ranges::equal(std::as_bytes(std::span{&a, 1}), std::as_bytes(std::span{&b, 1}));
}

}  // namespace

crypto::PrivateKey fixed_key(std::uint32_t number) {
  std::string hex(64, '0');
  for (std::size_t i = 0; i < hex.size(); ++i) hex[i] = "0123456789abcdef"[(number * 7 + i) % 16];
  hex[0] = "0123456789abcdef"[number % 16];
  hex[1] = "0123456789abcdef"[number / 16 % 16];
  return crypto::test::ed25519_key(hex);
}

wire::KeyRecord key_record(const crypto::PublicKey& key, base::Timestamp valid_from,
                           base::Timestamp valid_to) {
  wire::KeyRecord record;
  record.key_id = key.id();
  record.valid_from = valid_from;
  record.valid_to = valid_to;
  record.suite = static_cast<std::uint8_t>(key.suite());
  record.der_bytes = static_cast<std::uint16_t>(key.to_der().size());
  std::ranges::copy(key.to_der(), record.der.begin());
  return record;
}

base::Bytes snapshot_of(const machine::State& state) {
  base::Bytes bytes;
  machine::encode_snapshot(state, bytes);
  return bytes;
}

void City::apply(base::ByteSpan section, base::Timestamp now) {
  Entry entry;
  entry.context.seqno = base::Seqno{state().last_seqno.value() + 1};
  entry.context.at = std::max(now, state().last_at + base::Duration::nanoseconds(1));
  entry.section.assign(section.begin(), section.end());
  const auto done = machine_.apply(entry.context, entry.section, entry.effects);
  ASSERT_TRUE(done.has_value()) << "the section's frame was refused";
  journal_.push_back(std::move(entry));
  const auto broken = machine::first_broken_law(state());
  EXPECT_FALSE(broken.has_value()) << name_ << ": " << *broken;
  ask_oracle();
  collect_messages();
}

void City::ask_oracle() {
  if (is_contradicted_) return;
  const Entry& entry = journal_.back();
  auto wrong = oracle_.follow({entry.context.seqno, entry.context.at, entry.section,
                               entry.effects.outcomes, entry.effects.events});
  if (!wrong) wrong = oracle_.compare(state());
  is_contradicted_ = wrong.has_value();
  EXPECT_FALSE(is_contradicted_) << name_ << ": " << *wrong;
}

void City::apply_again(base::Timestamp now) {
  const base::Bytes section = journal_.back().section;
  const std::vector<wire::Outcome> before = effects().outcomes;
  const machine::Seqno last_seqno = state().last_seqno;
  const base::Timestamp last_at = state().last_at;
  const base::Bytes snapshot = snapshot_of(state());

  apply(section, now);
  ASSERT_EQ(effects().outcomes.size(), before.size());
  for (std::size_t i = 0; i < before.size(); ++i) {
    const wire::Outcome& outcome = effects().outcomes[i];
    EXPECT_EQ(code_name(outcome.code), code_name(before[i].code));
    EXPECT_EQ(outcome.value, before[i].value);
    if (is_id_refusal(outcome.code)) continue;
    EXPECT_EQ(outcome.at, before[i].at) << "a repeat carries the first time";
    EXPECT_EQ(outcome.flags, wire::outcome_flag::kRepeated);
  }
  EXPECT_TRUE(effects().events.empty()) << "a retry tells nothing";
  machine::State after = state();
  after.last_seqno = last_seqno;
  after.last_at = last_at;
  EXPECT_EQ(snapshot_of(after), snapshot) << "a retry changed the state";
}

void City::apply_changed(base::Timestamp now) {
  base::Bytes section = journal_.back().section;
  // In the middle of the record: behind the id, and in no frame.
  const auto groups = wire::read_batch(section);
  ASSERT_TRUE(groups.has_value());
  const std::size_t record_bytes = groups->back().record_bytes;
  section[section.size() - record_bytes + std::min<std::size_t>(40, record_bytes - 1)] ^=
      std::byte{1};
  apply(section, now);
}

void City::check_end() const {
  const base::Bytes bytes = snapshot_of(state());
  const auto decoded = machine::decode_snapshot(bytes);
  ASSERT_TRUE(decoded.has_value()) << name_ << ": the snapshot does not decode";
  EXPECT_EQ(snapshot_of(*decoded), bytes) << name_ << ": the snapshot is not canonical";
  const auto broken = machine::first_broken_law(*decoded);
  EXPECT_FALSE(broken.has_value()) << name_ << ", decoded: " << *broken;

  machine::Machine replayed{real_hashing()};
  for (const Entry& entry : journal_) {
    machine::Effects effects;
    ASSERT_TRUE(replayed.apply(entry.context, entry.section, effects).has_value());
    EXPECT_TRUE(std::ranges::equal(effects.outcomes, entry.effects.outcomes, equal_bytes));
    EXPECT_EQ(effects.events, entry.effects.events);
  }
  EXPECT_EQ(snapshot_of(replayed.state()), bytes) << name_ << ": replay gives another state";
}

wire::GroupView City::last_group() const {
  const auto groups = wire::read_batch(journal_.back().section);
  return groups.value().back();
}

void City::collect_messages() {
  wire::EventReader reader{effects().events};
  wire::EventHead head;
  base::ByteSpan body;
  while (reader.next(head, body)) {
    if (head.kind != wire::EventKind::kMessageQueued) continue;
    const auto event =
        wire::read_record<wire::MessageQueued>(body.first(sizeof(wire::MessageQueued)));
    const auto message = body.subspan(sizeof(wire::MessageQueued));
    auto& queued = queued_[event.peer];
    queued.push_back({{message.begin(), message.end()}, event.chain_before});
    EXPECT_EQ(event.seqno.value(), queued.size()) << "messages are numbered without a gap";
    EXPECT_EQ(event.message_bytes, message.size());
  }
  EXPECT_FALSE(reader.is_malformed());
}

}  // namespace hugang::scenario
