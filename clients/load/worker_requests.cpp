// What a worker sends, and what becomes of it.
#include <cmath>

#include "clearing/base/check.hpp"
#include "clients/library/id.hpp"
#include "clients/load/worker.hpp"

namespace hugang::load {
namespace {

/// The node is asked to hold the answer back until the settlement is final, this long at most.
constexpr double kWaitForEnd_s = 5;

Kind kind_of(Form form) {
  switch (form) {
    case Form::kSingle:
      return Kind::kTransfer;
    case Form::kHold:
      return Kind::kHold;
    case Form::kChain:
      return Kind::kChain;
    case Form::kBalancing:
      return Kind::kBalancing;
    case Form::kBatch:
      return Kind::kBatch;
    case Form::kCrossBorder:
      return Kind::kSettlement;
  }
  return Kind::kTransfer;
}

grpc::ByteBuffer submit_message(const wire::Transfer& record) {
  v1::SubmitRequest request;
  fill(record, *request.mutable_transfer());
  return to_bytes(request);
}

}  // namespace

void Worker::note_sent(Kind kind, std::optional<Nanos> intended, Nanos place_since, Nanos sent) {
  const bool is_measured = intended.value_or(sent) >= measure_from_;
  sent_.add(kind, is_measured);
  if (intended && is_measured) lag_.record(*intended, place_since, sent);
}

// ---- Streams -----------------------------------------------------------------------------------

grpc::ByteBuffer Worker::make_batch(StreamLane& lane, std::uint32_t& repeated) {
  BatchBuffer buffer = batches_.take();
  if (book_) {
    const base::NodeId initiator{plan_.accounts.payers.node};
    std::span<std::byte> at = buffer.bytes();
    for (; !at.empty(); at = at.subspan(kInstructBytes)) {
      wire::Transfer payment;
      maker_.single(payment);
      write_instruction(payment, payee_picker_->one(maker_.random()), initiator, at);
    }
    return batches_.stream_batch(buffer, lane.next_tag());
  }
  repeated = maker_.batch(buffer.records());
  if (scenario_.encoding == Encoding::kPacked) {
    return batches_.stream_batch(buffer, lane.next_tag());
  }
  typed_stream_.Clear();
  typed_stream_.set_tag(lane.next_tag());
  for (const wire::Transfer& record : buffer.records()) {
    fill(record, *typed_stream_.mutable_batch()->add_transfers());
  }
  batches_.put(buffer);
  return to_bytes(typed_stream_);
}

void Worker::begin(StreamLane& lane, std::optional<Nanos> intended) {
  const Nanos place_since = lane.ready_since();
  std::uint32_t repeated = 0;
  const grpc::ByteBuffer message = make_batch(lane, repeated);
  const Nanos sent = now();
  const Kind kind = book_ ? Kind::kSettlement : Kind::kBatch;
  note_sent(kind, intended, place_since, sent);
  if (repeated > 0 && intended.value_or(sent) >= measure_from_) sent_.add_retry(kind, repeated);
  PendingBatch batch{.intended = intended.value_or(sent), .sent = sent};
  // The receiver holds the lock; the thread that keeps times does not.
  std::unique_lock<std::mutex> lock;
  if (intended) lock = std::unique_lock{mutex_};
  if (book_) batch.number = book_->begin(lane, {batch.intended, sent, 0});
  lane.send(message, batch);
}

bool Worker::answered(StreamLane& /*lane*/, const PendingBatch& batch, const Answer& answer) {
  const Moments moments{
      .intended = batch.intended, .sent = batch.sent, .answered = std::max(event_at_, batch.sent)};
  if (!book_ || !answer.error.empty()) {
    recorder_.ended(book_ ? Kind::kSettlement : Kind::kBatch, moments, answer);
    if (book_) book_->lost(batch.number);
    return false;
  }
  auto settled = book_->held(batch.number, answer);
  if (!settled) return true;
  // The ends were told before the answer came: there is no place to free.
  settled->moments.answered = moments.answered;
  recorder_.ended(Kind::kSettlement, settled->moments, settled->answer);
  return false;
}

void Worker::batch_settled(std::optional<SettledBatch> batch) {
  if (!batch) return;
  batch->moments.answered = event_at_;
  recorder_.ended(Kind::kSettlement, batch->moments, batch->answer);
  batch->lane->free_place();
}

void Worker::watch_stands() {
  for (auto& lane : lanes_) lane->open();
  are_lanes_open_ = true;
}

void Worker::told(const v1::WatchSettlementsResponse& response) {
  const std::string& settled = response.settled_ids();
  constexpr std::size_t kIdBytes = 16;
  for (std::size_t at = 0; at + kIdBytes <= settled.size(); at += kIdBytes) {
    base::u128 id = 0;
    for (std::size_t i = 0; i < kIdBytes; ++i) {
      id = (id << 8) | static_cast<unsigned char>(settled[at + i]);
    }
    batch_settled(book_->ended(base::CommandId{id}, nullptr));
  }
  for (const v1::SettlementRefusal& refusal : response.refused()) {
    const auto id = client::from_proto(refusal.id());
    if (id) batch_settled(book_->ended(*id, &refusal.code_name()));
  }
}

void Worker::lane_changed(StreamLane& lane) {
  if (is_paced_) return changed_.notify_one();
  if (!may_send(event_at_)) return;
  lane.reserve();
  begin(lane, std::nullopt);
}

// ---- Calls -------------------------------------------------------------------------------------

Form Worker::choose_form() {
  switch (scenario_.workload) {
    case Workload::kStream:
    case Workload::kBatch:
      return Form::kBatch;
    case Workload::kCrossBorder:
      return Form::kCrossBorder;
    case Workload::kUnary:
    case Workload::kMixed:
      return maker_.next_form();
  }
  return Form::kSingle;
}

const std::string& Worker::make_first(Call& call) {
  const Form form = choose_form();
  call.kind = kind_of(form);
  call.is_retried = false;
  switch (form) {
    case Form::kSingle:
    case Form::kBalancing:
    case Form::kHold: {
      wire::Transfer record;
      if (form == Form::kSingle) maker_.single(record);
      if (form == Form::kBalancing) maker_.balancing(record);
      if (form == Form::kHold) maker_.hold(record, call.second);
      call.is_retried = form != Form::kHold && maker_.is_retry_next();
      call.message = submit_message(record);
      return method::kSubmit;
    }
    case Form::kChain: {
      BatchBuffer buffer = chains_.take();
      maker_.chain(buffer.records());
      call.message = chains_.batch(buffer, buffer.records().size());
      return method::kSubmitBatch;
    }
    case Form::kBatch: {
      BatchBuffer buffer = batches_.take();
      const std::uint32_t repeated = maker_.batch(buffer.records());
      if (repeated > 0) sent_.add_retry(Kind::kBatch, repeated);
      if (scenario_.encoding == Encoding::kPacked) {
        call.message = batches_.batch(buffer, buffer.records().size());
        return method::kSubmitBatch;
      }
      typed_batch_.Clear();
      for (const wire::Transfer& record : buffer.records()) {
        fill(record, *typed_batch_.add_transfers());
      }
      batches_.put(buffer);
      call.message = to_bytes(typed_batch_);
      return method::kSubmitBatch;
    }
    case Form::kCrossBorder:
      break;
  }
  HG_CHECK(payee_picker_.has_value());
  wire::Transfer record;
  maker_.single(record);
  call.id = record.id;
  v1::InstructRequest request;
  *request.mutable_id() = client::to_proto(record.id);
  request.set_responder_node(plan_.accounts.payees.node);
  request.set_kind(v1::SETTLEMENT_KIND_PAYMENT);
  v1::Leg& leg = *request.add_legs();
  leg.set_initiator_account(record.debit.value());
  leg.set_responder_account(payee_picker_->one(maker_.random()).value());
  leg.set_asset(record.asset.value());
  leg.set_amount_minor(record.amount_minor);
  leg.set_direction(v1::LEG_DIRECTION_OUT);
  call.message = to_bytes(request);
  return method::kInstruct;
}

void Worker::begin(Call& call, std::optional<Nanos> intended) {
  const std::string& method = make_first(call);
  call.step = Step::kFirst;
  call.moments.sent = now();
  call.moments.intended = intended.value_or(call.moments.sent);
  note_sent(call.kind, intended, call.place_since, call.moments.sent);
  send(call, method, scenario_.timeout_s);
}

void Worker::send(Call& call, const std::string& method, double timeout_s) {
  call.is_under_way = true;
  call.call.start(*stubs_[call.channel], queue_,
                  {.method = method,
                   .message = call.message,
                   .timeout = std::chrono::nanoseconds{to_nanos(timeout_s)}},
                  call);
}

/// The post or void of a hold that was answered: intended at once.
void Worker::send_second(Call& call) {
  const bool is_void = (call.second.flags & wire::transfer_flag::kVoidHold) != 0;
  call.kind = is_void ? Kind::kVoid : Kind::kPost;
  call.step = Step::kSecondPhase;
  call.message = submit_message(call.second);
  call.moments.intended = event_at_;
  call.moments.sent = now();
  sent_.add_follow_up(call.kind, call.moments.intended >= measure_from_);
  send(call, method::kSubmit, scenario_.timeout_s);
}

void Worker::ask_for_end(Call& call) {
  v1::GetSettlementRequest request;
  *request.mutable_id() = client::to_proto(call.id);
  request.set_wait_ms(static_cast<std::uint32_t>(kWaitForEnd_s * 1'000));
  call.message = to_bytes(request);
  call.step = Step::kAwait;
  send(call, method::kGetSettlement, kWaitForEnd_s + scenario_.timeout_s);
}

Answer Worker::answer_of(Call& call) {
  const grpc::Status& status = call.call.status();
  if (!status.ok()) return failed(error_name(status));
  const bool is_batch = call.kind == Kind::kBatch || call.kind == Kind::kChain;
  if (is_batch) {
    v1::SubmitBatchResponse response;
    return from_bytes(call.call.response(), response) ? to_answer(response)
                                                      : failed("ANSWER_MALFORMED");
  }
  if (call.kind == Kind::kSettlement) {
    v1::InstructResponse response;
    return from_bytes(call.call.response(), response) ? to_answer(response.outcome())
                                                      : failed("ANSWER_MALFORMED");
  }
  v1::SubmitResponse response;
  return from_bytes(call.call.response(), response) ? to_answer(response.outcome())
                                                    : failed("ANSWER_MALFORMED");
}

void Worker::first_ended(Call& call) {
  const Answer answer = answer_of(call);
  const bool is_accepted = answer.accepted > 0;
  if (call.kind == Kind::kSettlement && is_accepted) return ask_for_end(call);
  recorder_.ended(call.kind, call.moments, answer);
  if (call.kind == Kind::kHold && is_accepted) return send_second(call);
  if (call.is_retried && answer.error.empty()) {
    call.step = Step::kRetry;
    if (call.moments.intended >= measure_from_) sent_.add_retry(call.kind);
    return send(call, method::kSubmit, scenario_.timeout_s);
  }
  release(call);
}

void Worker::await_ended(Call& call) {
  Answer answer;
  v1::GetSettlementResponse response;
  const grpc::Status& status = call.call.status();
  if (!status.ok()) {
    answer = failed(error_name(status));
  } else if (!from_bytes(call.call.response(), response)) {
    answer = failed("ANSWER_MALFORMED");
  } else if (response.settlement().status() == v1::SETTLEMENT_STATUS_SETTLED) {
    answer.accepted = 1;
  } else if (response.settlement().status() == v1::SETTLEMENT_STATUS_REFUSED) {
    report::add_code(answer.refused, response.settlement().code_name());
  } else if (event_at_ - call.moments.sent < to_nanos(scenario_.timeout_s)) {
    return ask_for_end(call);
  } else {
    answer = failed("NOT_FINAL");
  }
  recorder_.ended(call.kind, call.moments, answer);
  release(call);
}

void Worker::call_ended(Call& call) {
  call.is_under_way = false;
  call.moments.answered = event_at_;
  switch (call.step) {
    case Step::kFirst:
      return first_ended(call);
    case Step::kAwait:
      return await_ended(call);
    case Step::kSecondPhase:
      recorder_.ended(call.kind, call.moments, answer_of(call));
      return release(call);
    case Step::kRetry: {
      const Answer answer = answer_of(call);
      // The ledger must know it again: an answer as if it were new would be money moved twice.
      if (answer.error.empty() && answer.repeated != 1) {
        recorder_.ended(call.kind, call.moments, failed("RETRY_NOT_RECOGNISED"));
      }
      return release(call);
    }
  }
}

void Worker::release(Call& call) {
  call.place_since = event_at_;
  if (!is_paced_ && may_send(event_at_)) return begin(call, std::nullopt);
  --under_way_;
  if (!is_paced_) return;
  if (scenario_.loop == Loop::kOpen) {
    free_calls_.push_back(&call);
  } else {
    const double mean = scenario_.think_s;
    // Drawn here from the call's own course: the generator is the other thread's.
    const double unit =
        static_cast<double>(SplitMix64{static_cast<std::uint64_t>(event_at_)}.next() >> 11) *
        0x1.0p-53;
    const double pause = scenario_.is_think_random ? -std::log(1 - unit) * mean : mean;
    thinking_.push({.until = event_at_ + to_nanos(pause), .call = &call});
  }
  changed_.notify_one();
}

}  // namespace hugang::load
