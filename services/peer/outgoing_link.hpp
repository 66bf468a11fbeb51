// The client's side of a link: dials the peer for ever and sends what is queued for it. Internal to
// services/peer.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <mutex>

#include "services/peer/backoff.hpp"
#include "services/peer/link_set.hpp"

namespace hugang::peer {

/// Runs on a thread of its own; a second one reads while a stream is open.
class OutgoingLink {
 public:
  OutgoingLink(LinkSet& set, std::shared_ptr<Channel> channel);

  /// Dials and sends until the set stops.
  void run();

 private:
  using Clock = std::chrono::steady_clock;
  using Stream = grpc::ClientReaderWriter<v1::LinkRequest, v1::LinkResponse>;

  /// One stream from dial to end.
  void run_stream();
  void read_reports(grpc::ClientContext& context, Stream& stream);
  void take_report(const v1::LinkResponse& response);
  void send_while_open(grpc::ClientContext& context, Stream& stream);
  [[nodiscard]] Clock::time_point next_wake(Clock::time_point now) const;
  [[nodiscard]] bool is_over() const { return set_.is_stopping() || is_read_over_; }
  /// False when the stream broke.
  [[nodiscard]] bool send_next(Stream& stream, std::unique_lock<std::mutex>& lock);
  void journal_ack(std::unique_lock<std::mutex>& lock);
  void note_end(const grpc::Status& status);
  [[nodiscard]] std::shared_ptr<grpc::Channel> dial() const;
  void pause(std::chrono::milliseconds time);

  LinkSet& set_;
  const std::shared_ptr<Channel> channel_;
  Backoff redial_;
  Backoff resend_;

  // Guarded by the channel's mutex.
  bool is_read_over_ = false;
  bool is_misled_ = false;  ///< the server is not the peer, or does not follow the protocol
  Clock::time_point opened_at_;
  Clock::time_point last_progress_;
  Clock::time_point send_from_;  ///< after a resend: not before
};

}  // namespace hugang::peer
