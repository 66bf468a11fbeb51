#include "clients/load/watch_lane.hpp"

#include "clearing/base/check.hpp"

namespace hugang::load {

WatchLane::WatchLane(std::shared_ptr<grpc::Channel> channel, grpc::CompletionQueue& queue,
                     Owner& owner)
    : stub_{std::move(channel)}, queue_{queue}, owner_{owner} {}

void WatchLane::open() {
  HG_CHECK(!is_open_);
  is_open_ = true;
  is_asking_ = is_reading_ = is_finishing_ = false;
  stream_.reset();
  context_.emplace();
  context_->set_wait_for_ready(true);
  stream_ = stub_.PrepareCall(&*context_, method::kWatchSettlements, &queue_);
  stream_->StartCall(&opened_);
}

void WatchLane::look_after(Nanos now) {
  now_ = now;
  if (!is_open_ && !is_closing_ && now >= reopen_at_) open();
}

void WatchLane::opened(bool ok) {
  if (!ok) return finish();
  v1::WatchSettlementsRequest request;
  if (has_stood_) request.set_after_seqno(told_up_to_);
  request.set_side(v1::SETTLEMENT_SIDE_INITIATOR);
  is_asking_ = true;
  // The one request, and that there is no other.
  stream_->WriteLast(to_bytes(request), grpc::WriteOptions{}, &asked_);
  is_reading_ = true;
  stream_->Read(&answer_, &read_);
}

void WatchLane::asked(bool /*ok*/) {
  is_asking_ = false;
  if (!is_reading_) finish();
}

void WatchLane::read(bool ok) {
  is_reading_ = false;
  if (!ok) return finish();
  v1::WatchSettlementsResponse response;
  const bool is_message = from_bytes(answer_, response);
  answer_.Clear();
  is_reading_ = true;
  stream_->Read(&answer_, &read_);
  if (!is_message) return;
  told_up_to_ = response.seqno();
  if (!has_stood_) {
    has_stood_ = true;
    owner_.watch_stands();
  }
  owner_.told(response);
}

void WatchLane::finish() {
  if (is_asking_ || is_reading_ || is_finishing_) return;
  is_finishing_ = true;
  stream_->Finish(&status_, &ended_);
}

void WatchLane::ended(bool /*ok*/) {
  is_open_ = false;
  reopen_at_ = now_ + kSecond / 10;
}

void WatchLane::close() {
  is_closing_ = true;
  if (is_open_) context_->TryCancel();
}

}  // namespace hugang::load
