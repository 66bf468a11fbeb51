#include "clients/hugang/fetch.hpp"

#include "clearing/base/account_number.hpp"

namespace hugang::program {
namespace {

constexpr std::uint32_t kPageSize = 1'000;

}  // namespace

Attempt<std::vector<v1::Account>> fetch_accounts(Context& context, std::uint32_t owner) {
  HG_TRY(node, context.node());
  std::vector<v1::Account> accounts;
  v1::ListAccountsRequest request;
  request.set_owner(owner);
  request.set_page_size(kPageSize);
  for (;;) {
    HG_TRY(page, attempt(node.list_accounts(request)));
    for (auto& account : *page.mutable_accounts()) accounts.push_back(std::move(account));
    if (!page.has_more() || accounts.empty()) return accounts;
    // A page that does not get on would be asked for for ever.
    if (accounts.back().number() <= request.after_number()) return accounts;
    request.set_after_number(accounts.back().number());
  }
}

Attempt<v1::Account> fetch_account(Context& context, std::uint64_t number) {
  HG_TRY(node, context.node());
  v1::GetAccountRequest request;
  request.set_number(number);
  HG_TRY(response, attempt(node.get_account(request)));
  return std::move(*response.mutable_account());
}

std::uint32_t node_of_account(std::uint64_t number) {
  const auto parts = base::parse_account_number(base::AccountNumber{number});
  return parts ? parts->node.value() : 0;
}

}  // namespace hugang::program
