#include "clients/load/stream_lane.hpp"

#include "clearing/base/check.hpp"

namespace hugang::load {
namespace {

/// A stream that breaks at once is not opened again at once.
constexpr Nanos kReopenPause = kSecond / 10;

}  // namespace

StreamLane::StreamLane(std::shared_ptr<grpc::Channel> channel, grpc::CompletionQueue& queue,
                       Protocol protocol, std::uint32_t window, Owner& owner)
    : stub_{std::move(channel)},
      queue_{queue},
      protocol_{protocol},
      window_{window},
      owner_{owner} {}

void StreamLane::open() {
  HG_CHECK(state_ == State::kClosed);
  state_ = State::kOpening;
  is_writing_ = is_reading_ = is_finishing_ = is_half_closed_ = false;
  stream_.reset();
  context_.emplace();
  context_->set_wait_for_ready(true);
  stream_ = stub_.PrepareCall(&*context_, protocol_.method, &queue_);
  stream_->StartCall(&opened_);
}

void StreamLane::look_after(Nanos now) {
  std::vector<PendingBatch> lost;
  lost.swap(lost_);
  for (const PendingBatch& batch : lost) owner_.answered(*this, batch, failed("STREAM_ENDED"));
  if (state_ == State::kClosed && !is_closing_ && now >= reopen_at_) open();
}

void StreamLane::note_change() {
  if (!is_ready()) return;
  ready_since_ = owner_.now();
  owner_.lane_changed(*this);
}

void StreamLane::opened(bool ok) {
  if (!ok) {
    end_when_quiet();
    return;
  }
  state_ = State::kOpen;
  is_reading_ = true;
  stream_->Read(&answer_, &read_);
  if (is_closing_) return close();
  note_change();
}

void StreamLane::send(const grpc::ByteBuffer& message, PendingBatch batch) {
  HG_CHECK(is_reserved_);
  is_reserved_ = false;
  // It broke while the batch was made.
  if (state_ != State::kOpen) return lost_.push_back(batch);
  pending_.push_back(batch);
  is_writing_ = true;
  stream_->Write(message, &written_);
}

void StreamLane::written(bool ok) {
  is_writing_ = false;
  if (state_ == State::kEnding) return end_when_quiet();
  if (!ok) return;  // the read ends as well, and tells
  if (is_closing_) return close();
  note_change();
}

void StreamLane::read(bool ok) {
  is_reading_ = false;
  if (!ok) {
    state_ = State::kEnding;
    return end_when_quiet();
  }
  const bool was_full = pending_.size() + kept_ >= window_;
  const Answer answer = protocol_.read(answer_);
  HG_CHECK(!pending_.empty());
  const PendingBatch batch = pending_.front();
  pending_.pop_front();
  is_reading_ = true;
  answer_.Clear();
  stream_->Read(&answer_, &read_);
  if (owner_.answered(*this, batch, answer)) ++kept_;
  if (was_full) note_change();
}

void StreamLane::free_place() {
  HG_CHECK(kept_ > 0);
  const bool was_full = pending_.size() + kept_ >= window_;
  --kept_;
  if (was_full) note_change();
}

void StreamLane::end_when_quiet() {
  state_ = State::kEnding;
  if (is_reading_ || is_writing_ || is_finishing_) return;
  is_finishing_ = true;
  stream_->Finish(&status_, &ended_);
}

void StreamLane::ended(bool /*ok*/) {
  state_ = State::kClosed;
  reopen_at_ = owner_.now() + kReopenPause;
  const std::string name = status_.ok() ? "STREAM_ENDED" : error_name(status_);
  std::deque<PendingBatch> lost;
  lost.swap(pending_);
  for (const PendingBatch& batch : lost) owner_.answered(*this, batch, failed(name));
}

void StreamLane::close() {
  is_closing_ = true;
  if (state_ != State::kOpen || is_writing_ || is_half_closed_) return;
  is_half_closed_ = is_writing_ = true;
  stream_->WritesDone(&written_);
}

void StreamLane::cancel() {
  is_closing_ = true;
  if (state_ != State::kClosed) context_->TryCancel();
}

}  // namespace hugang::load
