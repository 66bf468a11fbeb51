#include "services/edge/instruct_stream.hpp"

#include <utility>

#include "clearing/base/check.hpp"
#include "services/edge/convert_settlement.hpp"

namespace hugang::edge {

InstructStream::InstructStream(Desk& desk, grpc::CallbackServerContext& context)
    : desk_{desk}, context_{context} {
  desk_.open_calls.begin();
  const auto stopping = [this] { end_with(to_status(Failure{EdgeError::kStopping})); };
  open_id_ = desk_.open_calls.add_stream(stopping);
  const auto caller = admit(desk_, Method::kInstructStream, *context_.auth_context());
  if (!caller) {
    end_with(to_status(counted(desk_, Failure{caller.error()})));
    return;
  }
  caller_ = *caller;
  ++desk_.counts.calls;
  step();
}

void InstructStream::end_with(grpc::Status status) {
  {
    const std::lock_guard lock{mutex_};
    if (is_read_out_) return;
    is_read_out_ = true;
    is_cut_short_ = true;
    status_ = std::move(status);
  }
  step();
}

void InstructStream::step() {
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

void InstructStream::OnReadDone(bool ok) {
  google::protobuf::Arena arena;
  auto* request = google::protobuf::Arena::CreateMessage<v1::InstructStreamRequest>(&arena);
  const bool is_message = ok && parse(request_, *request);
  request_.Clear();
  bool takes_it = false;
  {
    const std::lock_guard lock{mutex_};
    takes_it = is_message && !is_read_out_;
    if (takes_it) slots_.push_back(Slot{.tag = request->tag(), .answer = {}});
    if (!ok) is_read_out_ = true;
  }
  // Handed over before the next read begins: batches are recorded in the order of the requests.
  if (takes_it) accept(*request);
  // The tag of such a message is not known: there is no answer to give but the end.
  if (ok && !is_message) {
    end_with(to_status(counted(desk_, Failure{EdgeError::kMessageMalformed})));
  }
  {
    const std::lock_guard lock{mutex_};
    is_reading_ = false;
  }
  step();
}

void InstructStream::accept(const v1::InstructStreamRequest& request) {
  ++desk_.counts.batches;
  std::uint64_t position = 0;
  {
    const std::lock_guard lock{mutex_};
    position = first_position_ + slots_.size() - 1;
  }
  auto command = to_command(request.batch(), desk_.self);
  if (!command) return answer(position, inside(command.error(), "batch"));
  desk_.submit(std::move(*command), caller_.participant(), give_up_time(context_),
               [this, position](const std::expected<node::Answer, node::SubmitError>& batch) {
                 if (!batch) return answer(position, Failure{to_edge_error(batch.error())});
                 v1::InstructStreamResponse response;
                 fill(*batch, *response.mutable_accepted());
                 answer(position, std::move(response));
               });
}

void InstructStream::answer(std::uint64_t position, Failure failure) {
  const Failure told = counted(desk_, std::move(failure));
  const ErrorRow& row = row_of(told.error);
  v1::InstructStreamResponse response;
  response.mutable_error()->set_code(row.code);
  response.mutable_error()->set_message(sentence_of(told));
  response.mutable_error()->set_reason(std::string{row.reason});
  answer(position, std::move(response));
}

void InstructStream::answer(std::uint64_t position, v1::InstructStreamResponse response) {
  {
    const std::lock_guard lock{mutex_};
    HG_CHECK(position >= first_position_ && position - first_position_ < slots_.size());
    Slot& slot = slots_[position - first_position_];
    HG_CHECK(!slot.is_answered);
    response.set_tag(slot.tag);
    slot.answer = serialise(response);
    slot.is_answered = true;
  }
  step();
}

void InstructStream::OnWriteDone(bool ok) {
  {
    const std::lock_guard lock{mutex_};
    is_writing_ = false;
    if (!ok) is_cancelled_ = true;
  }
  step();
}

void InstructStream::OnCancel() {
  {
    const std::lock_guard lock{mutex_};
    is_cancelled_ = true;
    is_read_out_ = true;
    is_cut_short_ = true;
  }
  step();
}

void InstructStream::OnDone() {
  OpenCalls& open_calls = desk_.open_calls;
  open_calls.remove_stream(open_id_);
  delete this;
  open_calls.end();
}

}  // namespace hugang::edge
