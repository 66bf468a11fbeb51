#include "hugang/v1/admin_service.grpc.pb.h"
#include "services/edge/call.hpp"
#include "services/edge/convert_admin.hpp"
#include "services/edge/services.hpp"

namespace hugang::edge {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

void register_participant(Call& call, const v1::RegisterParticipantRequest& request) {
  submit_one<v1::RegisterParticipantResponse>(call, to_command(request));
}

void update_participant(Call& call, const v1::UpdateParticipantRequest& request) {
  submit_one<v1::UpdateParticipantResponse>(call, to_command(request));
}

void register_asset(Call& call, const v1::RegisterAssetRequest& request) {
  submit_one<v1::RegisterAssetResponse>(call, to_command(request));
}

void update_account(Call& call, const v1::UpdateAccountRequest& request) {
  submit_one<v1::UpdateAccountResponse>(call, to_command(request));
}

void register_peer(Call& call, const v1::RegisterPeerRequest& request) {
  submit_one<v1::RegisterPeerResponse>(call, to_command(request, call.desk().hooks));
}

void rotate_key(Call& call, const v1::RotateKeyRequest& request) {
  submit_one<v1::RotateKeyResponse>(call, to_command(request, call.desk().hooks));
}

void resume_peer(Call& call, const v1::ResumePeerRequest& request) {
  submit_one<v1::ResumePeerResponse>(call, to_command(request));
}

void set_rules(Call& call, const v1::SetRulesRequest& request) {
  submit_one<v1::SetRulesResponse>(call, to_command(request));
}

void list_participants(Call& call, const v1::ListParticipantsRequest&) {
  call.read([](const machine::State& state) { return state.participants; },
            [&call](const std::vector<machine::Participant>& participants, base::Seqno) {
              v1::ListParticipantsResponse response;
              for (const auto& participant : participants) {
                fill(participant, *response.add_participants());
              }
              call.answer(response);
            });
}

void get_node_status(Call& call, const v1::GetNodeStatusRequest&) {
  call.read(ledger_facts, [&call](const LedgerFacts& ledger, base::Seqno) {
    v1::GetNodeStatusResponse response;
    fill(ledger, call.desk().hooks.node_facts(), response);
    call.answer(response);
  });
}

using Contract = v1::AdminService;
using RawService = Contract::WithRawCallbackMethod_RegisterParticipant<
    Contract::WithRawCallbackMethod_UpdateParticipant<
        Contract::WithRawCallbackMethod_ListParticipants<
            Contract::WithRawCallbackMethod_RegisterAsset<
                Contract::WithRawCallbackMethod_UpdateAccount<
                    Contract::WithRawCallbackMethod_RegisterPeer<
                        Contract::WithRawCallbackMethod_RotateKey<
                            Contract::WithRawCallbackMethod_ResumePeer<
                                Contract::WithRawCallbackMethod_SetRules<
                                    Contract::WithRawCallbackMethod_GetNodeStatus<
                                        Contract::Service>>>>>>>>>>;

class AdminService final : public RawService {
 public:
  explicit AdminService(Desk& desk) : desk_{desk} {}

 private:
  ServerUnaryReactor* RegisterParticipant(CallbackServerContext* context, const ByteBuffer* request,
                                          ByteBuffer* response) override {
    return serve(desk_, Method::kRegisterParticipant, context, request, response,
                 register_participant);
  }
  ServerUnaryReactor* UpdateParticipant(CallbackServerContext* context, const ByteBuffer* request,
                                        ByteBuffer* response) override {
    return serve(desk_, Method::kUpdateParticipant, context, request, response, update_participant);
  }
  ServerUnaryReactor* ListParticipants(CallbackServerContext* context, const ByteBuffer* request,
                                       ByteBuffer* response) override {
    return serve(desk_, Method::kListParticipants, context, request, response, list_participants);
  }
  ServerUnaryReactor* RegisterAsset(CallbackServerContext* context, const ByteBuffer* request,
                                    ByteBuffer* response) override {
    return serve(desk_, Method::kRegisterAsset, context, request, response, register_asset);
  }
  ServerUnaryReactor* UpdateAccount(CallbackServerContext* context, const ByteBuffer* request,
                                    ByteBuffer* response) override {
    return serve(desk_, Method::kUpdateAccount, context, request, response, update_account);
  }
  ServerUnaryReactor* RegisterPeer(CallbackServerContext* context, const ByteBuffer* request,
                                   ByteBuffer* response) override {
    return serve(desk_, Method::kRegisterPeer, context, request, response, register_peer);
  }
  ServerUnaryReactor* RotateKey(CallbackServerContext* context, const ByteBuffer* request,
                                ByteBuffer* response) override {
    return serve(desk_, Method::kRotateKey, context, request, response, rotate_key);
  }
  ServerUnaryReactor* ResumePeer(CallbackServerContext* context, const ByteBuffer* request,
                                 ByteBuffer* response) override {
    return serve(desk_, Method::kResumePeer, context, request, response, resume_peer);
  }
  ServerUnaryReactor* SetRules(CallbackServerContext* context, const ByteBuffer* request,
                               ByteBuffer* response) override {
    return serve(desk_, Method::kSetRules, context, request, response, set_rules);
  }
  ServerUnaryReactor* GetNodeStatus(CallbackServerContext* context, const ByteBuffer* request,
                                    ByteBuffer* response) override {
    return serve(desk_, Method::kGetNodeStatus, context, request, response, get_node_status);
  }

  Desk& desk_;
};

}  // namespace

std::unique_ptr<grpc::Service> make_admin_service(Desk& desk) {
  return std::make_unique<AdminService>(desk);
}

}  // namespace hugang::edge
