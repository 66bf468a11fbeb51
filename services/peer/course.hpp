// When the sending side of a link acts: dials, sends, waits, journals what was acknowledged, gives
// a stream up. Pure: time is an argument, so that the real link and the simulation run the same
// code.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "services/peer/backoff.hpp"
#include "services/peer/sender.hpp"

namespace hugang::peer {

/// The pauses of a link.
struct LinkPace {
  std::chrono::milliseconds redial_first{100};     ///< before the first new attempt
  std::chrono::milliseconds redial_longest{2000};  ///< the pause doubles up to this
  std::chrono::milliseconds resend_pause{50};      ///< before going back on a resend
  std::chrono::milliseconds ack_quiet{2000};       ///< quiet after which the outbox is trimmed
  std::chrono::milliseconds stall_limit{15000};    ///< no progress for so long: dial anew
};

/// Drives one PeerSender from stream to stream. Not thread-safe; guarded with the sender.
class OutgoingCourse {
 public:
  /// Since any fixed instant, of a clock that never runs back.
  using Time = std::chrono::nanoseconds;

  OutgoingCourse(LinkPace pace, std::uint64_t seed)
      : pace_{pace},
        redial_{pace.redial_first, pace.redial_longest, seed},
        resend_{pace.resend_pause, pace.redial_longest, seed + 1} {}

  /// A stream was dialled.
  void opened(PeerSender& sender, Time now);

  /// What a report brought that is worth telling a person.
  struct News {
    bool is_open = false;  ///< the first report on this stream
    bool diverges = false;
    bool is_halted = false;
  };
  News take(PeerSender& sender, const Report& report, Time now);

  enum class Act : std::uint8_t {
    kSend,    ///< call next_payload
    kWait,    ///< until `until`, or until something changes
    kGiveUp,  ///< no progress for too long: end the stream
  };
  struct Next {
    Act act = Act::kWait;
    Time until{};
  };
  [[nodiscard]] Next next(const PeerSender& sender, Time now);

  /// The acknowledged number to journal now, if any; undo_ack when that is not admitted.
  [[nodiscard]] std::optional<base::ChannelSeqno> ack_to_journal(PeerSender& sender,
                                                                 Time now) const;

  /// The stream is over; gives the pause before the next dial.
  [[nodiscard]] std::chrono::milliseconds closed(PeerSender& sender, Time now);

 private:
  LinkPace pace_;
  Backoff redial_;
  Backoff resend_;
  Time opened_at_{};
  Time last_progress_{};
  Time send_from_{};  ///< after a resend: not before
};

}  // namespace hugang::peer
