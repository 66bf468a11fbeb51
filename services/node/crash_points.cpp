#include "services/node/crash_points.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <optional>
#include <utility>

#include "clearing/wire/batch.hpp"
#include "clearing/wire/envelope.hpp"
#include "clearing/wire/outcome.hpp"

namespace hugang::node {
namespace {

using wire::CommandKind;
using wire::MessageKind;

constexpr std::array<std::pair<std::string_view, CommandKind>, 18> kCommandNames = {{
    {"genesis", CommandKind::kGenesis},
    {"register-asset", CommandKind::kRegisterAsset},
    {"register-participant", CommandKind::kRegisterParticipant},
    {"open-account", CommandKind::kOpenAccount},
    {"update-account", CommandKind::kUpdateAccount},
    {"transfer", CommandKind::kTransfer},
    {"instruct", CommandKind::kInstruct},
    {"affirm", CommandKind::kAffirm},
    {"recall", CommandKind::kRecall},
    {"peer-envelope", CommandKind::kPeerEnvelope},
    {"tick", CommandKind::kTick},
    {"register-peer", CommandKind::kRegisterPeer},
    {"rotate-key", CommandKind::kRotateKey},
    {"reconcile", CommandKind::kReconcile},
    {"set-rules", CommandKind::kSetRules},
    {"update-participant", CommandKind::kUpdateParticipant},
    {"peer-ack", CommandKind::kPeerAck},
    {"resume-peer", CommandKind::kResumePeer},
}};

constexpr std::array<std::pair<std::string_view, MessageKind>, 7> kMessageNames = {{
    {"instruct", MessageKind::kInstruct},
    {"decision", MessageKind::kDecision},
    {"recall", MessageKind::kRecall},
    {"recall-answer", MessageKind::kRecallAnswer},
    {"key-announcement", MessageKind::kKeyAnnouncement},
    {"reconcile-request", MessageKind::kReconcileRequest},
    {"reconcile-answer", MessageKind::kReconcileAnswer},
}};

/// Written once before threads start, read by all afterwards; only the count changes.
struct Armed {
  CrashPoint point{};
  std::optional<CrashTags> wanted;  ///< nothing: whatever passes
  std::atomic<std::uint32_t> passes_left{0};
};

Armed& armed() {
  static Armed instance;
  return instance;
}
std::atomic<bool> is_armed{false};

std::optional<CrashTags> tags_named(std::string_view name) {
  CrashTags tags;
  for (const auto& [text, kind] : kCommandNames) {
    if (text == name) tags.add(kind);
  }
  for (const auto& [text, kind] : kMessageNames) {
    if (text == name) tags.add(kind);
  }
  if (tags.is_empty()) return std::nullopt;
  return tags;
}

void add_messages(CrashTags& tags, base::ByteSpan payload) {
  const auto decoded = wire::decode_payload(payload);
  if (!decoded) return;
  for (const auto& message : decoded->messages) tags.add(message.head.kind);
}

void add_envelope_messages(CrashTags& tags, base::ByteSpan record) {
  const auto command = wire::decode_peer_envelope(record);
  if (!command) return;
  const auto envelope = wire::decode_envelope_view(command->envelope);
  if (envelope) add_messages(tags, envelope->payload);
}

void add_queued_messages(CrashTags& tags, base::ByteSpan events) {
  wire::EventReader reader{events};
  wire::EventHead head;
  base::ByteSpan body;
  constexpr std::size_t kHeads = sizeof(wire::MessageQueued) + sizeof(wire::MessageHead);
  while (reader.next(head, body)) {
    if (head.kind != wire::EventKind::kMessageQueued || body.size() < kHeads) continue;
    const auto message = body.subspan(sizeof(wire::MessageQueued), sizeof(wire::MessageHead));
    tags.add(wire::read_record<wire::MessageHead>(message).kind);
  }
}

}  // namespace

CrashTags crash_tags_of(base::ByteSpan commands, base::ByteSpan events) {
  CrashTags tags;
  if (const auto groups = wire::read_batch(commands)) {
    for (const auto& group : *groups) {
      tags.add(group.kind);
      if (group.kind == CommandKind::kPeerEnvelope) add_envelope_messages(tags, group.records);
    }
  }
  add_queued_messages(tags, events);
  return tags;
}

CrashTags crash_tags_of_payload(base::ByteSpan payload) {
  CrashTags tags;
  add_messages(tags, payload);
  return tags;
}

std::expected<void, std::string> arm_crash_point(std::string_view wish) {
  std::string_view point = wish;
  std::uint32_t count = 1;
  if (const auto colon = point.rfind(':'); colon != std::string_view::npos) {
    const auto digits = point.substr(colon + 1);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (parsed.ec != std::errc{} || parsed.ptr != digits.data() + digits.size() || count == 0) {
      return std::unexpected{"'" + std::string{digits} + "' is no count: use POINT@KIND:N, N >= 1"};
    }
    point = point.substr(0, colon);
  }
  std::optional<CrashTags> wanted;
  if (const auto at = point.find('@'); at != std::string_view::npos) {
    wanted = tags_named(point.substr(at + 1));
    if (!wanted) {
      return std::unexpected{"'" + std::string{point.substr(at + 1)} +
                             "' is no kind of command or message"};
    }
    point = point.substr(0, at);
  }
  const auto found = std::ranges::find(kCrashPointNames, point);
  if (found == kCrashPointNames.end()) {
    std::string known;
    for (const auto name : kCrashPointNames) known += " " + std::string{name};
    return std::unexpected{"'" + std::string{point} + "' is no crash point; there are:" + known};
  }
  armed().point = static_cast<CrashPoint>(found - kCrashPointNames.begin());
  armed().wanted = wanted;
  armed().passes_left.store(count);
  is_armed.store(true, std::memory_order_release);
  return {};
}

bool are_crash_points_armed() { return is_armed.load(std::memory_order_acquire); }

void crash_point(CrashPoint point, CrashTags tags) {
  if (!are_crash_points_armed()) return;
  Armed& wish = armed();
  if (wish.point != point) return;
  if (wish.wanted && !wish.wanted->meets(tags)) return;
  if (wish.passes_left.fetch_sub(1) == 1) std::raise(SIGKILL);
}

}  // namespace hugang::node
