#include "tests/simulation/oracle/any_commands.hpp"

#include <algorithm>

#include "clearing/base/account_number.hpp"
#include "clearing/wire/batch.hpp"
#include "clearing/wire/envelope.hpp"
#include "clearing/wire/message.hpp"
#include "crypto/digest.hpp"

namespace hugang::oracle {
namespace {

using wire::CommandKind;

constexpr base::ParticipantId kNode{0};
constexpr base::ParticipantId kOperator{1};
constexpr std::int64_t kSecond = 1'000'000'000;

template <wire::IsRecord Record>
AnyCommand command(CommandKind kind, base::ParticipantId caller, const Record& record) {
  const auto bytes = std::as_bytes(std::span{&record, 1});
  return {kind, caller, base::Bytes{bytes.begin(), bytes.end()}};
}

base::NodeId node_of(std::size_t city) {
  return base::NodeId{static_cast<std::uint32_t>(city + 1)};
}

}  // namespace

AnyCity::AnyCity() : machine_{{.sha256 = &crypto::sha256, .chain_next = &crypto::chain_next}} {}

std::optional<std::string> AnyCity::apply(const std::vector<AnyCommand>& commands,
                                          base::Timestamp at) {
  wire::BatchBuilder batch;
  for (std::size_t i = 0; i < commands.size();) {
    const AnyCommand& first = commands[i];
    base::Bytes records;
    std::uint32_t count = 0;
    do {
      records.insert(records.end(), commands[i].record.begin(), commands[i].record.end());
      ++count;
      ++i;
    } while (first.kind == CommandKind::kTransfer && i < commands.size() &&
             commands[i].kind == first.kind && commands[i].caller == first.caller);
    batch.add_group(first.kind, first.caller, count, records);
  }
  const machine::EntryContext context{base::Seqno{state().last_seqno.value() + 1}, at};
  machine::Effects effects;
  if (!machine_.apply(context, batch.section(), effects)) return "the frame was refused";
  for (const wire::Outcome& outcome : effects.outcomes) codes_.insert(outcome.code);
  auto wrong =
      oracle_.follow({context.seqno, at, batch.section(), effects.outcomes, effects.events});
  return wrong ? wrong : oracle_.compare(state());
}

AnyCommands::AnyCommands(std::uint64_t seed, bool is_lying) : dice_{seed}, is_lying_{is_lying} {}

std::set<machine::Code> AnyCommands::codes() const {
  std::set<machine::Code> all;
  for (const AnyCity& city : cities_) {
    all.insert(city.codes().begin(), city.codes().end());
    for (const machine::Settlement& each : city.state().settlements) all.insert(each.code);
  }
  return all;
}

std::optional<std::string> AnyCommands::found() {
  std::uint64_t count = 0;
  for (std::size_t city = 0; city < 2; ++city) {
    std::vector<AnyCommand> first;
    const auto add = [&]<class Record>(CommandKind kind, base::ParticipantId by, Record record) {
      record.id = base::CommandId{0xF000 + ++count};
      first.push_back(command(kind, by, record));
    };
    wire::Genesis genesis;
    genesis.node = node_of(city);
    HG_CHECK(genesis.code.assign("city") && genesis.name.assign("City"));
    add(CommandKind::kGenesis, kNode, genesis);
    for (std::uint32_t n = 1; n <= 4; ++n) {
      wire::RegisterParticipant participant;
      participant.roles = n == 1 ? wire::role::kOperator : wire::role::kParticipant;
      HG_CHECK(participant.code.assign("P" + std::to_string(n)) && participant.name.assign("P"));
      add(CommandKind::kRegisterParticipant, kNode, participant);
    }
    for (std::uint32_t n = 1; n <= 2; ++n) {
      wire::RegisterAsset asset;
      asset.asset = base::AssetId{n};
      asset.issuer = base::NodeId{n};
      HG_CHECK(asset.code.assign("A" + std::to_string(n)));
      add(CommandKind::kRegisterAsset, kOperator, asset);
    }
    wire::RotateKey own;
    own.key = key(static_cast<std::uint32_t>(city + 1));
    own.key.valid_from = base::Timestamp{1};
    own.key.valid_to = base::Timestamp{INT64_MAX};
    add(CommandKind::kRotateKey, kOperator, own);
    wire::RegisterPeer peer;
    peer.peer = node_of(1 - city);
    HG_CHECK(peer.code.assign("peer"));
    peer.key = key(static_cast<std::uint32_t>(2 - city));
    peer.key.valid_from = base::Timestamp{1};
    peer.key.valid_to = base::Timestamp{INT64_MAX};
    add(CommandKind::kRegisterPeer, kOperator, peer);
    // Accounts 1 and 2: corridors; 3: the reserve; 4 to 9: customers', two an owner, one an asset.
    for (std::uint32_t n = 1; n <= 9; ++n) {
      wire::OpenAccount open;
      open.kind = n <= 2   ? wire::AccountKind::kCorridor
                  : n == 3 ? wire::AccountKind::kReserve
                           : wire::AccountKind::kCustomer;
      open.owner = n <= 3 ? kOperator : base::ParticipantId{2 + (n - 4) / 2};
      open.asset = base::AssetId{n == 3 ? static_cast<std::uint32_t>(city + 1) : 1 + (n + 1) % 2};
      if (n <= 2) open.peer = node_of(1 - city);
      if (n > 3) open.flags = wire::account_flag::kNoDebitBalance;
      if (n == 8) open.flags |= wire::account_flag::kReviewIncoming;
      add(CommandKind::kOpenAccount, kOperator, open);
    }
    for (std::uint32_t n = 4; n <= 9; ++n) {
      if (1 + (n + 1) % 2 != city + 1) continue;
      wire::Transfer issue;
      issue.debit = base::make_account_number({node_of(city), base::AccountIndex{3}});
      issue.credit = base::make_account_number({node_of(city), base::AccountIndex{n}});
      issue.asset = base::AssetId{static_cast<std::uint32_t>(city + 1)};
      issue.amount_minor = 500;
      add(CommandKind::kTransfer, kOperator, issue);
    }
    now_ = now_ + base::Duration::seconds(1);
    if (auto wrong = cities_[city].apply(first, now_)) return wrong;
  }
  return std::nullopt;
}

std::optional<std::string> AnyCommands::step() {
  const std::size_t city = dice_.below(2);
  const auto due = cities_[city].machine().next_due();
  // The clocks of both cities go on together; sometimes to exactly what is due, or 1 ns before it.
  if (due && *due > now_ && *due < now_ + base::Duration::seconds(60) && dice_.once_in(3)) {
    now_ = base::Timestamp{due->ns() - static_cast<std::int64_t>(dice_.below(3))};
  }
  now_ = now_ + base::Duration::nanoseconds(static_cast<std::int64_t>(
                    dice_.one_of(std::array<std::uint64_t, 4>{1, 50, 1'000, 2 * kSecond})));
  std::vector<AnyCommand> commands;
  if (dice_.once_in(8)) {
    commands = chain(city);
  } else {
    const std::uint64_t count = 1 + (dice_.once_in(3) ? dice_.below(5) : 0);
    for (std::uint64_t i = 0; i < count; ++i) commands.push_back(any_command(city));
  }
  done_[city].insert(done_[city].end(), commands.begin(), commands.end());
  const base::Timestamp at =
      std::max(now_, cities_[city].state().last_at + base::Duration::nanoseconds(1));
  const bool was_halted = cities_[city].state().peers.begin()->second.halted != machine::Code::kOk;
  auto wrong = cities_[city].apply(commands, at);
  const bool is_halted = cities_[city].state().peers.begin()->second.halted != machine::Code::kOk;
  halts_ += !was_halted && is_halted;
  for (const AnyCommand& each : commands) {
    const auto id = wire::read_record<base::CommandId>(
        base::ByteSpan{each.record}.first(sizeof(base::CommandId)));
    const auto known = cities_[city].state().ids.find(id);
    const bool is_accepted =
        id.is_none() || (known && known->kind == each.kind && known->code == machine::Code::kOk);
    accepted_[static_cast<std::size_t>(each.kind)] += is_accepted;
  }
  return wrong;
}

/// Linked transfers of one caller; sometimes one of them has an id that is known, or none closes.
std::vector<AnyCommand> AnyCommands::chain(std::size_t city) {
  std::vector<AnyCommand> members;
  const std::uint64_t count = 2 + dice_.below(3);
  for (std::uint64_t i = 0; i < count; ++i) {
    AnyCommand member = transfer(city);
    auto record = wire::read_record<wire::Transfer>(member.record);
    const auto linked = static_cast<unsigned>(wire::transfer_flag::kLinked);
    const bool is_last = i + 1 == count && !dice_.once_in(10);
    record.flags =
        static_cast<std::uint16_t>(is_last ? record.flags & ~linked : record.flags | linked);
    if (dice_.once_in(10) && !done_[city].empty()) {
      const auto& before = done_[city][dice_.below(done_[city].size())].record;
      record.id =
          wire::read_record<base::CommandId>(base::ByteSpan{before}.first(sizeof(base::CommandId)));
    }
    member = command(CommandKind::kTransfer,
                     members.empty() ? member.caller : members.front().caller, record);
    members.push_back(member);
  }
  return members;
}

AnyCommand AnyCommands::any_command(std::size_t city) {
  if (!done_[city].empty() && dice_.once_in(8)) return retry(city);
  AnyCommand result;
  switch (dice_.below(13)) {
    case 0:
    case 1:
    case 2:
    case 10:
      result = transfer(city);
      break;
    case 3:
    case 4:
      result = instruct(city);
      break;
    case 5:
    case 6:
    case 11:
    case 12:
      return envelope(city);
    case 7:
    case 8:
      result = settlement_command(city);
      break;
    default:
      result = register_command(city);
  }
  if (dice_.once_in(12)) spoil(result.record);
  return result;
}

/// An earlier command once more: as it was, or from another, or of another kind.
AnyCommand AnyCommands::retry(std::size_t city) {
  AnyCommand again = done_[city][dice_.below(done_[city].size())];
  if (dice_.once_in(3)) again.caller = caller();
  if (dice_.once_in(3) && again.kind != CommandKind::kPeerEnvelope) spoil(again.record);
  const bool has_twin = again.record.size() == 64;
  if (has_twin && dice_.once_in(2)) {
    again.kind = dice_.one_of(std::array{CommandKind::kAffirm, CommandKind::kRecall,
                                         CommandKind::kUpdateAccount, CommandKind::kOpenAccount,
                                         CommandKind::kUpdateParticipant});
  }
  return again;
}

/// Changes one byte, often to zero.
void AnyCommands::spoil(base::Bytes& record) {
  std::byte& byte = record[dice_.below(record.size())];
  byte = dice_.once_in(2) ? std::byte{0} : static_cast<std::byte>(dice_.below(256));
}

base::CommandId AnyCommands::id() {
  if (dice_.once_in(60)) return base::CommandId{dice_.once_in(2) ? base::u128{0} : ~base::u128{0}};
  // Few enough that ids meet, many enough that most are new.
  return base::CommandId{1 + dice_.below(4'000)};
}

base::ParticipantId AnyCommands::caller() {
  return base::ParticipantId{static_cast<std::uint32_t>(
      dice_.one_of(std::array<std::uint32_t, 12>{0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5}))};
}

base::ParticipantId AnyCommands::ruler() { return dice_.once_in(5) ? caller() : kOperator; }

base::ParticipantId AnyCommands::owner_of(std::size_t city, base::AccountNumber number) {
  const auto parts = base::parse_account_number(number);
  const machine::State& state = cities_[city].state();
  if (!parts || parts->index.value() > state.accounts.size() || dice_.once_in(8)) return caller();
  return state.account(parts->index).owner;
}

base::AccountNumber AnyCommands::account(std::uint32_t node) {
  if (dice_.once_in(30)) return base::AccountNumber{dice_.below(3)};
  if (dice_.once_in(40)) node = 3 - node;
  const auto index =
      static_cast<std::uint32_t>(dice_.once_in(3) ? 1 + dice_.below(16) : 4 + dice_.below(6));
  const auto number = base::make_account_number({base::NodeId{node}, base::AccountIndex{index}});
  return dice_.once_in(60) ? base::AccountNumber{number.value() + 1} : number;
}

std::int64_t AnyCommands::amount() {
  if (dice_.once_in(20)) {
    return dice_.one_of(std::array<std::int64_t, 5>{0, -1, 100'000'000'000'000'000,
                                                    100'000'000'000'000'001, INT64_MAX});
  }
  return static_cast<std::int64_t>(1 + dice_.below(dice_.once_in(3) ? 600 : 40));
}

base::Timestamp AnyCommands::time() {
  const std::int64_t off = dice_.one_of(
      std::array<std::int64_t, 7>{-1, 0, 1, kSecond, 10 * kSecond, 30 * kSecond, 600 * kSecond});
  return now_ + base::Duration::nanoseconds(off);
}

/// Records of keys that nobody signs with; what is not signed is not verified here.
wire::KeyRecord AnyCommands::key(std::uint32_t number) {
  wire::KeyRecord record;
  record.suite = 1;
  record.der_bytes = 4;
  record.der[0] = static_cast<std::byte>(number);
  base::Bytes bytes{std::byte{1}};
  bytes.insert(bytes.end(), record.der.begin(), record.der.begin() + 4);
  const auto digest = crypto::sha256(bytes);
  std::uint64_t key_id = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    key_id = key_id << 8 | std::to_integer<std::uint64_t>(digest.bytes[i]);
  }
  record.key_id = base::KeyId{key_id};
  record.valid_from = time();
  record.valid_to = dice_.once_in(6) ? time() : base::Timestamp{INT64_MAX};
  return record;
}

}  // namespace hugang::oracle
