#include <algorithm>

#include "clearing/machine/limits.hpp"
#include "crypto/digest.hpp"
#include "tests/simulation/oracle/desk.hpp"
#include "tests/simulation/oracle/text.hpp"

namespace hugang::oracle {
namespace {

/// First 8 bytes, big-endian, of SHA-256(suite byte, der).
std::uint64_t id_of(const wire::KeyRecord& record) {
  Bytes bytes{static_cast<std::byte>(record.suite)};
  bytes.insert(bytes.end(), record.der.begin(), record.der.begin() + record.der_bytes);
  const Digest digest = crypto::sha256(bytes);
  std::uint64_t id = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    id = id << 8 | std::to_integer<std::uint64_t>(digest.bytes[i]);
  }
  return id;
}

bool is_reserved_zero(const wire::KeyRecord& record) {
  return record.reserved0 == 0 && record.reserved1 == 0 &&
         record.reserved == decltype(record.reserved){};
}

bool has_length(const wire::KeyRecord& record) {
  return record.der_bytes != 0 && record.der_bytes <= record.der.size();
}

bool is_padded(const wire::KeyRecord& record) {
  for (std::size_t i = record.der_bytes; i < record.der.size(); ++i) {
    if (record.der[i] != std::byte{0}) return false;
  }
  return true;
}

void tell_key(Desk& desk, NodeNo node, const wire::KeyRecord& record) {
  wire::KeyAdded event;
  event.node = base::NodeId{node};
  event.key = record;
  tell(desk, wire::EventKind::kKeyAdded, desk.now, event);
}

}  // namespace

Code add_key(std::vector<Key>& keys, const wire::KeyRecord& record, Time previous_valid_to) {
  if (!is_reserved_zero(record)) return Code::kReservedNotZero;
  if (!has_length(record)) return Code::kKeyValidity;
  if (!is_padded(record)) return Code::kReservedNotZero;
  if (record.valid_from >= record.valid_to || id_of(record) != record.key_id.value()) {
    return Code::kKeyValidity;
  }
  for (const Key& key : keys) {
    if (key.id == record.key_id.value()) return Code::kKeyExists;
  }
  if (!keys.empty()) {
    if (keys.size() >= machine::kKeysPerPeerMax) return Code::kCapacity;
    const Time end = std::min(keys.back().to, previous_valid_to);
    if (end < record.valid_from.ns()) return Code::kKeyValidity;
    keys.back().to = end;
  }
  keys.push_back(
      {record.key_id.value(), record.suite, record.valid_from.ns(), record.valid_to.ns()});
  return Code::kOk;
}

Answer register_peer(Desk& desk, PersonNo caller, const wire::RegisterPeer& c) {
  Book& book = desk.book;
  const NodeNo peer = c.peer.value();
  if (!is_operator(book, caller)) return refuse(Code::kNotPermitted);
  if (c.reserved0 != 0) return refuse(Code::kReservedNotZero);
  if (!is_good_code(c.code)) return refuse(Code::kTextMalformed);
  if (peer == 0 || peer > 9999 || peer == book.self) return refuse(Code::kPeerUnknown);
  for (const auto& [node, channel] : book.channels) {
    if (node == peer || channel.code == c.code.view()) return refuse(Code::kPeerExists);
  }
  if (book.channels.size() >= machine::kPeersMax) return refuse(Code::kCapacity);
  Channel channel;
  channel.code = c.code.view();
  if (const Code code = add_key(channel.keys, c.key, 0); code != Code::kOk) return refuse(code);
  book.channels[peer] = channel;
  tell_key(desk, peer, c.key);
  return done();
}

Answer rotate_key(Desk& desk, PersonNo caller, const wire::RotateKey& c) {
  Book& book = desk.book;
  if (!is_operator(book, caller)) return refuse(Code::kNotPermitted);
  const Code code = add_key(book.own_keys, c.key, c.previous_valid_to.ns());
  if (code != Code::kOk) return refuse(code);
  tell_key(desk, book.self, c.key);
  wire::KeyAnnouncement announcement;
  announcement.previous_valid_to = c.previous_valid_to;
  announcement.key = c.key;
  for (auto& [node, channel] : book.channels) {
    send(desk, node, desk.now,
         wire::encode_message(wire::MessageKind::kKeyAnnouncement, announcement));
  }
  return done(c.key.key_id.value());
}

}  // namespace hugang::oracle
