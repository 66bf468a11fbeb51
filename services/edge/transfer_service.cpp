#include "hugang/v1/transfer_service.grpc.pb.h"
#include "services/edge/batch_stream.hpp"
#include "services/edge/convert_transfer.hpp"
#include "services/edge/plain_transfers.hpp"
#include "services/edge/services.hpp"
#include "services/edge/transfer_queries.hpp"

namespace hugang::edge {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

void submit(Call& call, CommandOrFailure command) {
  submit_one<v1::SubmitResponse>(call, std::move(command));
}

void submit_batch(Call& call, CommandOrFailure command) {
  if (!command) return call.fail(command.error());
  auto asked = asked_minor(*command);
  call.submit(std::move(command), [&call, asked = std::move(asked)](const node::Answer& answer) {
    v1::SubmitBatchResponse response;
    fill(answer, asked, response);
    call.answer(response);
  });
}

using Contract = v1::TransferService;
using RawService =
    Contract::WithRawCallbackMethod_Submit<Contract::WithRawCallbackMethod_SubmitBatch<
        Contract::WithRawCallbackMethod_SubmitStream<Contract::WithRawCallbackMethod_GetTransfer<
            Contract::WithRawCallbackMethod_ListTransfers<Contract::Service>>>>>;

class TransferService final : public RawService {
 public:
  explicit TransferService(Desk& desk) : desk_{desk} {}

 private:
  ServerUnaryReactor* Submit(CallbackServerContext* context, const ByteBuffer* request,
                             ByteBuffer* response) override {
    return serve_plain<v1::SubmitRequest>(desk_, Method::kSubmit, context, request, response,
                                          read_plain_submit, to_command, submit);
  }
  ServerUnaryReactor* SubmitBatch(CallbackServerContext* context, const ByteBuffer* request,
                                  ByteBuffer* response) override {
    return serve_plain<v1::SubmitBatchRequest>(desk_, Method::kSubmitBatch, context, request,
                                               response, read_plain_batch, to_command,
                                               submit_batch);
  }
  grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>* SubmitStream(
      CallbackServerContext* context) override {
    return new edge::SubmitStream{desk_, *context};
  }
  ServerUnaryReactor* GetTransfer(CallbackServerContext* context, const ByteBuffer* request,
                                  ByteBuffer* response) override {
    return serve(desk_, Method::kGetTransfer, context, request, response, get_transfer);
  }
  ServerUnaryReactor* ListTransfers(CallbackServerContext* context, const ByteBuffer* request,
                                    ByteBuffer* response) override {
    return serve(desk_, Method::kListTransfers, context, request, response, list_transfers);
  }

  Desk& desk_;
};

}  // namespace

std::unique_ptr<grpc::Service> make_transfer_service(Desk& desk) {
  return std::make_unique<TransferService>(desk);
}

}  // namespace hugang::edge
