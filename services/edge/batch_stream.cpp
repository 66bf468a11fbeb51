#include "services/edge/batch_stream.hpp"

#include "clearing/base/check.hpp"

namespace hugang::edge {

void BatchStream::begin(Method method) {
  desk_.open_calls.begin();
  const auto stopping = [this] { end_with(to_status(Failure{EdgeError::kStopping})); };
  open_id_ = desk_.open_calls.add_stream(stopping);
  const auto caller = admit(desk_, method, *context_.auth_context());
  if (!caller) {
    end_with(to_status(counted(desk_, Failure{caller.error()})));
    return;
  }
  caller_ = *caller;
  ++desk_.counts.calls;
  step();
}

void BatchStream::end_with(grpc::Status status) {
  {
    const std::lock_guard lock{mutex_};
    if (is_read_out_) return;
    is_read_out_ = true;
    is_cut_short_ = true;
    status_ = std::move(status);
  }
  step();
}

void BatchStream::step() {
  bool begins_read = false;
  bool begins_write = false;
  bool ends = false;
  {
    const std::lock_guard lock{mutex_};
    while (is_cancelled_ && !slots_.empty() && slots_.front().is_answered) {
      slots_.pop_front();
      ++first_position_;
    }
    if (!is_writing_ && !slots_.empty() && slots_.front().is_answered) {
      response_.Swap(&slots_.front().answer);
      slots_.pop_front();
      ++first_position_;
      is_writing_ = begins_write = true;
    }
    if (!is_reading_ && !is_read_out_ && slots_.size() < desk_.batches_in_flight_max) {
      is_reading_ = begins_read = true;
    }
    // A read under way holds the end up only as long as its request would still be taken.
    const bool is_idle = slots_.empty() && !is_writing_ && (!is_reading_ || is_cut_short_);
    if (is_read_out_ && is_idle && !is_finished_) is_finished_ = ends = true;
  }
  // Without the lock: gRPC may call back from inside.
  if (begins_write) StartWrite(&response_);
  if (begins_read) StartRead(&request_);
  if (ends) Finish(status_);
}

void BatchStream::OnReadDone(bool ok) {
  auto request = ok ? read(request_) : std::nullopt;
  request_.Clear();
  // Handed over before the next read begins: batches are recorded in the order of the requests.
  if (request) accept(std::move(*request));
  // The tag of such a message is not known: there is no answer to give but the end.
  if (ok && !request) {
    end_with(to_status(counted(desk_, Failure{EdgeError::kMessageMalformed})));
  }
  {
    const std::lock_guard lock{mutex_};
    if (!ok) is_read_out_ = true;
    is_reading_ = false;
  }
  step();
}

void BatchStream::accept(Request request) {
  std::uint64_t position = 0;
  {
    const std::lock_guard lock{mutex_};
    if (is_read_out_) return;
    position = first_position_ + slots_.size();
    slots_.push_back(Slot{.question = std::move(request.question), .answer = {}});
  }
  ++desk_.counts.batches;
  if (!request.command) return answer(position, inside(request.command.error(), "batch"));
  desk_.submit(std::move(*request.command), caller_.participant(), give_up_time(context_),
               [this, position](std::expected<node::Answer, node::SubmitError> batch) {
                 if (!batch) return answer(position, Failure{to_edge_error(batch.error())});
                 put_answer(position, accepted(take_question(position), *batch));
               });
}

void BatchStream::answer(std::uint64_t position, Failure failure) {
  const Failure told = counted(desk_, std::move(failure));
  const ErrorRow& row = row_of(told.error);
  v1::StreamError error;
  error.set_code(row.code);
  error.set_message(sentence_of(told));
  error.set_reason(std::string{row.reason});
  put_answer(position, refused(take_question(position), std::move(error)));
}

BatchStream::Question BatchStream::take_question(std::uint64_t position) {
  const std::lock_guard lock{mutex_};
  return std::move(slot_at_locked(position).question);
}

BatchStream::Slot& BatchStream::slot_at_locked(std::uint64_t position) {
  HG_CHECK(position >= first_position_ && position - first_position_ < slots_.size());
  return slots_[position - first_position_];
}

void BatchStream::put_answer(std::uint64_t position, grpc::ByteBuffer bytes) {
  {
    const std::lock_guard lock{mutex_};
    Slot& slot = slot_at_locked(position);
    HG_CHECK(!slot.is_answered);
    slot.answer.Swap(&bytes);
    slot.is_answered = true;
  }
  step();
}

void BatchStream::OnWriteDone(bool ok) {
  {
    const std::lock_guard lock{mutex_};
    is_writing_ = false;
    if (!ok) is_cancelled_ = true;
  }
  step();
}

void BatchStream::OnCancel() {
  {
    const std::lock_guard lock{mutex_};
    is_cancelled_ = true;
    is_read_out_ = true;
    is_cut_short_ = true;
  }
  step();
}

void BatchStream::OnDone() {
  OpenCalls& open_calls = desk_.open_calls;
  open_calls.remove_stream(open_id_);
  delete this;
  open_calls.end();
}

}  // namespace hugang::edge
