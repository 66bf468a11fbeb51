#include "services/peer/incoming_stream.hpp"

#include <spdlog/spdlog.h>

#include <utility>

#include "services/node/crash_points.hpp"

namespace hugang::peer {
namespace {

/// Ends a call that is not let in.
class Refusal final : public grpc::ServerBidiReactor<v1::LinkRequest, v1::LinkResponse> {
 public:
  explicit Refusal(grpc::Status status) { Finish(std::move(status)); }
  void OnDone() override { delete this; }
};

class PeerServiceImpl final : public v1::PeerService::CallbackService {
 public:
  explicit PeerServiceImpl(LinkSet& set) : set_{set} {}

  grpc::ServerBidiReactor<v1::LinkRequest, v1::LinkResponse>* Link(
      grpc::CallbackServerContext* context) override {
    auto channel = set_.channel_of(*context->auth_context());
    if (!channel) {
      return new Refusal{{grpc::StatusCode::PERMISSION_DENIED,
                          "only the node certificate of a configured peer may open a link"}};
    }
    if (!set_.is_loaded() || set_.is_stopping()) {
      return new Refusal{{grpc::StatusCode::UNAVAILABLE, "the node is starting or stopping"}};
    }
    return new IncomingStream{set_.shared_from_this(), std::move(channel)};
  }

 private:
  LinkSet& set_;
};

node::CrashTags tags_of(const Incoming& incoming) {
  return node::are_crash_points_armed() ? node::crash_tags_of_payload(incoming.evidence().payload())
                                        : node::CrashTags{};
}

}  // namespace

std::unique_ptr<grpc::Service> make_peer_service(LinkSet& set) {
  return std::make_unique<PeerServiceImpl>(set);
}

IncomingStream::IncomingStream(std::shared_ptr<LinkSet> set, std::shared_ptr<Channel> channel)
    : set_{std::move(set)}, channel_{std::move(channel)} {
  std::unique_lock lock{channel_->mutex};
  if (channel_->stream != nullptr) {
    channel_->stream->finish({grpc::StatusCode::ABORTED, "a newer stream took its place"});
  }
  channel_->stream = this;
  spdlog::info("peer {}: its stream to us is open", channel_->endpoint.code);
  read_next();
  set_->follow(channel_, std::move(lock), channel_->receiver.open_stream());
}

void IncomingStream::report(const Report& report) {
  // A resend that was not told yet must not get lost behind a newer report.
  const bool resend = report.resend || (next_report_ && next_report_->resend);
  next_report_ = report;
  next_report_->resend = resend;
  write_next();
}

void IncomingStream::resume_reading() {
  if (!is_paused_ || is_finished_ || end_ || !channel_->receiver.can_take()) return;
  is_paused_ = false;
  read_next();
}

void IncomingStream::finish(grpc::Status status) {
  if (!end_) end_ = std::move(status);
  write_next();
}

void IncomingStream::read_next() { StartRead(&request_); }

void IncomingStream::write_next() {
  if (is_writing_ || is_finished_) return;
  if (end_) {
    is_finished_ = true;
    Finish(*end_);
    return;
  }
  if (!next_report_) return;
  const Report report = *std::exchange(next_report_, std::nullopt);
  node::crash_point(node::CrashPoint::kPeerBeforeAck, {});
  response_.set_applied(report.applied.value());
  response_.set_chain(report.chain.bytes.data(), report.chain.bytes.size());
  response_.set_resend(report.resend);
  response_.set_halted_code_name(report.halted);
  is_writing_ = true;
  StartWrite(&response_);
}

void IncomingStream::refuse(Unverifiable reason, std::unique_lock<std::mutex> lock) {
  ++channel_->counters.envelopes_unverifiable;
  spdlog::warn("peer {}: an envelope is {}: the stream is closed, nothing of it is kept",
               channel_->endpoint.code, to_text(reason));
  finish({grpc::StatusCode::INVALID_ARGUMENT, "the envelope is " + std::string{to_text(reason)}});
  lock.unlock();
}

void IncomingStream::OnReadDone(bool ok) {
  std::unique_lock lock{channel_->mutex};
  if (!ok || end_) {
    finish(grpc::Status::OK);
    return;
  }
  ++channel_->counters.envelopes_received;
  const auto keys = channel_->keys;
  lock.unlock();

  node::crash_point(node::CrashPoint::kPeerAfterReceive, {});
  auto incoming = verify_incoming(base::as_bytes(request_.envelope()), *keys);
  if (incoming) node::crash_point(node::CrashPoint::kPeerAfterVerify, tags_of(*incoming));

  lock.lock();
  if (channel_->stream != this || end_) return;
  if (!incoming) {
    refuse(incoming.error(), std::move(lock));
    return;
  }
  auto step = channel_->receiver.accept(*std::move(incoming));
  if (step.is_misuse) {
    finish({grpc::StatusCode::FAILED_PRECONDITION, "an envelope came before the cursor was told"});
    return;
  }
  if (channel_->receiver.can_take()) {
    read_next();
  } else {
    is_paused_ = true;
  }
  set_->follow(channel_, std::move(lock), std::move(step));
}

void IncomingStream::OnWriteDone(bool ok) {
  const std::lock_guard lock{channel_->mutex};
  is_writing_ = false;
  if (!ok && !end_) end_ = grpc::Status{grpc::StatusCode::UNAVAILABLE, "the stream broke"};
  write_next();
}

void IncomingStream::OnCancel() {
  const std::lock_guard lock{channel_->mutex};
  finish({grpc::StatusCode::CANCELLED, "the peer went away"});
}

void IncomingStream::OnDone() {
  {
    const std::lock_guard lock{channel_->mutex};
    if (channel_->stream == this) {
      channel_->stream = nullptr;
      channel_->receiver.close_stream();
      spdlog::info("peer {}: its stream to us ended", channel_->endpoint.code);
    }
  }
  delete this;
}

}  // namespace hugang::peer
