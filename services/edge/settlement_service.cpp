#include "hugang/v1/settlement_service.grpc.pb.h"
#include "services/edge/batch_stream.hpp"
#include "services/edge/call.hpp"
#include "services/edge/convert_settlement.hpp"
#include "services/edge/field_reader.hpp"
#include "services/edge/services.hpp"
#include "services/edge/settlement_view.hpp"
#include "services/edge/settlement_watch.hpp"
#include "services/edge/waiting_read.hpp"

namespace hugang::edge {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

void instruct(Call& call, const v1::InstructRequest& request) {
  submit_one<v1::InstructResponse>(call, to_command(request, call.desk().self));
}

void instruct_batch(Call& call, const v1::InstructBatchRequest& request) {
  call.submit(to_command(request, call.desk().self), [&call](const node::Answer& answer) {
    v1::InstructBatchResponse response;
    fill(answer, response);
    call.answer(response);
  });
}

void affirm(Call& call, const v1::AffirmRequest& request) {
  submit_one<v1::AffirmResponse>(call, to_command(request));
}

void recall(Call& call, const v1::RecallRequest& request) {
  submit_one<v1::RecallResponse>(call, to_command(request));
}

using MaybeSettlement = std::optional<SettlementFacts>;

void tell_settlement(Call& call, MaybeSettlement facts, base::Seqno seqno) {
  if (!facts) return call.fail(Failure{EdgeError::kNotFound, "id"});
  v1::GetSettlementResponse response;
  fill(*facts, *response.mutable_settlement());
  response.set_seqno(seqno.value());
  call.answer(response);
}

void get_settlement(Call& call, const v1::GetSettlementRequest& request) {
  FieldReader fields;
  const base::CommandId id = fields.id("id", request.id());
  if (fields.has_failed()) return call.fail(fields.failure());
  const WaitingRead<MaybeSettlement>::Reader reader{
      .take = visible_settlement,
      .is_final =
          [](const MaybeSettlement& facts) { return !facts || is_final(facts->settlement.status); },
      .tell = tell_settlement};
  std::make_shared<WaitingRead<MaybeSettlement>>(call, id, reader)
      ->start(std::chrono::milliseconds{request.wait_ms()});
}

/// Looks on where the last look ended, until the page is full or the settlements are over.
void continue_list(Call& call, const SettlementPage& page, SettlementList list) {
  call.read(
      [page, caller = call.caller(), list = std::move(list)](const machine::State& state) mutable {
        look_for_settlements(state, page, caller, list);
        return std::move(list);
      },
      [&call, page](SettlementList found, base::Seqno) {
        if (!found.is_complete) return continue_list(call, page, std::move(found));
        if (found.is_start_unknown) return call.fail(Failure{EdgeError::kNotFound, "after_id"});
        v1::ListSettlementsResponse response;
        for (const SettlementFacts& facts : found.settlements) {
          fill(facts, *response.add_settlements());
        }
        response.set_has_more(found.has_more);
        call.answer(response);
      });
}

void list_settlements(Call& call, const v1::ListSettlementsRequest& request) {
  const auto page = to_page(request);
  if (!page) return call.fail(page.error());
  continue_list(call, *page, SettlementList{});
}

using Contract = v1::SettlementService;
using Writes =
    Contract::WithRawCallbackMethod_Instruct<Contract::WithRawCallbackMethod_InstructBatch<
        Contract::WithRawCallbackMethod_InstructStream<Contract::WithRawCallbackMethod_Affirm<
            Contract::WithRawCallbackMethod_Recall<Contract::Service>>>>>;
using RawService =
    Contract::WithRawCallbackMethod_WatchSettlements<Contract::WithRawCallbackMethod_GetSettlement<
        Contract::WithRawCallbackMethod_ListSettlements<Writes>>>;

class SettlementService final : public RawService {
 public:
  explicit SettlementService(Desk& desk) : desk_{desk} {}

 private:
  ServerUnaryReactor* Instruct(CallbackServerContext* context, const ByteBuffer* request,
                               ByteBuffer* response) override {
    return serve(desk_, Method::kInstruct, context, request, response, instruct);
  }
  ServerUnaryReactor* InstructBatch(CallbackServerContext* context, const ByteBuffer* request,
                                    ByteBuffer* response) override {
    return serve(desk_, Method::kInstructBatch, context, request, response, instruct_batch);
  }
  grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>* InstructStream(
      CallbackServerContext* context) override {
    return new edge::InstructStream{desk_, *context};
  }
  grpc::ServerWriteReactor<ByteBuffer>* WatchSettlements(CallbackServerContext* context,
                                                         const ByteBuffer* request) override {
    return new SettlementWatch{desk_, *context, *request};
  }
  ServerUnaryReactor* Affirm(CallbackServerContext* context, const ByteBuffer* request,
                             ByteBuffer* response) override {
    return serve(desk_, Method::kAffirm, context, request, response, affirm);
  }
  ServerUnaryReactor* Recall(CallbackServerContext* context, const ByteBuffer* request,
                             ByteBuffer* response) override {
    return serve(desk_, Method::kRecall, context, request, response, recall);
  }
  ServerUnaryReactor* GetSettlement(CallbackServerContext* context, const ByteBuffer* request,
                                    ByteBuffer* response) override {
    return serve(desk_, Method::kGetSettlement, context, request, response, get_settlement);
  }
  ServerUnaryReactor* ListSettlements(CallbackServerContext* context, const ByteBuffer* request,
                                      ByteBuffer* response) override {
    return serve(desk_, Method::kListSettlements, context, request, response, list_settlements);
  }

  Desk& desk_;
};

}  // namespace

std::unique_ptr<grpc::Service> make_settlement_service(Desk& desk) {
  return std::make_unique<SettlementService>(desk);
}

}  // namespace hugang::edge
