#include "clients/load/prepare.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "clearing/base/check.hpp"
#include "clearing/machine/limits.hpp"
#include "clients/library/channel.hpp"
#include "clients/library/client.hpp"
#include "clients/library/file_text.hpp"
#include "clients/library/id.hpp"
#include "clients/load/many_calls.hpp"

namespace hugang::load {
namespace {

/// Accounts that are opened and funded before the file is written.
constexpr std::uint64_t kPart = 200'000;
const std::string kOpenAccount = "/hugang.v1.AccountService/OpenAccount";

template <class T>
using Attempt = std::expected<T, Failure>;

std::unexpected<Failure> failed(ExitCode code, std::string sentence) {
  return std::unexpected{Failure{.exit_code = code, .sentence = std::move(sentence)}};
}

template <class T>
Attempt<T> attempt(client::Result<T> result) {
  if (result) return std::move(*result);
  return std::unexpected{to_failure(result.error())};
}

Attempt<v1::Asset> find_asset(const client::Client& node, const std::string& code,
                              std::uint32_t node_id) {
  const auto assets = attempt(node.list_assets({}));
  if (!assets) return std::unexpected{assets.error()};
  std::string known;
  for (const v1::Asset& asset : assets->assets()) {
    const bool is_wanted = code.empty() ? asset.issuer_node() == node_id : asset.code() == code;
    if (is_wanted) return asset;
    known += (known.empty() ? "" : ", ") + asset.code();
  }
  return failed(ExitCode::kUsage,
                code.empty()
                    ? "the node issues no asset: name one with --asset (there are: " + known + ")"
                    : "there is no asset '" + code + "' (there are: " + known + ")");
}

/// The participant that the profile speaks for: the owner of an account that it opens.
Attempt<v1::Account> own_account(const client::Client& bank, std::uint32_t asset) {
  v1::OpenAccountRequest open;
  *open.mutable_id() = client::to_proto(client::new_id());
  open.set_asset(asset);
  open.set_kind(v1::ACCOUNT_KIND_CUSTOMER);
  const auto opened = attempt(bank.open_account(open));
  if (!opened) return std::unexpected{opened.error()};
  const v1::Outcome& outcome = opened->outcome();
  if (outcome.code() != 0) {
    return failed(ExitCode::kFailed, outcome.code_name() + ": " + outcome.message());
  }
  v1::GetAccountRequest get;
  get.set_number(outcome.value());
  auto got = attempt(bank.get_account(get));
  if (!got) return std::unexpected{got.error()};
  return std::move(*got->mutable_account());
}

Attempt<std::uint64_t> reserve_of(const client::Client& issuer, const v1::Asset& asset) {
  v1::ListAccountsRequest request;
  request.set_page_size(1'000);
  for (;;) {
    const auto page = attempt(issuer.list_accounts(request));
    if (!page) return std::unexpected{page.error()};
    for (const v1::Account& account : page->accounts()) {
      const bool is_reserve = account.kind() == v1::ACCOUNT_KIND_RESERVE;
      if (is_reserve && account.asset() == asset.id()) return account.number();
    }
    if (!page->has_more() || page->accounts().empty()) break;
    request.set_after_number(page->accounts().rbegin()->number());
  }
  return failed(ExitCode::kUsage,
                "the operator's profile sees no reserve account of " + asset.code() +
                    ": only the issuer's node can fund accounts; elsewhere use --overdraw");
}

class Preparation {
 public:
  Preparation(const PreparePlan& plan, const PrepareProgress& progress,
              const std::atomic<bool>& is_stopped)
      : plan_{plan}, progress_{progress}, is_stopped_{is_stopped} {}

  Attempt<AccountFile> run() {
    if (std::filesystem::exists(plan_.file)) {
      auto known = load_accounts(plan_.file, plan_.bank);
      if (!known) return known;
      file_ = std::move(*known);
    }
    if (auto done = payers(); !done) return std::unexpected{done.error()};
    if (plan_.payee_bank) {
      if (auto done = payees(); !done) return std::unexpected{done.error()};
    }
    return file_;
  }

 private:
  using Done = Attempt<void>;

  /// Who pays, in what: asked once, before the first account.
  Done meet_payers(const client::Client& bank) {
    const auto first_asset = attempt(bank.list_assets({}));
    if (!first_asset) return std::unexpected{first_asset.error()};
    if (first_asset->assets().empty()) return failed(ExitCode::kUsage, "the node has no assets");
    const auto probe = own_account(bank, first_asset->assets(0).id());
    if (!probe) return std::unexpected{probe.error()};
    const auto number = base::parse_account_number(base::AccountNumber{probe->number()});
    HG_CHECK(number.has_value());
    file_.payers.node = number->node.value();
    file_.payers.owner = probe->owner();
    const auto asset = find_asset(bank, plan_.asset, file_.payers.node);
    if (!asset) return std::unexpected{asset.error()};
    file_.payers.asset = asset->id();
    file_.payers.may_overdraw = plan_.may_overdraw;
    return {};
  }

  Done payers() {
    Side& side = file_.payers;
    if (side.accounts.size() >= plan_.accounts) return {};
    const auto bank = attempt(client::Client::open(plan_.bank));
    if (!bank) return std::unexpected{bank.error()};
    if (side.accounts.size() == 0) {
      if (auto met = meet_payers(*bank); !met) return met;
    }
    const auto operator_client = attempt(client::Client::open(plan_.operator_));
    if (!operator_client) return std::unexpected{operator_client.error()};
    std::uint64_t reserve = 0;
    if (!side.may_overdraw) {
      const auto asset = asset_of(*bank, side.asset);
      if (!asset) return std::unexpected{asset.error()};
      const auto found = reserve_of(*operator_client, *asset);
      if (!found) return std::unexpected{found.error()};
      reserve = *found;
    }
    while (side.accounts.size() < plan_.accounts && !is_stopped_.load()) {
      const std::uint64_t missing = plan_.accounts - side.accounts.size();
      auto opened = open(side.may_overdraw ? plan_.operator_ : plan_.bank, side, plan_.accounts,
                         std::min(missing, kPart));
      if (!opened) return std::unexpected{opened.error()};
      if (!side.may_overdraw) {
        if (auto funded = fund(*operator_client, reserve, *opened); !funded) return funded;
      }
      if (auto kept = keep(side, *opened); !kept) return kept;
    }
    return {};
  }

  Done payees() {
    Side& side = file_.payees;
    if (side.accounts.size() >= plan_.payees) return {};
    const auto bank = attempt(client::Client::open(*plan_.payee_bank));
    if (!bank) return std::unexpected{bank.error()};
    if (side.accounts.size() == 0) {
      const auto first = own_account(*bank, file_.payers.asset);
      if (!first) return std::unexpected{first.error()};
      const auto number = base::parse_account_number(base::AccountNumber{first->number()});
      HG_CHECK(number.has_value());
      side.node = number->node.value();
      side.owner = first->owner();
      side.asset = file_.payers.asset;
      side.accounts.add(base::AccountNumber{first->number()});
    }
    while (side.accounts.size() < plan_.payees && !is_stopped_.load()) {
      const std::uint64_t missing = plan_.payees - side.accounts.size();
      auto opened = open(*plan_.payee_bank, side, plan_.payees, std::min(missing, kPart));
      if (!opened) return std::unexpected{opened.error()};
      if (auto kept = keep(side, *opened); !kept) return kept;
    }
    return {};
  }

  static Attempt<v1::Asset> asset_of(const client::Client& bank, std::uint32_t id) {
    const auto assets = attempt(bank.list_assets({}));
    if (!assets) return std::unexpected{assets.error()};
    for (const v1::Asset& asset : assets->assets()) {
      if (asset.id() == id) return asset;
    }
    return failed(ExitCode::kUsage,
                  fmt::format("the node knows no asset {}: delete the file of accounts and prepare "
                              "again",
                              id));
  }

  /// Account numbers, ascending.
  Attempt<std::vector<std::uint64_t>> open(const client::Profile& as, const Side& side,
                                           std::uint64_t wanted, std::uint64_t count) {
    auto channel = client::open_channel(as);
    if (!channel) return std::unexpected{to_failure(channel.error())};
    const bool is_operator = side.may_overdraw;
    std::vector<base::CommandId> ids(count);
    for (auto& id : ids) id = client::new_id();
    std::vector<std::uint64_t> numbers;
    numbers.reserve(count);
    const std::uint64_t before = side.accounts.size();
    const ManyCalls calls{.method = kOpenAccount,
                          .count = count,
                          .in_flight = plan_.in_flight,
                          .message =
                              [&](std::uint64_t i) {
                                v1::OpenAccountRequest request;
                                *request.mutable_id() = client::to_proto(ids[i]);
                                request.set_owner(is_operator ? side.owner : 0);
                                request.set_asset(side.asset);
                                request.set_kind(v1::ACCOUNT_KIND_CUSTOMER);
                                request.set_allow_debit_balance(is_operator);
                                return to_bytes(request);
                              },
                          .answer = [&](std::uint64_t /*i*/, grpc::ByteBuffer& answer) -> Done {
                            v1::OpenAccountResponse response;
                            if (!from_bytes(answer, response)) {
                              return failed(ExitCode::kFailed, "the node's answer cannot be read");
                            }
                            const v1::Outcome& outcome = response.outcome();
                            if (outcome.code() != 0) {
                              return failed(ExitCode::kFailed,
                                            outcome.code_name() + ": " + outcome.message());
                            }
                            numbers.push_back(outcome.value());
                            progress_("open", before + numbers.size(), wanted);
                            return {};
                          }};
    if (auto made = make_calls(*channel, calls, is_stopped_); !made) {
      return std::unexpected{made.error()};
    }
    std::ranges::sort(numbers);
    return numbers;
  }

  /// From the reserve, whole batches at a time.
  Done fund(const client::Client& issuer, std::uint64_t reserve,
            const std::vector<std::uint64_t>& accounts) {
    for (std::size_t from = 0; from < accounts.size(); from += machine::kTransfersPerBatchMax) {
      const std::size_t to =
          std::min(accounts.size(), from + std::size_t{machine::kTransfersPerBatchMax});
      std::vector<wire::Transfer> records;
      for (std::size_t i = from; i < to; ++i) {
        wire::Transfer& record = records.emplace_back();
        record.id = client::new_id();
        record.debit = base::AccountNumber{reserve};
        record.credit = base::AccountNumber{accounts[i]};
        record.amount_minor = plan_.funds_minor;
        record.asset = base::AssetId{file_.payers.asset};
      }
      v1::SubmitBatchRequest request;
      request.set_packed_transfers(records.data(), records.size() * sizeof(wire::Transfer));
      const auto response = attempt(issuer.submit_batch(request));
      if (!response) return std::unexpected{response.error()};
      if (response->accepted_count() != response->transfer_count()) {
        const v1::Outcome& outcome = response->exceptions(0).outcome();
        return failed(ExitCode::kFailed, "the ledger refuses to fund the accounts: " +
                                             outcome.code_name() + ": " + outcome.message());
      }
      progress_("fund", file_.payers.accounts.size() + to, plan_.accounts);
    }
    return {};
  }

  /// Into the set and into the file, which is replaced whole.
  Done keep(Side& side, const std::vector<std::uint64_t>& numbers) {
    for (const std::uint64_t number : numbers) side.accounts.add(base::AccountNumber{number});
    std::error_code error;
    std::filesystem::create_directories(plan_.file.parent_path(), error);
    const std::filesystem::path draft = plan_.file.string() + ".new";
    {
      std::ofstream out{draft, std::ios::binary | std::ios::trunc};
      out << to_text(file_);
      if (!out.flush()) {
        return failed(ExitCode::kUsage, "cannot write " + draft.string() +
                                            ": choose another place with --accounts-file");
      }
    }
    std::filesystem::rename(draft, plan_.file, error);
    if (error) return failed(ExitCode::kUsage, plan_.file.string() + ": " + error.message());
    return {};
  }

  const PreparePlan& plan_;
  const PrepareProgress& progress_;
  const std::atomic<bool>& is_stopped_;
  AccountFile file_;
};

}  // namespace

std::expected<AccountFile, Failure> prepare(const PreparePlan& plan,
                                            const PrepareProgress& progress,
                                            const std::atomic<bool>& is_stopped) {
  return Preparation{plan, progress, is_stopped}.run();
}

std::filesystem::path default_account_file(const client::Profile& bank) {
  std::string name = bank.cert.stem().string() + "@" + bank.address;
  std::ranges::replace_if(name, [](char c) { return c == '/' || c == ':'; }, '_');
  const char* state = std::getenv("XDG_STATE_HOME");
  const char* home = std::getenv("HOME");
  const std::filesystem::path base =
      state != nullptr && *state != '\0'
          ? std::filesystem::path{state}
          : std::filesystem::path{home != nullptr ? home : "."} / ".local" / "state";
  return base / "hugang" / "load" / (name + ".accounts");
}

std::expected<AccountFile, Failure> load_accounts(const std::filesystem::path& path,
                                                  const client::Profile& bank) {
  const auto text = client::read_file(path);
  if (!text) {
    return failed(ExitCode::kUsage,
                  "there is no file of accounts " + path.string() +
                      ": run `hugang-load prepare` first, or run with --operator PROFILE");
  }
  auto file = parse_accounts(*text, path);
  if (!file) return failed(ExitCode::kUsage, file.error());
  const auto client = attempt(client::Client::open(bank));
  if (!client) return std::unexpected{client.error()};
  const AccountSet& accounts = file->payers.accounts;
  for (const std::uint64_t i : {std::uint64_t{0}, accounts.size() - 1}) {
    v1::GetAccountRequest request;
    request.set_number(accounts.number(i).value());
    const auto found = client->get_account(request);
    if (found && found->account().owner() == file->payers.owner &&
        found->account().asset() == file->payers.asset && !found->account().closed()) {
      continue;
    }
    if (!found && found.error().kind != client::ErrorKind::kNotFound &&
        found.error().kind != client::ErrorKind::kNotPermitted) {
      return std::unexpected{to_failure(found.error())};
    }
    return failed(ExitCode::kUsage,
                  fmt::format("account {} of {} is not this participant's at this node: the ledger "
                              "was founded anew, perhaps; delete the file and prepare again",
                              request.number(), path.string()));
  }
  return std::move(*file);
}

}  // namespace hugang::load
