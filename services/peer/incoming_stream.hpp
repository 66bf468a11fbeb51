// The server's side of a link: one reactor per stream of a peer. Internal to services/peer.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <mutex>
#include <optional>

#include "services/peer/link_set.hpp"

namespace hugang::peer {

/// Verifies what comes on the stream's own thread and tells the sender where we stand. The newest
/// stream of a peer takes the place of the one before. Deletes itself when gRPC is done with it.
class IncomingStream final : public grpc::ServerBidiReactor<v1::LinkRequest, v1::LinkResponse> {
 public:
  IncomingStream(std::shared_ptr<LinkSet> set, std::shared_ptr<Channel> channel);

  // The caller of these holds the channel's mutex.

  /// Sends the report, or the newest one after the write that is under way.
  void report(const Report& report);
  /// Goes on reading if it paused because too much waited for the core.
  void resume_reading();
  /// Ends the stream, after a write that is under way. The first call counts.
  void finish(grpc::Status status);

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void read_next();
  void write_next();
  void refuse(Unverifiable reason, std::unique_lock<std::mutex> lock);

  const std::shared_ptr<LinkSet> set_;
  const std::shared_ptr<Channel> channel_;
  v1::LinkRequest request_;    ///< the read that is under way
  v1::LinkResponse response_;  ///< the write that is under way
  std::optional<Report> next_report_;
  std::optional<grpc::Status> end_;
  bool is_writing_ = false;
  bool is_paused_ = false;
  bool is_finished_ = false;
};

/// The service of the link set; made here because only it makes streams.
[[nodiscard]] std::unique_ptr<grpc::Service> make_peer_service(LinkSet& set);

}  // namespace hugang::peer
