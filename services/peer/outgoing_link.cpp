#include "services/peer/outgoing_link.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>
#include <thread>
#include <utility>

#include "services/node/crash_points.hpp"

namespace hugang::peer {
namespace {

constexpr std::chrono::seconds kKeyRetry{1};

}  // namespace

OutgoingLink::OutgoingLink(LinkSet& set, std::shared_ptr<Channel> channel)
    : set_{set}, channel_{std::move(channel)}, course_{set.config().pace, std::random_device{}()} {}

OutgoingCourse::Time OutgoingLink::now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

void OutgoingLink::pause(std::chrono::milliseconds time) {
  std::unique_lock lock{channel_->mutex};
  channel_->changed.wait_for(lock, time, [&] { return set_.is_stopping(); });
}

void OutgoingLink::run() {
  while (!set_.is_stopping() && !set_.is_loaded()) {
    set_.request_state();
    std::unique_lock lock{channel_->mutex};
    channel_->changed.wait_for(lock, std::chrono::milliseconds{200},
                               [&] { return set_.is_stopping() || set_.is_loaded(); });
  }
  while (!set_.is_stopping()) {
    run_stream();
    if (!set_.is_stopping()) pause(redial_pause_);
  }
}

std::shared_ptr<grpc::Channel> OutgoingLink::dial() const {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = set_.config().tls.trusted_cas_pem;
  options.pem_cert_chain = set_.config().tls.certificate_pem;
  options.pem_private_key = set_.config().tls.private_key_pem;
  grpc::ChannelArguments arguments;
  // A connection of its own for each dial, so that our pauses are the only ones.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  return grpc::CreateCustomChannel(channel_->endpoint.address, grpc::SslCredentials(options),
                                   arguments);
}

void OutgoingLink::run_stream() {
  const auto stub = v1::PeerService::NewStub(dial());
  grpc::ClientContext context;
  {
    const std::lock_guard lock{channel_->mutex};
    if (set_.is_stopping()) return;
    channel_->outgoing = &context;
    ++channel_->counters.dials;
    is_read_over_ = false;
    is_misled_ = false;
    course_.opened(channel_->sender, now());
  }
  const auto stream = stub->Link(&context);
  std::thread reader{[&] { read_reports(context, *stream); }};
  send_while_open(context, *stream);
  reader.join();
  const grpc::Status status = stream->Finish();
  {
    const std::lock_guard lock{channel_->mutex};
    channel_->outgoing = nullptr;
  }
  note_end(status);
}

void OutgoingLink::note_end(const grpc::Status& status) {
  const std::lock_guard lock{channel_->mutex};
  redial_pause_ = course_.closed(channel_->sender, now());
  const bool was_connected = std::exchange(channel_->counters.is_connected_out, false);
  // Our own TryCancel is no news.
  const bool is_news = !status.ok() && status.error_code() != grpc::StatusCode::CANCELLED;
  std::string refused = is_misled_ ? "the server at the address is not the peer's node, or does "
                                     "not speak our protocol: check address and certificate"
                        : is_news  ? "the peer ended or refused the link: " + status.error_message()
                                   : std::string{};
  if (set_.is_stopping()) return;
  if (was_connected || refused != channel_->refused) {
    spdlog::warn("peer {} at {}: the link is down{}{}", channel_->endpoint.code,
                 channel_->endpoint.address, refused.empty() ? "" : "; ", refused);
  }
  channel_->refused = std::move(refused);
}

void OutgoingLink::read_reports(grpc::ClientContext& context, Stream& stream) {
  v1::LinkResponse response;
  bool is_first = true;
  while (stream.Read(&response)) {
    const bool is_peer =
        !is_first || is_node_certificate(*context.auth_context(), channel_->endpoint.code);
    is_first = false;
    if (!is_peer || response.chain().size() != sizeof(base::Digest)) {
      const std::lock_guard lock{channel_->mutex};
      is_misled_ = true;
      context.TryCancel();
      break;
    }
    take_report(response);
  }
  {
    const std::lock_guard lock{channel_->mutex};
    is_read_over_ = true;
  }
  channel_->changed.notify_all();
}

