#include "hugang/v1/position_service.grpc.pb.h"
#include "services/edge/call.hpp"
#include "services/edge/convert_position.hpp"
#include "services/edge/field_reader.hpp"
#include "services/edge/services.hpp"
#include "services/edge/waiting_read.hpp"

namespace hugang::edge {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

void list_positions(Call& call, const v1::ListPositionsRequest&) {
  call.read(position_facts, [&call](const std::vector<PositionFacts>& all, base::Seqno seqno) {
    v1::ListPositionsResponse response;
    for (const PositionFacts& facts : all) fill(facts, *response.add_positions());
    response.set_seqno(seqno.value());
    call.answer(response);
  });
}

void reconcile(Call& call, const v1::ReconcileRequest& request) {
  submit_one<v1::ReconcileResponse>(call, to_command(request));
}

using MaybeReconciliation = std::optional<machine::Reconciliation>;

void get_reconciliation(Call& call, const v1::GetReconciliationRequest& request) {
  FieldReader fields;
  const base::CommandId id = fields.id("id", request.id());
  if (fields.has_failed()) return call.fail(fields.failure());
  // Only roles that see everything may call this.
  const WaitingRead<MaybeReconciliation>::Reader reader{
      .take = [](const machine::State& state, base::CommandId wanted,
                 const Caller&) { return reconciliation(state, wanted); },
      .is_final =
          [](const MaybeReconciliation& found) {
            return !found || found->status != machine::ReconciliationStatus::kOpen;
          },
      .tell =
          [](Call& asking, MaybeReconciliation found, base::Seqno) {
            if (!found) return asking.fail(Failure{EdgeError::kNotFound, "id"});
            v1::GetReconciliationResponse response;
            fill(*found, response);
            asking.answer(response);
          }};
  std::make_shared<WaitingRead<MaybeReconciliation>>(call, id, reader)
      ->start(std::chrono::milliseconds{request.wait_ms()});
}

using Contract = v1::PositionService;
using RawService =
    Contract::WithRawCallbackMethod_ListPositions<Contract::WithRawCallbackMethod_Reconcile<
        Contract::WithRawCallbackMethod_GetReconciliation<Contract::Service>>>;

class PositionService final : public RawService {
 public:
  explicit PositionService(Desk& desk) : desk_{desk} {}

 private:
  ServerUnaryReactor* ListPositions(CallbackServerContext* context, const ByteBuffer* request,
                                    ByteBuffer* response) override {
    return serve(desk_, Method::kListPositions, context, request, response, list_positions);
  }
  ServerUnaryReactor* Reconcile(CallbackServerContext* context, const ByteBuffer* request,
                                ByteBuffer* response) override {
    return serve(desk_, Method::kReconcile, context, request, response, reconcile);
  }
  ServerUnaryReactor* GetReconciliation(CallbackServerContext* context, const ByteBuffer* request,
                                        ByteBuffer* response) override {
    return serve(desk_, Method::kGetReconciliation, context, request, response, get_reconciliation);
  }

  Desk& desk_;
};

}  // namespace

std::unique_ptr<grpc::Service> make_position_service(Desk& desk) {
  return std::make_unique<PositionService>(desk);
}

}  // namespace hugang::edge
