#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "clients/iso20022/identifiers.hpp"
#include "clients/iso20022/reader.hpp"
#include "clients/iso20022/reason_codes.hpp"
#include "clients/iso20022/validator.hpp"
#include "clients/iso20022/writer.hpp"
#include "tests/unit/clients/iso20022_samples.hpp"

namespace hugang::iso20022 {
namespace {

constexpr base::Timestamp kNoon{1'795'176'000'123'456'789};  // 2026-11-20T12:00:00.123456789Z
const AnswerIdentity kIdentity{"HG-1", kNoon, "HFBKHKHHXXX"};

/// Fails the test when the text does not validate; says nothing where the schemas are absent.
void expect_valid(const std::string& text, std::string_view message) {
  static const Validator kValidator{(test::conformance_folder() / "xsd").string()};
  if (!kValidator.has_schema(message)) return;
  const auto error = kValidator.check_text(text, message);
  EXPECT_FALSE(error.has_value()) << error->describe() << "\n" << text;
}

bool has_schemas() { return std::filesystem::is_directory(test::conformance_folder() / "xsd"); }

Message understood(const std::string& text) {
  auto message = parse(text);
  EXPECT_TRUE(message) << message.error().describe();
  return *message;
}

TEST(WriteTimestamp, IsUtcInMilliseconds) {
  EXPECT_EQ(format_timestamp(kNoon), "2026-11-20T12:00:00.123Z");
  EXPECT_EQ(format_timestamp(base::Timestamp{0}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(format_timestamp(base::Timestamp{-1}), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(format_timestamp(base::Timestamp{951'782'400'000'000'000}), "2000-02-29T00:00:00.000Z");
}

TEST(WritePacs002, AnswersEachTransactionByItsReferences) {
  StatusReport report = start_report(understood(test::kCustomerTransfer), kIdentity);
  ASSERT_EQ(report.transactions.size(), 1U);
  report.transactions[0].status = PaymentStatus::kSettled;
  report.transactions[0].accepted = kNoon;
  report.transactions[0].settlement_date = "2026-11-20";
  report.transactions[0].clearing_reference = "42";
  conclude(report);
  const auto text = write_status_report(report);
  ASSERT_TRUE(text) << text.error().sentence;
  expect_valid(*text, kStatusReportName);
  // The bytes that a bank's software sees.
  EXPECT_EQ(*text, R"(<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10">
 <FIToFIPmtStsRpt>
  <GrpHdr>
   <MsgId>HG-1</MsgId>
   <CreDtTm>2026-11-20T12:00:00.123Z</CreDtTm>
   <InstgAgt>
    <FinInstnId>
     <BICFI>HFBKHKHHXXX</BICFI>
    </FinInstnId>
   </InstgAgt>
   <InstdAgt>
    <FinInstnId>
     <BICFI>SFBKCNSHXXX</BICFI>
    </FinInstnId>
   </InstdAgt>
  </GrpHdr>
  <OrgnlGrpInfAndSts>
   <OrgnlMsgId>SH-20261120-0001</OrgnlMsgId>
   <OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId>
   <OrgnlCreDtTm>2026-11-20T09:30:00+08:00</OrgnlCreDtTm>
   <OrgnlNbOfTxs>1</OrgnlNbOfTxs>
   <GrpSts>ACSC</GrpSts>
  </OrgnlGrpInfAndSts>
  <TxInfAndSts>
   <OrgnlInstrId>I-1</OrgnlInstrId>
   <OrgnlEndToEndId>E-1</OrgnlEndToEndId>
   <OrgnlTxId>T-1</OrgnlTxId>
   <OrgnlUETR>5f0c8a3e-6d1b-4c2a-9e57-0a1b2c3d4e5f</OrgnlUETR>
   <TxSts>ACSC</TxSts>
   <AccptncDtTm>2026-11-20T12:00:00.123Z</AccptncDtTm>
   <FctvIntrBkSttlmDt>
    <Dt>2026-11-20</Dt>
   </FctvIntrBkSttlmDt>
   <ClrSysRef>42</ClrSysRef>
  </TxInfAndSts>
 </FIToFIPmtStsRpt>
</Document>
)");
}

TEST(WritePacs002, TellsEveryReasonOfTheLedger) {
  StatusReport report = start_report(understood(test::kCustomerTransfer), kIdentity);
  for (unsigned value = 0; value < 200; ++value) {
    const auto code = static_cast<machine::Code>(value);
    report.transactions[0].status = payment_status(code);
    report.transactions[0].reasons = status_reasons(code, "CODE_NAME", "What is wrong.");
    conclude(report);
    const auto text = write_status_report(report);
    ASSERT_TRUE(text) << value;
    expect_valid(*text, kStatusReportName);
    const bool is_refusal = report.transactions[0].status == PaymentStatus::kRejected;
    EXPECT_EQ(iso_reason(code).size(), is_refusal || code == machine::Code::kRecalled ? 4U : 0U)
        << value;
  }
  EXPECT_EQ(iso_reason(machine::Code::kOk), "");
  EXPECT_EQ(iso_reason(machine::Code::kInsufficientFunds), "AM04");
  EXPECT_EQ(iso_reason(machine::Code::kCreditAccountUnknown), "AC03");
  EXPECT_EQ(iso_reason(machine::Code::kDebitAccountFrozen), "AC06");
  EXPECT_EQ(iso_reason(machine::Code::kIdUsedForOtherContent), "AM05");
  EXPECT_EQ(iso_reason(machine::Code::kDecideByPassed), "TM01");
  EXPECT_EQ(iso_reason(machine::Code::kRecalled), "CUST");
  EXPECT_EQ(payment_status(machine::Code::kRecalled), PaymentStatus::kCancelled);
  EXPECT_EQ(payment_status(machine::Code::kAwaitingAffirmation), PaymentStatus::kPending);
  EXPECT_EQ(recall_rejection_reason(machine::Code::kSettlementUnknown), "NOOR");
}

TEST(WritePacs002, ConcludesTheGroupFromItsParts) {
  using enum PaymentStatus;
  struct Row {
    std::vector<PaymentStatus> parts;
    PaymentStatus group;
  };
  for (const Row& row :
       {Row{{kSettled, kSettled}, kSettled}, Row{{kSettled, kRejected}, kPartly},
        Row{{kRejected, kRejected}, kRejected}, Row{{kSettled, kPending}, kPending},
        Row{{kSettled, kInProcess}, kInProcess}, Row{{kSettled, kCredited}, kSettled},
        Row{{kCancelled, kPending}, kPartly}}) {
    StatusReport report;
    report.group.emplace();
    for (const PaymentStatus part : row.parts) {
      report.transactions.emplace_back().status = part;
    }
    conclude(report);
    EXPECT_EQ(report.group->status, row.group);
  }
}

TEST(WritePacs002, AnswersARefusedMessage) {
  for (const std::string& broken :
       {test::with(test::kCustomerTransfer, "<ChrgBr>SHAR</ChrgBr>", ""), std::string{"<html/>"},
        std::string{"not xml"}, std::string{"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:x'/>"},
        test::with(test::kRecall, "<NbOfTxs>1", "<NbOfTxs>2")}) {
    const auto message = parse(broken);
    ASSERT_FALSE(message);
    const auto text = write_status_report(refuse_message(message.error(), kIdentity));
    ASSERT_TRUE(text) << text.error().sentence;
    expect_valid(*text, kStatusReportName);
    EXPECT_TRUE(text->contains("<GrpSts>RJCT</GrpSts>"));
    EXPECT_TRUE(text->contains("<Cd>" + std::string{message.error().reason} + "</Cd>"));
  }
}

TEST(WriteCamt029, AnswersARecallEitherWay) {
  const Message message = understood(test::kRecall);
  for (const RecallStatus status :
       {RecallStatus::kAccepted, RecallStatus::kRejected, RecallStatus::kPending}) {
    RecallResolution resolution =
        start_resolution(std::get<CancellationRequest>(message.body), kIdentity);
    resolution.status = status;
    resolution.transactions.at(0).status = status;
    resolution.transactions[0].reasons = {{.code = "NOOR", .text = {"没有这笔付款", "unknown"}}};
    const auto text = write_resolution(resolution);
    ASSERT_TRUE(text) << text.error().sentence;
    expect_valid(*text, kResolutionName);
    EXPECT_TRUE(text->contains("<OrgnlUETR>5f0c8a3e-6d1b-4c2a-9e57-0a1b2c3d4e5f</OrgnlUETR>"));
    EXPECT_TRUE(text->contains("<Id>CASE-1</Id>"));
    EXPECT_TRUE(text->contains("没有这笔付款"));
  }
}

TEST(WritePacs004, IsReadBackAsItWasWritten) {
  PaymentReturn message = std::get<PaymentReturn>(understood(test::kReturn).body);
  const auto text = write_return(message);
  ASSERT_TRUE(text) << text.error().sentence;
  expect_valid(*text, kPaymentReturnName);
  const PaymentReturn again = std::get<PaymentReturn>(understood(*text).body);
  EXPECT_EQ(again.transactions.at(0).original, message.transactions.at(0).original);
  EXPECT_EQ(again.transactions.at(0).returned, message.transactions.at(0).returned);
  EXPECT_EQ(again.transactions.at(0).reason, "AC04");
  message.transactions.clear();
  EXPECT_FALSE(write_return(message));
}

TEST(WriteHeader, TravelsWithItsDocument) {
  BusinessHeader header{.from_bic = "HFBKHKHHXXX",
                        .to_bic = "SFBKCNSHXXX",
                        .message_id = "HG-1",
                        .message_name = std::string{kPaymentReturnName},
                        .service = {},
                        .created = "2026-11-20T12:00:00Z",
                        .copy = {},
                        .is_possible_duplicate = true};
  const auto text = write_header(header);
  ASSERT_TRUE(text) << text.error().sentence;
  expect_valid(*text, kHeaderName);
  const auto document = write_return(std::get<PaymentReturn>(understood(test::kReturn).body));
  const Message message = understood(in_envelope(*text, *document));
  EXPECT_EQ(message.header->from_bic, "HFBKHKHHXXX");
  EXPECT_TRUE(message.header->is_possible_duplicate);
  header.to_bic = "nowhere";
  EXPECT_FALSE(write_header(header));
}

TEST(WriteAny, NeverRepairsAnIdentifier) {
  const StatusReport right = start_report(understood(test::kCustomerTransfer), kIdentity);
  const auto fails_with = [&right](auto change, std::string_view part) {
    StatusReport report = right;
    change(report);
    const auto text = write_status_report(report);
    ASSERT_FALSE(text);
    EXPECT_TRUE(text.error().sentence.contains(part)) << text.error().sentence;
  };
  fails_with([](StatusReport& r) { r.message_id = ""; }, "/GrpHdr/MsgId");
  fails_with([](StatusReport& r) { r.message_id = std::string(36, 'x'); }, "/GrpHdr/MsgId");
  fails_with([](StatusReport& r) { r.message_id = "a\x01"; }, "/GrpHdr/MsgId");
  fails_with([](StatusReport& r) { r.instructing_bic = "BANK"; }, "BICFI");
  fails_with([](StatusReport& r) { r.group->created = "yesterday"; }, "OrgnlCreDtTm");
  fails_with([](StatusReport& r) { r.transactions[0].original.ids.uetr = "x"; }, "OrgnlUETR");
  fails_with([](StatusReport& r) { r.transactions[0].settlement_date = "2026-02-30"; }, "Dt");
}

/// Text that troubles writers: escapes, scripts, control characters, broken UTF-8, any length.
std::string troublesome(std::mt19937_64& random, std::size_t max) {
  static const std::vector<std::string> kPieces{"a",
                                                "<",
                                                ">",
                                                "&",
                                                "\"",
                                                "'",
                                                "]]>",
                                                "<!--",
                                                "上海示例银行",
                                                "香港",
                                                "é",
                                                "\xF0\x9F\x92\xB0",
                                                "\n",
                                                "\t",
                                                "\r",
                                                "\x01",
                                                "\x7F",
                                                "\xFF",
                                                "\xC0\x80",
                                                "\xE4\xB8",
                                                "\xEF\xBF\xBE",
                                                "\xED\xA0\x80",
                                                " ",
                                                std::string{"\0", 1},
                                                "&#0;",
                                                "&x;",
                                                "<?xml?>"};
  std::string text;
  const std::size_t count = std::uniform_int_distribution<std::size_t>{0, max}(random);
  for (std::size_t i = 0; i < count; ++i) text += kPieces[random() % kPieces.size()];
  return text;
}

std::string identifier(std::mt19937_64& random) {
  std::string text;
  const std::size_t count = random() % 36;
  for (std::size_t i = 0; i < count; ++i)
    text += random() % 3 == 0 ? "海" : random() % 2 ? "<" : "A";
  return text;
}

TEST(WriteAny, ValidatesWhateverTheTextIs) {
  if (!has_schemas()) GTEST_SKIP() << "no schemas at " << test::conformance_folder();
  constexpr std::uint64_t kSeed = 7;
  std::mt19937_64 random{kSeed};
  const Message payment = understood(test::kCustomerTransfer);
  const Message recall = understood(test::kRecall);
  PaymentReturn returned = std::get<PaymentReturn>(understood(test::kReturn).body);
  for (int round = 0; round < 400; ++round) {
    const StatusReason reason{.code = troublesome(random, 6),
                              .text = {troublesome(random, 300), troublesome(random, 2)}};
    StatusReport report = start_report(payment, kIdentity);
    for (int i = 0; i < 3; ++i) {
      TransactionStatus& status = report.transactions.emplace_back(report.transactions[0]);
      status.status = static_cast<PaymentStatus>(random() % 7);
      status.reasons.assign(random() % 3, reason);
      status.status_id = identifier(random);
      status.original.ids.end_to_end_id = identifier(random);
      status.clearing_reference = identifier(random);
      status.original.message_id = identifier(random);
      status.original.message_name = identifier(random);
    }
    report.group->reasons.assign(random() % 3, reason);
    report.group->message_id = identifier(random);
    conclude(report);
    const auto report_text = write_status_report(report);
    ASSERT_TRUE(report_text) << report_text.error().sentence;
    expect_valid(*report_text, kStatusReportName);

    RecallResolution resolution =
        start_resolution(std::get<CancellationRequest>(recall.body), kIdentity);
    resolution.assignee.name = troublesome(random, 200);
    resolution.case_id = identifier(random);
    resolution.transactions.at(0).reasons.assign(random() % 3, reason);
    const auto resolution_text = write_resolution(resolution);
    ASSERT_TRUE(resolution_text) << resolution_text.error().sentence;
    expect_valid(*resolution_text, kResolutionName);

    returned.transactions.at(0).reason = reason.code;
    returned.transactions[0].reason_text = reason.text;
    returned.transactions[0].return_id = identifier(random);
    const auto return_text = write_return(returned);
    ASSERT_TRUE(return_text) << return_text.error().sentence;
    expect_valid(*return_text, kPaymentReturnName);
    if (HasFailure()) FAIL() << "seed " << kSeed << " round " << round;
  }
}

TEST(WriteAny, ValidatesByXmllintToo) {
  if (!has_schemas()) GTEST_SKIP() << "no schemas at " << test::conformance_folder();
  if (std::system("command -v xmllint >/dev/null 2>&1") != 0) GTEST_SKIP() << "no xmllint";
  StatusReport report = start_report(understood(test::kInstitutionTransfer), kIdentity);
  report.transactions[1].status = PaymentStatus::kRejected;
  report.transactions[1].reasons = {
      {.code = "AM04", .text = {"余额不足 < & >", std::string(400, 'x')}}};
  conclude(report);
  const auto folder = std::filesystem::path{::testing::TempDir()};
  const auto path = folder / "hugang_iso20022_answer.xml";
  std::ofstream{path} << *write_status_report(report);
  const std::string command = "xmllint --nonet --noout --schema '" +
                              (test::conformance_folder() / "xsd/pacs.002.001.10.xsd").string() +
                              "' '" + path.string() + "' 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace hugang::iso20022
