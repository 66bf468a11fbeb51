// `hugang submit`: an ISO 20022 file in, the answer out.
#include <fstream>
#include <memory>
#include <ostream>

#include "clients/format/id_text.hpp"
#include "clients/hugang/command_line.hpp"
#include "clients/hugang/iso_answer.hpp"
#include "clients/iso20022/reader.hpp"
#include "clients/iso20022/reason_codes.hpp"
#include "clients/iso20022/validator.hpp"
#include "clients/library/file_text.hpp"
#include "clients/library/id.hpp"

namespace hugang::program {
namespace {

struct SubmitOptions {
  std::string file, answer, schemas;
  bool no_wait = false;
};

/// "HG" and 32 hexadecimal digits: MsgId takes 35 characters.
iso20022::AnswerIdentity identity_of(const Context& context, const iso20022::Message* message) {
  std::string id = format::uuid_text(client::new_id());
  std::erase(id, '-');
  iso20022::AnswerIdentity identity{
      .message_id = "HG" + id, .created = context.now(), .own_bic = {}};
  if (message != nullptr && message->header) identity.own_bic = message->header->to_bic;
  return identity;
}

Attempt<std::string> written(std::expected<std::string, iso20022::WriteError> document) {
  if (document) return std::move(*document);
  return std::unexpected{Failure{.exit_code = ExitCode::kRefused,
                                 .code = "ANSWER_NOT_WRITTEN",
                                 .sentence = document.error().sentence}};
}

/// Writes the answer where --answer says; nothing without --answer.
Attempt<bool> keep_answer(Context& context, const SubmitOptions& options,
                          const std::string& document) {
  if (options.answer.empty()) return false;
  if (options.answer == "-") {
    if (!context.wants_json()) context.out() << document << '\n';
    return true;
  }
  std::ofstream out{options.answer, std::ios::binary | std::ios::trunc};
  out << document;
  out.close();
  if (out) return true;
  return std::unexpected{Failure{.exit_code = ExitCode::kUnknown,
                                 .code = "ANSWER_NOT_WRITTEN",
                                 .sentence = "cannot write " + options.answer +
                                             "; the message was processed: submit it again with "
                                             "another --answer, which pays nothing twice"}};
}

Attempt<std::string> status_report(const Context& context, const iso20022::Message& message,
                                   const std::vector<TransactionResult>& results) {
  iso20022::StatusReport report = iso20022::start_report(message, identity_of(context, &message));
  for (std::size_t i = 0; i < results.size() && i < report.transactions.size(); ++i) {
    report.transactions[i].status = results[i].status;
    report.transactions[i].reasons = results[i].reasons;
  }
  iso20022::conclude(report);
  return written(iso20022::write_status_report(report));
}

iso20022::RecallStatus recall_status(iso20022::PaymentStatus status) {
  if (status == iso20022::PaymentStatus::kCancelled) return iso20022::RecallStatus::kAccepted;
  if (status == iso20022::PaymentStatus::kRejected) return iso20022::RecallStatus::kRejected;
  return iso20022::RecallStatus::kPending;
}

Attempt<std::string> resolution(const Context& context, const iso20022::Message& message,
                                const std::vector<TransactionResult>& results) {
  const auto& request = std::get<iso20022::CancellationRequest>(message.body);
  iso20022::RecallResolution answer =
      iso20022::start_resolution(request, identity_of(context, &message));
  bool any_pending = false;
  bool all_rejected = true;
  for (std::size_t i = 0; i < results.size() && i < answer.transactions.size(); ++i) {
    iso20022::RecallAnswer& each = answer.transactions[i];
    each.status = recall_status(results[i].status);
    any_pending = any_pending || each.status == iso20022::RecallStatus::kPending;
    all_rejected = all_rejected && each.status == iso20022::RecallStatus::kRejected;
    if (each.status != iso20022::RecallStatus::kRejected) continue;
    const std::string_view reason = iso20022::recall_rejection_reason(results[i].code);
    each.reasons = {{.code = reason.empty() ? "NARR" : std::string{reason},
                     .text = {results[i].code_name + ": " + results[i].sentence}}};
  }
  answer.status = any_pending    ? iso20022::RecallStatus::kPending
                  : all_rejected ? iso20022::RecallStatus::kRejected
                                 : iso20022::RecallStatus::kAccepted;
  return written(iso20022::write_resolution(answer));
}

Json results_json(const iso20022::Message& message, const std::vector<TransactionResult>& results,
                  const SubmitOptions& options, const std::string& document) {
  Json json{{"message", message.name()},
            {"message_id", message.message_id()},
            {"transactions", Json::array()}};
  for (const auto& each : results) {
    Json reasons = Json::array();
    for (const auto& reason : each.reasons) reasons.push_back(reason.code);
    json["transactions"].push_back({{"id", each.id},
                                    {"status", iso20022::status_code(each.status)},
                                    {"code_name", each.code_name},
                                    {"message", each.sentence},
                                    {"reasons", reasons}});
  }
  json["answer_file"] =
      options.answer.empty() || options.answer == "-" ? Json(nullptr) : Json(options.answer);
  if (options.answer == "-") json["answer"] = document;
  return json;
}

void print_results(Context& context, const std::vector<TransactionResult>& results) {
  Table table{{{"ID"}, {"STATUS"}, {"CODE"}, {"WHY"}}};
  for (const auto& each : results) {
    const Tone tone = each.status == iso20022::PaymentStatus::kRejected    ? Tone::kBad
                      : each.status == iso20022::PaymentStatus::kInProcess ? Tone::kWarning
                                                                           : Tone::kGood;
    table.add_row({each.id,
                   {std::string{iso20022::status_code(each.status)}, tone},
                   each.code_name,
                   each.sentence});
  }
  table.print(context.out(), context.style());
}

/// What the whole file comes to.
Attempt<ExitCode> conclude(const std::vector<TransactionResult>& results, bool is_recall,
                           Json json) {
  std::size_t rejected = 0;
  std::size_t open = 0;
  for (const auto& each : results) {
    const bool is_cancelled = each.status == iso20022::PaymentStatus::kCancelled;
    if (each.status == iso20022::PaymentStatus::kRejected || (is_cancelled && !is_recall))
      ++rejected;
    if (each.status == iso20022::PaymentStatus::kInProcess) ++open;
  }
  if (rejected == 0 && open == 0) return ExitCode::kOk;
  Failure failure;
  failure.details = std::move(json);
  const std::string of_all = " of " + std::to_string(results.size());
  if (rejected > 0) {
    failure.exit_code = ExitCode::kRefused;
    failure.code = results.size() == 1 ? results.front().code_name : "TRANSACTIONS_REJECTED";
    failure.sentence = std::to_string(rejected) + of_all + " transactions were rejected";
    if (results.size() == 1) failure.sentence = results.front().sentence;
  } else {
    failure.exit_code = ExitCode::kUnknown;
    failure.code = "NOT_FINAL_YET";
    failure.sentence = std::to_string(open) + of_all +
                       " transactions are under way: submit the same file again to ask again";
  }
  return std::unexpected{std::move(failure)};
}

Attempt<ExitCode> refuse(Context& context, const SubmitOptions& options,
                         const iso20022::ReadError& error) {
  Failure failure{.exit_code = ExitCode::kRefused,
                  .code = std::string{error.reason},
                  .sentence = error.describe()};
  failure.details["place"] = error.place;
  failure.details["line"] = error.line;
  const auto report = iso20022::refuse_message(error, identity_of(context, nullptr));
  // Where not even the refusal can be written, the sentence has to do.
  if (const auto document = iso20022::write_status_report(report)) {
    HG_TRY(kept, keep_answer(context, options, *document));
    if (kept && options.answer == "-") failure.details["answer"] = *document;
  }
  return std::unexpected{std::move(failure)};
}

Attempt<ExitCode> submit(Context& context, const SubmitOptions& options) {
  const auto xml = client::read_file(options.file);
  if (!xml) return usage_failure("cannot read " + options.file);
  std::optional<iso20022::Validator> schemas;
  if (!options.schemas.empty()) schemas.emplace(options.schemas);
  const auto message = iso20022::parse(*xml, schemas ? &*schemas : nullptr);
  if (!message) return refuse(context, options, message.error());

  const auto* request = std::get_if<iso20022::CancellationRequest>(&message->body);
  const bool is_recall = request != nullptr;
  HG_TRY(results, is_recall ? send_recalls(context, *request, !options.no_wait)
                            : send_payments(context, *message, !options.no_wait));
  HG_TRY(document, is_recall ? resolution(context, *message, results)
                             : status_report(context, *message, results));
  HG_TRY(kept, keep_answer(context, options, document));
  Json json = results_json(*message, results, options, document);
  const bool prints_answer = kept && options.answer == "-";
  if (!context.wants_json() && !prints_answer) print_results(context, results);
  const Attempt<ExitCode> end = conclude(results, is_recall, json);
  if (end && context.wants_json()) context.print_json(json);
  return end;
}

}  // namespace

void add_submit_commands(CommandLine& line) {
  const auto options = std::make_shared<SubmitOptions>();
  CLI::App& command = line.add(
      line.root(), "submit",
      {.what = "Send an ISO 20022 file: payments, returns, recalls",
       .examples = {"hugang submit payment.xml --answer payment.pacs002.xml",
                    "hugang submit recall.xml --answer -",
                    "hugang submit payment.xml --schemas /usr/share/iso20022 --json"},
       .more =
           "Understood are pacs.008.001.08, pacs.009.001.08, pacs.004.001.09 (answered by\n"
           "pacs.002.001.10) and camt.056.001.08 (answered by camt.029.001.09), bare or with their "
           "header.\nAccounts are ledger account numbers in Othr/Id; the UETR is the payment's "
           "id, so that the same file\nagain pays nothing twice."},
      [options](Context& context) { return submit(context, *options); });
  command.add_option("file", options->file, "The message, XML")->required();
  command.add_option("--answer", options->answer, "Where the answer goes; - prints it");
  command.add_option("--schemas", options->schemas, "Also validate against the XSD files in here");
  command.add_flag("--no-wait", options->no_wait, "Do not wait for finality");
}

}  // namespace hugang::program
