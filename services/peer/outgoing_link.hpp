// The client's side of a link: dials the peer for ever and sends what is queued for it. Internal to
// services/peer.
#pragma once

#include <grpcpp/grpcpp.h>

#include <chrono>
#include <memory>
#include <mutex>

#include "services/peer/course.hpp"
#include "services/peer/link_set.hpp"

namespace hugang::peer {

/// Runs on a thread of its own; a second one reads while a stream is open.
class OutgoingLink {
 public:
  OutgoingLink(LinkSet& set, std::shared_ptr<Channel> channel);

  /// Dials and sends until the set stops.
  void run();

 private:
  using Stream = grpc::ClientReaderWriter<v1::LinkRequest, v1::LinkResponse>;

  /// One stream from dial to end.
  void run_stream();
  void read_reports(grpc::ClientContext& context, Stream& stream);
  void take_report(const v1::LinkResponse& response);
  void send_while_open(grpc::ClientContext& context, Stream& stream);
  [[nodiscard]] bool is_over() const { return set_.is_stopping() || is_read_over_; }
  /// False when the stream broke.
  [[nodiscard]] bool send_next(Stream& stream, std::unique_lock<std::mutex>& lock);
  void journal_ack(std::unique_lock<std::mutex>& lock);
  void note_end(const grpc::Status& status);
  [[nodiscard]] std::shared_ptr<grpc::Channel> dial() const;
  void pause(std::chrono::milliseconds time);
  /// For the course.
  [[nodiscard]] static OutgoingCourse::Time now();

  LinkSet& set_;
  const std::shared_ptr<Channel> channel_;

  // Guarded by the channel's mutex.
  OutgoingCourse course_;
  std::chrono::milliseconds redial_pause_{};
  bool is_read_over_ = false;
  bool is_misled_ = false;  ///< the server is not the peer, or does not follow the protocol
};

}  // namespace hugang::peer
