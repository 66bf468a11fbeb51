// pacs.002.001.10 and the header.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "clients/iso20022/xml_writer.hpp"

namespace hugang::iso20022 {
namespace {

constexpr std::string_view kNotProvided = "NOTPROVIDED";

void write_group(XmlWriter& xml, const OriginalGroupStatus& group) {
  const auto block = xml.in("OrgnlGrpInfAndSts");
  xml.id("OrgnlMsgId", group.message_id.empty() ? kNotProvided : group.message_id);
  xml.id("OrgnlMsgNmId", group.message_name.empty() ? kNotProvided : group.message_name);
  xml.optional_date_time("OrgnlCreDtTm", group.created);
  if (group.transactions) {
    // Max15NumericText; a message cannot hold as many.
    xml.plain("OrgnlNbOfTxs", std::to_string(std::min(*group.transactions, 999'999'999'999'999UL)));
  }
  if (group.status) xml.plain("GrpSts", status_code(*group.status));
  for (const StatusReason& reason : group.reasons) xml.reason("StsRsnInf", reason);
}

void write_transaction(XmlWriter& xml, const TransactionStatus& transaction) {
  const auto block = xml.in("TxInfAndSts");
  xml.optional_id("StsId", transaction.status_id);
  xml.optional_original_group(transaction.original);
  const PaymentIds& ids = transaction.original.ids;
  xml.optional_id("OrgnlInstrId", ids.instruction_id);
  xml.optional_id("OrgnlEndToEndId", ids.end_to_end_id);
  xml.optional_id("OrgnlTxId", ids.transaction_id);
  xml.optional_uetr("OrgnlUETR", ids.uetr);
  xml.plain("TxSts", status_code(transaction.status));
  for (const StatusReason& reason : transaction.reasons) xml.reason("StsRsnInf", reason);
  if (!transaction.accepted.is_none()) {
    xml.date_time("AccptncDtTm", format_timestamp(transaction.accepted));
  }
  if (!transaction.settlement_date.empty()) {
    const auto choice = xml.in("FctvIntrBkSttlmDt");
    xml.optional_date("Dt", transaction.settlement_date);
  }
  xml.optional_id("ClrSysRef", transaction.clearing_reference);
}

StatusReport new_report(const AnswerIdentity& identity) {
  StatusReport report;
  report.message_id = identity.message_id;
  report.created = identity.created;
  report.instructing_bic = identity.own_bic;
  return report;
}

/// The references of the transaction to be answered.
PaymentIds ids_of(const CustomerTransfer& transfer) { return transfer.terms.ids; }
PaymentIds ids_of(const InstitutionTransfer& transfer) { return transfer.terms.ids; }
PaymentIds ids_of(const ReturnedPayment& payment) {
  // The return has an id of its own; what it shares with the first payment is the UETR.
  return {.instruction_id = {},
          .end_to_end_id = payment.original.ids.end_to_end_id,
          .transaction_id = payment.return_id,
          .uetr = payment.original.ids.uetr,
          .clearing_reference = {}};
}
PaymentIds ids_of(const Cancellation& cancellation) { return cancellation.original.ids; }

std::string sender_bic(const CancellationRequest& request) { return request.assigner.bic; }
std::string sender_bic(const auto& message) {
  const std::string& of_group = message.group.instructing_agent.bic;
  if (!of_group.empty() || message.transactions.empty()) return of_group;
  if constexpr (requires { message.transactions.front().terms; }) {
    return message.transactions.front().terms.instructing_agent.bic;
  } else {
    return message.transactions.front().instructing_agent.bic;
  }
}

}  // namespace

std::string_view status_code(PaymentStatus status) {
  switch (status) {
    case PaymentStatus::kCredited:
      return "ACCC";
    case PaymentStatus::kSettled:
      return "ACSC";
    case PaymentStatus::kInProcess:
      return "ACSP";
    case PaymentStatus::kPending:
      return "PDNG";
    case PaymentStatus::kPartly:
      return "PART";
    case PaymentStatus::kCancelled:
      return "CANC";
    case PaymentStatus::kRejected:
      return "RJCT";
  }
  return "PDNG";
}

StatusReport start_report(const Message& message, const AnswerIdentity& identity) {
  StatusReport report = new_report(identity);
  OriginalGroupStatus group;
  group.message_id = message.message_id();
  group.message_name = message.name();
  group.created = message.created();
  group.transactions = message.transaction_count();
  report.group = std::move(group);
  std::visit(
      [&report](const auto& body) {
        report.instructed_bic = sender_bic(body);
        for (const auto& transaction : body.transactions) {
          TransactionStatus status;
          status.original.ids = ids_of(transaction);
          status.status = PaymentStatus::kInProcess;
          report.transactions.push_back(std::move(status));
        }
      },
      message.body);
  return report;
}

void conclude(StatusReport& report) {
  if (!report.group || report.transactions.empty()) return;
  const PaymentStatus first = report.transactions.front().status;
  const auto is = [](PaymentStatus status) {
    return [status](const TransactionStatus& t) { return t.status == status; };
  };
  if (std::ranges::all_of(report.transactions, is(first))) {
    report.group->status = first;
  } else if (std::ranges::any_of(report.transactions, is(PaymentStatus::kRejected)) ||
             std::ranges::any_of(report.transactions, is(PaymentStatus::kCancelled))) {
    report.group->status = PaymentStatus::kPartly;
  } else if (std::ranges::any_of(report.transactions, is(PaymentStatus::kPending))) {
    report.group->status = PaymentStatus::kPending;
  } else if (std::ranges::any_of(report.transactions, is(PaymentStatus::kInProcess))) {
    report.group->status = PaymentStatus::kInProcess;
  } else {
    report.group->status = PaymentStatus::kSettled;
  }
}

StatusReport refuse_message(const ReadError& error, const AnswerIdentity& identity) {
  StatusReport report = new_report(identity);
  OriginalGroupStatus group;
  group.message_id = error.original_message_id;
  group.message_name = error.original_message_name;
  group.created = error.original_created;
  group.status = PaymentStatus::kRejected;
  StatusReason reason{.code = std::string{error.reason}, .text = {error.sentence}};
  if (!error.place.empty()) reason.text.push_back(error.place);
  group.reasons.push_back(std::move(reason));
  report.group = std::move(group);
  return report;
}

std::expected<std::string, WriteError> write_status_report(const StatusReport& report) {
  XmlWriter xml{"Document", "urn:iso:std:iso:20022:tech:xsd:" + std::string{kStatusReportName}};
  {
    const auto body = xml.in("FIToFIPmtStsRpt");
    {
      const auto group = xml.in("GrpHdr");
      xml.id("MsgId", report.message_id);
      xml.date_time("CreDtTm", format_timestamp(report.created));
      xml.optional_agent("InstgAgt", report.instructing_bic);
      xml.optional_agent("InstdAgt", report.instructed_bic);
    }
    if (report.group) write_group(xml, *report.group);
    for (const TransactionStatus& transaction : report.transactions) {
      write_transaction(xml, transaction);
    }
  }
  return xml.finish();
}

std::expected<std::string, WriteError> write_header(const BusinessHeader& header) {
  XmlWriter xml{"AppHdr", "urn:iso:std:iso:20022:tech:xsd:" + std::string{kHeaderName}};
  const auto side = [&xml](const char* name, const std::string& bic) {
    const auto choice = xml.in(name);
    Agent agent;
    agent.bic = bic;
    xml.agent("FIId", agent);
  };
  side("Fr", header.from_bic);
  side("To", header.to_bic);
  xml.id("BizMsgIdr", header.message_id);
  xml.id("MsgDefIdr", header.message_name);
  xml.optional_id("BizSvc", header.service);
  xml.date_time("CreDt", header.created);
  if (header.is_possible_duplicate) xml.plain("PssblDplct", "true");
  return xml.finish();
}

std::string in_envelope(std::string_view header, std::string_view document) {
  const auto body = [](std::string_view text) {
    if (text.starts_with("<?xml")) text.remove_prefix(text.find("?>") + 2);
    return text.substr(std::min(text.find('<'), text.size()));
  };
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<BusMsg>\n";
  text += body(header);
  text += body(document);
  return text + "</BusMsg>\n";
}

std::string format_timestamp(base::Timestamp time) {
  constexpr std::int64_t kNanosecondsPerMillisecond = 1'000'000;
  constexpr std::int64_t kMillisecondsPerDay = 86'400'000;
  // Towards the past, so that times before 1970 keep their order too.
  const auto floor_divide = [](std::int64_t value, std::int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
  };
  const std::int64_t total_ms = floor_divide(time.ns(), kNanosecondsPerMillisecond);
  const std::int64_t days = floor_divide(total_ms, kMillisecondsPerDay);
  const std::int64_t ms = total_ms - days * kMillisecondsPerDay;
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{days}}};
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(ms / 3'600'000),
                static_cast<int>(ms / 60'000 % 60), static_cast<int>(ms / 1'000 % 60),
                static_cast<int>(ms % 1'000));
  return text.data();
}

}  // namespace hugang::iso20022
