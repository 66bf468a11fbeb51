#include "hugang/v1/account_service.grpc.pb.h"
#include "services/edge/call.hpp"
#include "services/edge/convert_account.hpp"
#include "services/edge/services.hpp"

namespace hugang::edge {
namespace {

using grpc::ByteBuffer;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

void open_account(Call& call, const v1::OpenAccountRequest& request) {
  submit_one<v1::OpenAccountResponse>(call, to_command(request, call.caller()));
}

void get_account(Call& call, const v1::GetAccountRequest& request) {
  if (request.number() == 0) return call.fail(Failure{EdgeError::kFieldMissing, "number"});
  const base::AccountNumber number{request.number()};
  call.read([number, caller = call.caller()](
                const machine::State& state) { return visible_account(state, number, caller); },
            [&call](const std::optional<AccountFacts>& facts, base::Seqno seqno) {
              if (!facts) return call.fail(Failure{EdgeError::kNotFound, "number"});
              v1::GetAccountResponse response;
              fill(*facts, *response.mutable_account());
              response.set_seqno(seqno.value());
              call.answer(response);
            });
}

/// Looks on where the last look ended, until the page is full or the accounts are over.
void continue_list(Call& call, const AccountPage& page, AccountList list) {
  call.read(
      [page, list = std::move(list)](const machine::State& state) mutable {
        look_for_accounts(state, page, list);
        return std::move(list);
      },
      [&call, page](AccountList found, base::Seqno seqno) {
        if (!found.is_complete) return continue_list(call, page, std::move(found));
        v1::ListAccountsResponse response;
        for (const AccountFacts& facts : found.accounts) fill(facts, *response.add_accounts());
        response.set_has_more(found.has_more);
        response.set_seqno(seqno.value());
        call.answer(response);
      });
}

void list_accounts(Call& call, const v1::ListAccountsRequest& request) {
  const auto page = to_page(request, call.caller());
  if (!page) return call.fail(page.error());
  AccountList list;
  list.last_looked_at = page->after;
  continue_list(call, *page, std::move(list));
}

void list_assets(Call& call, const v1::ListAssetsRequest&) {
  call.read(asset_facts, [&call](const std::vector<AssetFacts>& assets, base::Seqno) {
    v1::ListAssetsResponse response;
    for (const AssetFacts& facts : assets) fill(facts, *response.add_assets());
    call.answer(response);
  });
}

using Contract = v1::AccountService;
using RawService = Contract::WithRawCallbackMethod_OpenAccount<
    Contract::WithRawCallbackMethod_GetAccount<Contract::WithRawCallbackMethod_ListAccounts<
        Contract::WithRawCallbackMethod_ListAssets<Contract::Service>>>>;

class AccountService final : public RawService {
 public:
  explicit AccountService(Desk& desk) : desk_{desk} {}

 private:
  ServerUnaryReactor* OpenAccount(CallbackServerContext* context, const ByteBuffer* request,
                                  ByteBuffer* response) override {
    return serve(desk_, Method::kOpenAccount, context, request, response, open_account);
  }
  ServerUnaryReactor* GetAccount(CallbackServerContext* context, const ByteBuffer* request,
                                 ByteBuffer* response) override {
    return serve(desk_, Method::kGetAccount, context, request, response, get_account);
  }
  ServerUnaryReactor* ListAccounts(CallbackServerContext* context, const ByteBuffer* request,
                                   ByteBuffer* response) override {
    return serve(desk_, Method::kListAccounts, context, request, response, list_accounts);
  }
  ServerUnaryReactor* ListAssets(CallbackServerContext* context, const ByteBuffer* request,
                                 ByteBuffer* response) override {
    return serve(desk_, Method::kListAssets, context, request, response, list_assets);
  }

  Desk& desk_;
};

}  // namespace

std::unique_ptr<grpc::Service> make_account_service(Desk& desk) {
  return std::make_unique<AccountService>(desk);
}

}  // namespace hugang::edge
