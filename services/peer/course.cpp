#include "services/peer/course.hpp"

#include <algorithm>
#include <string>

namespace hugang::peer {
namespace {

/// More acknowledged messages than these are journaled at once, also in a busy time.
constexpr std::uint64_t kAcksPendingMax = 1'024;

}  // namespace

void OutgoingCourse::opened(PeerSender& sender, Time now) {
  opened_at_ = last_progress_ = now;
  send_from_ = {};
  sender.open_stream();
}

OutgoingCourse::News OutgoingCourse::take(PeerSender& sender, const Report& report, Time now) {
  const auto acknowledged = sender.acknowledged();
  const bool knew_cursor = sender.knows_cursor();
  const auto divergence = sender.divergence();
  const std::string halted = sender.halted();
  sender.take(report);

  const bool has_moved = sender.acknowledged() > acknowledged;
  if (has_moved || !sender.is_under_way()) last_progress_ = now;
  if (has_moved) {
    redial_.reset();
    resend_.reset();
  }
  if (report.resend) send_from_ = now + resend_.next();
  return {.is_open = !knew_cursor,
          .diverges = sender.divergence() != divergence && sender.divergence() != Divergence::kNone,
          .is_halted = sender.halted() != halted && !sender.halted().empty()};
}

OutgoingCourse::Next OutgoingCourse::next(const PeerSender& sender, Time now) {
  // A stream whose other end never says where it stands is as dead as one that stops moving.
  const bool is_waiting = !sender.knows_cursor() || sender.is_under_way();
  const Time stalls_at = last_progress_ + pace_.stall_limit;
  if (is_waiting && now >= stalls_at) return {.act = Act::kGiveUp, .until = now};
  if (sender.has_work() && now >= send_from_) {
    if (!sender.is_under_way()) last_progress_ = now;
    return {.act = Act::kSend, .until = now};
  }
  Time until = now + pace_.ack_quiet;
  if (sender.has_work()) until = send_from_;
  if (is_waiting) until = std::min(until, stalls_at);
  return {.act = Act::kWait, .until = until};
}

std::optional<base::ChannelSeqno> OutgoingCourse::ack_to_journal(PeerSender& sender,
                                                                 Time now) const {
  const bool is_quiet = now - last_progress_ >= pace_.ack_quiet;
  return sender.take_ack(is_quiet ? 0 : kAcksPendingMax);
}

std::chrono::milliseconds OutgoingCourse::closed(PeerSender& sender, Time now) {
  sender.close_stream();
  // A stream that lasted was a good one; one that is refused each time must not be hurried.
  if (now - opened_at_ >= pace_.redial_longest) redial_.reset();
  return redial_.next();
}

}  // namespace hugang::peer
