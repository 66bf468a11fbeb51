#include "tests/simulation/oracle/desk.hpp"

#include "crypto/digest.hpp"

namespace hugang::oracle {
namespace {

constexpr AccountNo kNodeFactor = 1'000'000'000'000;

template <wire::IsRecord Record>
Record as(ByteSpan record) {
  return wire::read_record<Record>(record);
}

bool is_padding(std::span<const std::byte> bytes) {
  for (const std::byte b : bytes) {
    if (b != std::byte{0}) return false;
  }
  return true;
}

/// The node's own commands, which carry no id.
Answer obey_node(Desk& desk, CommandKind kind, PersonNo caller, ByteSpan record) {
  if (desk.book.self == 0) return refuse(Code::kNotPermitted);
  const Code code = caller_refusal(desk.book, caller);
  if (code != Code::kOk) return refuse(code);
  if (caller != 0) return refuse(Code::kNotPermitted);
  if (kind == CommandKind::kPeerEnvelope) return take_envelope(desk, record);
  if (kind == CommandKind::kPeerAck) return take_ack(desk, as<wire::PeerAck>(record));
  return is_padding(record) ? done() : refuse(Code::kReservedNotZero);
}

/// The commands that carry an id, behind the id.
Answer decide(Desk& desk, CommandKind kind, PersonNo caller, ByteSpan record) {
  switch (kind) {
    case CommandKind::kGenesis:
      return do_genesis(desk, caller, as<wire::Genesis>(record));
    case CommandKind::kRegisterAsset:
      return register_asset(desk, caller, as<wire::RegisterAsset>(record));
    case CommandKind::kRegisterParticipant:
      return register_person(desk, caller, as<wire::RegisterParticipant>(record));
    case CommandKind::kUpdateParticipant:
      return suspend_person(desk, caller, as<wire::UpdateParticipant>(record));
    case CommandKind::kOpenAccount:
      return open_account(desk, caller, as<wire::OpenAccount>(record));
    case CommandKind::kUpdateAccount:
      return update_account(desk, caller, as<wire::UpdateAccount>(record));
    case CommandKind::kSetRules:
      return set_rules(desk, caller, record);
    case CommandKind::kRegisterPeer:
      return register_peer(desk, caller, as<wire::RegisterPeer>(record));
    case CommandKind::kRotateKey:
      return rotate_key(desk, caller, as<wire::RotateKey>(record));
    case CommandKind::kInstruct:
      return instruct(desk, caller, record);
    case CommandKind::kAffirm:
      return affirm(desk, caller, as<wire::Affirm>(record));
    case CommandKind::kRecall:
      return recall(desk, caller, as<wire::Recall>(record));
    case CommandKind::kReconcile:
      return reconcile(desk, caller, as<wire::Reconcile>(record));
    case CommandKind::kResumePeer:
      return resume(desk, caller, as<wire::ResumePeer>(record));
    case CommandKind::kTransfer:
    case CommandKind::kPeerEnvelope:
    case CommandKind::kPeerAck:
    case CommandKind::kTick:
      break;
  }
  HG_CHECK(false);
}

}  // namespace

bool is_account_number(AccountNo number) {
  const AccountNo node = number / kNodeFactor;
  const AccountNo index = number / 100 % 10'000'000'000;
  const AccountNo check = number % 100;
  return node >= 1 && node <= 9999 && index >= 1 && index <= UINT32_MAX && check >= 2 &&
         check <= 98 && number % 97 == 1;
}

AccountNo number_at(NodeNo node, std::size_t index) {
  const AccountNo stem = node * kNodeFactor + index * 100;
  for (AccountNo check = 2; check <= 98; ++check) {
    if ((stem + check) % 97 == 1) return stem + check;
  }
  HG_CHECK(false);
}

Account* find_account(Book& book, AccountNo number) {
  if (!is_account_number(number) || number / kNodeFactor != book.self) return nullptr;
  const AccountNo index = number / 100 % 10'000'000'000;
  return index <= book.accounts.size() ? &book.accounts[index - 1] : nullptr;
}

Code caller_refusal(const Book& book, PersonNo caller) {
  if (caller == 0) return Code::kOk;
  if (caller > book.people.size()) return Code::kParticipantUnknown;
  return book.people[caller - 1].is_suspended ? Code::kParticipantSuspended : Code::kOk;
}

bool is_operator(const Book& book, PersonNo caller) {
  if (caller == 0) return true;
  return (book.people[caller - 1].roles & wire::role::kOperator) != 0;
}

void tell(Desk& desk, wire::EventKind kind, Time at, ByteSpan body) {
  desk.events.push_back({kind, at, Bytes{body.begin(), body.end()}});
  desk.event_bytes += sizeof(wire::EventHead) + (body.size() + 7) / 8 * 8;
}

std::uint64_t send(Desk& desk, NodeNo to, Time at, ByteSpan message) {
  Channel& channel = desk.book.channels.at(to);
  wire::MessageQueued event;
  event.peer = base::NodeId{to};
  event.message_bytes = static_cast<std::uint32_t>(message.size());
  event.seqno = base::ChannelSeqno{++channel.sent};
  event.chain_before = channel.sent_chain;
  channel.sent_chain = crypto::chain_next(channel.sent_chain, message);
  event.chain_after = channel.sent_chain;
  const auto head = std::as_bytes(std::span{&event, 1});
  Bytes body{head.begin(), head.end()};
  body.insert(body.end(), message.begin(), message.end());
  tell(desk, wire::EventKind::kMessageQueued, at, body);
  channel.outbox[channel.sent] = Bytes{message.begin(), message.end()};
  return channel.sent;
}

void let_time_pass(Desk& desk, std::size_t most) {
  Book& book = desk.book;
  for (std::size_t count = 0; count < most; ++count) {
    Time next = INT64_MAX;
    if (!book.hold_ends.empty()) next = std::min(next, book.hold_ends.begin()->first);
    if (!book.decide_bys.empty()) next = std::min(next, book.decide_bys.begin()->first);
    if (!book.coming_rules.empty()) next = std::min(next, book.coming_rules.front().from);
    if (next > desk.now) return;
    if (!book.coming_rules.empty() && book.coming_rules.front().from == next) {
      activate_rules(desk, next);
    } else if (!book.hold_ends.empty() && book.hold_ends.begin()->first == next) {
      expire_hold(desk, next, book.hold_ends.begin()->second);
    } else {
      time_is_up(desk, next, book.decide_bys.begin()->second);
    }
  }
}

Answer obey(Desk& desk, CommandKind kind, PersonNo caller, ByteSpan record) {
  Book& book = desk.book;
  const auto now_answer = [&](Answer answer) {
    answer.at = desk.now;
    return answer;
  };
  if (kind == CommandKind::kPeerEnvelope || kind == CommandKind::kPeerAck ||
      kind == CommandKind::kTick) {
    return now_answer(obey_node(desk, kind, caller, record));
  }
  if (auto earlier = earlier_answer(book, kind, caller, record)) {
    return earlier->is_repeated ? *earlier : now_answer(*earlier);
  }
  Answer answer;
  if (book.self == 0 && kind != CommandKind::kGenesis) {
    answer = refuse(Code::kNotPermitted);
  } else if (const Code code = caller_refusal(book, caller); code != Code::kOk) {
    answer = refuse(code);
  } else {
    answer = decide(desk, kind, caller, record);
  }
  return remember(book, kind, caller, record, answer, desk.now);
}

}  // namespace hugang::oracle
