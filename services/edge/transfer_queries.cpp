#include "services/edge/transfer_queries.hpp"

#include <memory>
#include <utility>

#include "services/edge/convert_account.hpp"
#include "services/edge/convert_history.hpp"
#include "services/edge/field_reader.hpp"

namespace hugang::edge {
namespace {

using history::HistoryError;
using history::JournaledTransfer;

constexpr std::uint16_t kSecondPhase =
    wire::transfer_flag::kPostHold | wire::transfer_flag::kVoidHold;

/// One GetTransfer: the state knows when the transfer happened, the journal what it says, and the
/// state again whose accounts they are. Each step runs where the one before was answered.
class TransferQuestion : public std::enable_shared_from_this<TransferQuestion> {
 public:
  TransferQuestion(Call& call, base::CommandId id) : call_{call}, id_{id} {}

  void start() {
    if (call_.desk().history == nullptr) return fail(HistoryError::kFailed);
    call_.read([id = id_](const machine::State& state) { return transfer_facts(state, id); },
               [self = shared_from_this()](const std::optional<TransferFacts>& facts, base::Seqno) {
                 if (!facts) return self->answer_unknown();
                 self->facts_ = *facts;
                 self->find(facts->at, &TransferQuestion::take_transfer);
               });
  }

 private:
  using Take = void (TransferQuestion::*)(const JournaledTransfer&);

  void find(base::Timestamp at, Take take) {
    call_.desk().history->find_transfer(
        at, [self = shared_from_this(),
             take](std::expected<std::optional<JournaledTransfer>, HistoryError> found) {
          if (!found) return self->fail(found.error());
          // The state told when it happened: the journal has it.
          if (!*found) return self->fail(HistoryError::kFailed);
          (self.get()->*take)(**found);
        });
  }

  void take_transfer(const JournaledTransfer& found) {
    if (found.record.id != id_) return fail(HistoryError::kFailed);
    found_ = found;
    const bool is_second_phase = (found.record.flags & kSecondPhase) != 0;
    if (!is_second_phase || !is_accepted()) return look_at_owners();
    call_.read([id = found.record.pending_id](
                   const machine::State& state) { return transfer_facts(state, id); },
               [self = shared_from_this()](const std::optional<TransferFacts>& hold, base::Seqno) {
                 if (!hold) return self->fail(HistoryError::kFailed);
                 self->find(hold->at, &TransferQuestion::take_hold);
               });
  }

  void take_hold(const JournaledTransfer& hold) {
    if (hold.record.id != found_.record.pending_id) return fail(HistoryError::kFailed);
    found_.record.debit = hold.record.debit;
    found_.record.credit = hold.record.credit;
    found_.record.asset = hold.record.asset;
    look_at_owners();
  }

  /// Whoever submitted it sees it; the owners of its accounts when it moved something there: what
  /// was refused is nobody else's business.
  void look_at_owners() {
    const Caller& caller = call_.caller();
    if (caller.sees(found_.caller)) return answer();
    if (!is_accepted()) return answer_unknown();
    call_.read(
        [record = found_.record](const machine::State& state) { return owners_of(state, record); },
        [self = shared_from_this()](const Owners& owners, base::Seqno) {
          const Caller& asking = self->call_.caller();
          const bool is_theirs = asking.sees(owners.debit) || asking.sees(owners.credit);
          if (is_theirs) return self->answer();
          self->answer_unknown();
        });
  }

  [[nodiscard]] bool is_accepted() const { return found_.outcome.code == machine::Code::kOk; }

  void answer() {
    v1::GetTransferResponse response;
    fill(found_, facts_, response);
    call_.answer(response);
  }
  void answer_unknown() { call_.answer(v1::GetTransferResponse{}); }
  void fail(HistoryError error) { call_.fail(Failure{to_edge_error(error)}); }

  Call& call_;
  const base::CommandId id_;
  TransferFacts facts_;
  JournaledTransfer found_;
};

void ask_for_page(Call& call, const HistoryRequest& request) {
  call.desk().history->page(request.question,
                            [&call, request](std::expected<history::Page, HistoryError> page) {
                              if (!page) return call.fail(Failure{to_edge_error(page.error())});
                              v1::ListTransfersResponse response;
                              fill(*page, request, call.desk().self, response);
                              call.answer(response);
                            });
}

}  // namespace

void get_transfer(Call& call, const v1::GetTransferRequest& request) {
  FieldReader fields;
  const base::CommandId id = fields.id("id", request.id());
  if (fields.has_failed()) return call.fail(fields.failure());
  std::make_shared<TransferQuestion>(call, id)->start();
}

void list_transfers(Call& call, const v1::ListTransfersRequest& request) {
  auto wanted = to_request(request);
  if (!wanted) return call.fail(wanted.error());
  if (call.desk().history == nullptr) return call.fail(Failure{EdgeError::kHistoryUnavailable});
  call.read(
      [number = wanted->account, caller = call.caller()](const machine::State& state) {
        return visible_account(state, number, caller);
      },
      [&call, wanted = *wanted](const std::optional<AccountFacts>& account, base::Seqno) mutable {
        if (!account) return call.fail(Failure{EdgeError::kNotFound, "account"});
        wanted.question.account = base::parse_account_number(account->number)->index;
        ask_for_page(call, wanted);
      });
}

}  // namespace hugang::edge