void OutgoingLink::take_report(const v1::LinkResponse& response) {
  Report report{.applied = base::ChannelSeqno{response.applied()},
                .chain = {},
                .resend = response.resend(),
                .halted = response.halted_code_name()};
  std::copy_n(std::as_bytes(std::span{response.chain()}).begin(), report.chain.bytes.size(),
              report.chain.bytes.begin());
  const std::unique_lock lock{channel_->mutex};
  const PeerSender& sender = channel_->sender;
  const auto news = course_.take(channel_->sender, report, now());
  if (news.is_open) {
    channel_->counters.is_connected_out = true;
    channel_->refused.clear();
    spdlog::info("peer {}: our stream is open, it stands at message {}", channel_->endpoint.code,
                 report.applied.value());
  }
  if (news.diverges) {
    spdlog::error("peer {}: {}", channel_->endpoint.code, sentence_of(sender.divergence()));
  }
  if (news.is_halted) {
    spdlog::error("peer {}: it halted our direction: {}", channel_->endpoint.code, sender.halted());
  }
  channel_->changed.notify_all();
}

void OutgoingLink::send_while_open(grpc::ClientContext& context, Stream& stream) {
  std::unique_lock lock{channel_->mutex};
  while (!is_over()) {
    auto next = course_.next(channel_->sender, now());
    if (next.act == OutgoingCourse::Act::kGiveUp) {
      spdlog::warn("peer {}: no progress on the stream, dialling anew", channel_->endpoint.code);
      context.TryCancel();
      return;
    }
    if (next.act == OutgoingCourse::Act::kSend) {
      if (!send_next(stream, lock)) return;
      continue;
    }
    journal_ack(lock);  // releases the lock meanwhile: what was to be waited for may be there
    next = course_.next(channel_->sender, now());
    if (is_over() || next.act != OutgoingCourse::Act::kWait) continue;
    channel_->changed.wait_until(lock, std::chrono::steady_clock::time_point{next.until});
  }
}

bool OutgoingLink::send_next(Stream& stream, std::unique_lock<std::mutex>& lock) {
  const auto now = set_.clock().now();
  auto choice = set_.choose_key(now, channel_->sender.keys_unknown_to_peer());
  if (choice.trouble != channel_->key_trouble) {
    if (!choice.trouble.empty()) spdlog::error("signing key: {}", choice.trouble);
    channel_->key_trouble = choice.trouble;
  }
  if (choice.key == nullptr) {
    channel_->changed.wait_for(lock, kKeyRetry, [&] { return is_over(); });
    return true;
  }
  auto payload = channel_->sender.next_payload(now, channel_->receiver.applied());
  if (!payload) return true;
  ++channel_->counters.envelopes_sent;
  lock.unlock();

  const auto tags =
      node::are_crash_points_armed() ? node::crash_tags_of_payload(*payload) : node::CrashTags{};
  const base::Bytes envelope = seal_bytes(*choice.key, *std::move(payload));
  v1::LinkRequest request;
  request.set_envelope(envelope.data(), envelope.size());
  node::crash_point(node::CrashPoint::kPeerBeforeSend, tags);
  const bool is_written = stream.Write(request);
  if (is_written) node::crash_point(node::CrashPoint::kPeerAfterSend, tags);
  lock.lock();
  return is_written;
}

void OutgoingLink::journal_ack(std::unique_lock<std::mutex>& lock) {
  const auto before = channel_->sender.journaled();
  const auto acknowledged = course_.ack_to_journal(channel_->sender, now());
  if (!acknowledged) return;
  lock.unlock();
  set_.submit_ack(channel_, before, *acknowledged);
  lock.lock();
}

}  // namespace hugang::peer
