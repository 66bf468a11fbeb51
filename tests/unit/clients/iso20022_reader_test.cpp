#include <gtest/gtest.h>

#include <variant>

#include "clients/iso20022/identifiers.hpp"
#include "clients/iso20022/reader.hpp"
#include "clients/iso20022/validator.hpp"
#include "tests/unit/clients/iso20022_samples.hpp"

namespace hugang::iso20022 {
namespace {

using test::with;

/// "FF01 missing-element /Document/..." of a refusal; "understood" when there is none.
std::string verdict(const std::string& xml) {
  const auto message = parse(xml);
  if (message) return "understood";
  EXPECT_FALSE(message.error().sentence.empty());
  EXPECT_EQ(message.error().reason.size(), 4U);
  std::string text{message.error().reason};
  text += " " + std::string{to_string(message.error().code)};
  const std::string& place = message.error().place;
  return text + " " +
         place.substr(place.rfind('/') == std::string::npos ? 0 : place.rfind('/') + 1);
}

TEST(ReadPacs008, GivesEveryFieldThatWasSent) {
  const auto message = parse(test::kCustomerTransfer);
  ASSERT_TRUE(message) << message.error().describe();
  EXPECT_EQ(message->name(), "pacs.008.001.08");
  EXPECT_EQ(message->message_id(), "SH-20261120-0001");
  EXPECT_EQ(message->created(), "2026-11-20T09:30:00+08:00");
  const auto& body = std::get<CustomerCreditTransfer>(message->body);
  EXPECT_EQ(body.group.settlement_method, "CLRG");
  EXPECT_EQ(body.group.clearing_system, "HUGANG");
  ASSERT_EQ(body.transactions.size(), 1U);
  const CustomerTransfer& transfer = body.transactions[0];
  const TransferTerms& terms = transfer.terms;
  EXPECT_EQ(terms.ids,
            (PaymentIds{"I-1", "E-1", "T-1", "5f0c8a3e-6d1b-4c2a-9e57-0a1b2c3d4e5f", ""}));
  EXPECT_EQ(terms.settlement.amount.minor(), 125050);
  EXPECT_EQ(terms.settlement.currency, "CNY");
  EXPECT_EQ(terms.settlement_date, "2026-11-20") << "the group's date holds for the transaction";
  EXPECT_EQ(terms.instructing_agent.bic, "SFBKCNSHXXX");
  EXPECT_EQ(terms.type.local_instrument, "PVP");
  EXPECT_EQ(terms.type.category_purpose, "TRAD");
  EXPECT_EQ(terms.type.service_levels, std::vector<std::string>{"URGP"});
  EXPECT_EQ(transfer.charge_bearer, "SHAR");
  EXPECT_EQ(transfer.ultimate_debtor->name, "浦东示例控股");
  EXPECT_FALSE(transfer.ultimate_creditor.has_value());
  EXPECT_EQ(transfer.debtor.name, "上海示例贸易有限公司 & Co");
  EXPECT_EQ(transfer.debtor.address.street, "示例路");
  EXPECT_EQ(transfer.debtor.address.country, "CN");
  EXPECT_EQ(transfer.debtor.address.lines, (std::vector<std::string>{"Room 8", "Floor 3"}));
  EXPECT_EQ(transfer.debtor.lei, "529900T8BM49AURSDO55");
  EXPECT_EQ(transfer.debtor.other_ids, std::vector<std::string>{"91310000X"});
  EXPECT_EQ(terms.debtor_account.other, "1000000000145");
  EXPECT_EQ(terms.debtor_account.currency, "CNY");
  EXPECT_EQ(terms.debtor_agent.name, "上海示例银行");
  EXPECT_EQ(terms.creditor_agent.lei, "5493001KJTIIGC8Y1R12");
  EXPECT_EQ(transfer.creditor.birth_date, "1980-02-29");
  EXPECT_EQ(terms.creditor_account.id(), "DE89370400440532013000");
  EXPECT_EQ(terms.instructions_for_next_agent, std::vector<std::string>{"PHOA before noon"});
  EXPECT_EQ(terms.purpose, "GDDS");
  EXPECT_EQ(terms.remittance, (std::vector<std::string>{"发票 12345", "part 2"}));
  ASSERT_TRUE(terms.gold.has_value());
  EXPECT_EQ(terms.gold->tenth_milligrams.minor(), 105000);
  EXPECT_EQ(terms.gold->delivering_account, "2000000000163");
  EXPECT_EQ(terms.gold->receiving_account, "");
  EXPECT_EQ(terms.supplementary.size(), 1U);
}

TEST(ReadPacs009, GivesTheCoveredPayment) {
  const auto message = parse(test::kInstitutionTransfer);
  ASSERT_TRUE(message) << message.error().describe();
  const auto& body = std::get<InstitutionCreditTransfer>(message->body);
  ASSERT_EQ(body.transactions.size(), 2U);
  EXPECT_EQ(body.transactions[0].terms.settlement.amount.minor(), 500000);
  EXPECT_EQ(body.transactions[0].debtor.bic, "HFBKHKHH");
  EXPECT_EQ(body.transactions[0].underlying->creditor.name, "Payee");
  EXPECT_EQ(body.transactions[0].underlying->remittance, std::vector<std::string>{"cover"});
  EXPECT_EQ(body.transactions[1].terms.settlement.amount.minor(), 1);
  EXPECT_FALSE(body.transactions[1].underlying.has_value());
}

TEST(ReadPacs004, NamesTheOriginalPayment) {
  const auto message = parse(test::kReturn);
  ASSERT_TRUE(message) << message.error().describe();
  const auto& payment = std::get<PaymentReturn>(message->body).transactions.at(0);
  EXPECT_EQ(payment.return_id, "R-1");
  EXPECT_EQ(payment.original.message_id, "SH-20261120-0001");
  EXPECT_EQ(payment.original.message_name, "pacs.008.001.08");
  EXPECT_EQ(payment.original.ids.uetr, "5f0c8a3e-6d1b-4c2a-9e57-0a1b2c3d4e5f");
  EXPECT_EQ(payment.original_amount->amount.minor(), 125050);
  EXPECT_EQ(payment.returned.amount.minor(), 100000);
  EXPECT_EQ(payment.reason, "AC04");
  EXPECT_EQ(payment.reason_text, std::vector<std::string>{"account closed"});
}

TEST(ReadCamt056, SaysWhoRecallsWhatAndWhy) {
  const auto message = parse(test::kRecall);
  ASSERT_TRUE(message) << message.error().describe();
  const auto& body = std::get<CancellationRequest>(message->body);
  EXPECT_EQ(body.assigner.bic, "SFBKCNSHXXX");
  EXPECT_EQ(body.assignee.name, "HK desk");
  EXPECT_EQ(message->message_id(), "RC-1");
  const Cancellation& cancellation = body.transactions.at(0);
  EXPECT_EQ(cancellation.case_id, "CASE-1");
  EXPECT_EQ(cancellation.original.ids.uetr, "5f0c8a3e-6d1b-4c2a-9e57-0a1b2c3d4e5f");
  EXPECT_EQ(cancellation.original.message_id, "SH-20261120-0001");
  EXPECT_EQ(cancellation.reason, "DUPL");
  EXPECT_EQ(cancellation.originator, "Payer");
}

TEST(ReadEnvelope, TakesAHeaderAndADocumentInAnyElement) {
  const std::string document = test::without_declaration(test::kCustomerTransfer);
  for (const std::string& envelope :
       {"<BusMsg>" + test::kHeader + document + "</BusMsg>",
        "<e:Envelope xmlns:e=\"urn:x\">\n" + test::kHeader + "<!-- c -->" + document +
            "</e:Envelope>",
        "<DataPDU xmlns=\"urn:swift\"><Revision>2</Revision><Header><x/></Header><Body>" +
            test::kHeader + document + "</Body></DataPDU>"}) {
    const auto message = parse(envelope);
    ASSERT_TRUE(message) << message.error().describe();
    EXPECT_EQ(message->header->from_bic, "SFBKCNSHXXX");
    EXPECT_EQ(message->header->to_bic, "HFBKHKHHXXX");
    EXPECT_EQ(message->header->message_id, "B-1");
    EXPECT_FALSE(message->header->is_possible_duplicate);
  }
}

TEST(ReadEnvelope, RefusesWhatIsNotOneMessage) {
  const std::string document = test::without_declaration(test::kCustomerTransfer);
  EXPECT_EQ(verdict("<B>" + document + document + "</B>"), "FF01 not-a-message Document[2]");
  EXPECT_EQ(verdict(test::kHeader), "FF01 header-alone AppHdr");
  EXPECT_EQ(verdict("<B>" + test::kHeader + "</B>"), "FF01 header-alone AppHdr");
  EXPECT_EQ(verdict("<B>" + test::kHeader + test::without_declaration(test::kReturn) + "</B>"),
            "FF01 header-mismatch MsgDefIdr");
  EXPECT_EQ(verdict("<html/>"), "FF01 not-a-message html");
  EXPECT_EQ(verdict("<Document/>"), "FF01 not-a-message Document");
  EXPECT_EQ(verdict("<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.09'/>"),
            "AG03 unsupported-message Document");
  EXPECT_TRUE(parse_header(test::kHeader).has_value());
  EXPECT_FALSE(parse_header("<AppHdr/>").has_value());
}

struct Change {
  const char* from;
  const char* to;
  const char* verdict;
};

TEST(ReadPacs008, SaysWhatIsWrongAndWhere) {
  ASSERT_EQ(verdict(test::kCustomerTransfer), "understood");
  const Change kChanges[] = {
      {"<MsgId>SH-20261120-0001</MsgId>", "", "FF01 missing-element GrpHdr"},
      {"SH-20261120-0001", "", "FF01 bad-value MsgId"},
      {"SH-20261120-0001", "123456789012345678901234567890123456", "FF01 bad-value MsgId"},
      {"<NbOfTxs>1", "<NbOfTxs>2", "AM18 wrong-count NbOfTxs"},
      {"<CtrlSum>1250.5<", "<CtrlSum>1250.51<", "AM10 wrong-total CtrlSum"},
      {"\"CNY\">1250.50</TtlIntr", "\"CNY\">1250.49</TtlIntr",
       "AM10 wrong-total TtlIntrBkSttlmAmt"},
      {"\"CNY\">1250.50</TtlIntr", "\"HKD\">1250.50</TtlIntr",
       "AM10 wrong-total TtlIntrBkSttlmAmt"},
      {"09:30:00+08:00", "9:30", "DT01 bad-date CreDtTm"},
      {"2026-11-20</IntrBk", "2026-02-30</IntrBk", "DT01 bad-date IntrBkSttlmDt"},
      {"2026-11-20</IntrBk", "1026-11-20</IntrBk", "DT01 bad-date IntrBkSttlmDt"},
      {"SFBKCNSHXXX", "SFBKCNSHXX", "RC01 bad-bic BICFI"},
      {"5f0c8a3e-6d1b-4c2a", "5F0C8A3E-6d1b-4c2a", "FF01 bad-uetr UETR"},
      {"5f0c8a3e-6d1b-4c2a", "5f0c8a3e-6d1b-1c2a", "FF01 bad-uetr UETR"},
      {"\"CNY\">1250.50</Intr", "\"CNY\">0</Intr", "AM01 zero-amount IntrBkSttlmAmt"},
      {"\"CNY\">1250.50</Intr", "\"CNY\">-1</Intr", "AM12 bad-amount IntrBkSttlmAmt"},
      {"\"CNY\">1250.50</Intr", "\"CNY\">1250.505</Intr", "AM12 bad-amount IntrBkSttlmAmt"},
      {"\"CNY\">1250.50</Intr", "\"CNY\">1e3</Intr", "AM12 bad-amount IntrBkSttlmAmt"},
      {"\"CNY\">1250.50</Intr", "\"CNY\">1000000000000001</Intr", "AM12 bad-amount IntrBkSttlmAmt"},
      {"\"CNY\">1250.50</Intr", "\"XAU\">1250.50</Intr", "AM03 bad-currency IntrBkSttlmAmt"},
      {"\"CNY\">1250.50</Intr", "\"CNYD\">1250.50</Intr", "AM03 bad-currency IntrBkSttlmAmt"},
      {" Ccy=\"CNY\">1250.50</Intr", ">1250.50</Intr", "AM03 bad-currency IntrBkSttlmAmt"},
      {"Ccy=\"CNY\">1250.50</Intr", "Ccy=\"CNY\" x=\"1\">1250.50</Intr",
       "FF01 unexpected-content IntrBkSttlmAmt"},
      {"529900T8BM49AURSDO55", "529900T8BM49AURSDO56", "BE15 bad-lei LEI"},
      {"529900T8BM49AURSDO55", "529900T8BM49AURSDO5", "BE15 bad-lei LEI"},
      {"DE89370400440532013000", "DE89370400440532013001", "AC01 bad-account IBAN"},
      {"<Ctry>CN<", "<Ctry>CHN<", "BE09 bad-country Ctry"},
      {"<ChrgBr>SHAR<", "<ChrgBr>OURS<", "FF01 bad-value ChrgBr"},
      {"<ChrgBr>SHAR</ChrgBr>", "", "FF01 missing-element CdtTrfTxInf"},
      {"<Purp><Cd>GDDS</Cd></Purp>", "<Purp><Cd>GDDS</Cd><Prtry>x</Prtry></Purp>",
       "FF01 unexpected-element Prtry"},
      {"<Purp><Cd>GDDS</Cd></Purp>", "<Purp/>", "FF01 missing-element Purp"},
      {"<TxId>T-1</TxId>", "<TxId>T-1</TxId><TxId>T-1</TxId>", "FF01 unexpected-element TxId[2]"},
      {"<TxId>T-1</TxId>", "<TxId>T-1</TxId>stray", "FF01 unexpected-content PmtId"},
      {"<TxId>T-1</TxId>", "<TxId xmlns=\"urn:x\">T-1</TxId>", "FF01 unexpected-element TxId"},
      {"<Envlp>", "<Envlp><x/>", "FF01 unexpected-element Gold"},
      {"Unt=\"GRM\"", "Unt=\"OZ\"", "FF01 bad-gold GoldQty"},
      {"Unt=\"GRM\"", "Unt=\"DMG\"", "FF01 bad-gold GoldQty"},
      {">10.5</GoldQty>", ">0</GoldQty>", "FF01 bad-gold GoldQty"},
      {">10.5</GoldQty>", ">10.00001</GoldQty>", "FF01 bad-gold GoldQty"},
      {"<DlvrgAcct>", "<RcvgAcct/><DlvrgAcct>", "FF01 bad-gold RcvgAcct"},
  };
  for (const Change& change : kChanges) {
    EXPECT_EQ(verdict(with(test::kCustomerTransfer, change.from, change.to)), change.verdict)
        << change.from << " -> " << change.to;
  }
}

TEST(ReadMessages, RefusesATwinUetr) {
  const std::string twin = with(test::kInstitutionTransfer, "<EndToEndId>E-2</EndToEndId>",
                                "<EndToEndId>E-2</EndToEndId>"
                                "<UETR>e2eae8b6-1a2b-4c3d-8e9f-0123456789ab</UETR>");
  EXPECT_EQ(verdict(twin), "AM05 duplicate-uetr UETR");
}

TEST(ReadMessages, RefusesWhatNamesNoPayment) {
  const std::size_t from = test::kReturn.find("<TxInf>");
  const std::size_t to = test::kReturn.find("</PmtRtr>");
  EXPECT_EQ(verdict(std::string{test::kReturn}.erase(from, to - from)),
            "AG03 unsupported-content PmtRtr");
  EXPECT_EQ(verdict(with(test::kRecall, "<NbOfTxs>1", "<NbOfTxs>3")), "AM18 wrong-count NbOfTxs");
}

TEST(ReadMessages, ToleratesWhatTheSchemaTolerates) {
  for (const Change& change : {Change{"\"CNY\">1250.50</Intr", "\"CNY\"> +01250.50\n</Intr", ""},
                               Change{"2026-11-20</IntrBk", "2026-11-20+08:00</IntrBk", ""},
                               Change{"<TxId>T-1<", "<TxId><!-- c -->T<![CDATA[-1]]><?pi x?><", ""},
                               Change{"<CtrlSum>1250.5<", "<CtrlSum>1250.50000<", ""}}) {
    EXPECT_EQ(verdict(with(test::kCustomerTransfer, change.from, change.to)), "understood")
        << change.to;
  }
}

TEST(ReadRefusal, TellsWhichMessageItWas) {
  const auto message = parse(with(test::kCustomerTransfer, "<ChrgBr>SHAR</ChrgBr>", ""));
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().original_message_id, "SH-20261120-0001");
  EXPECT_EQ(message.error().original_message_name, "pacs.008.001.08");
  EXPECT_EQ(message.error().original_created, "2026-11-20T09:30:00+08:00");
  EXPECT_GT(message.error().line, 1U);
  EXPECT_EQ(message.error().place, "/Document/FIToFICstmrCdtTrf/CdtTrfTxInf");
}

TEST(ReadHostileText, IsRefusedBeforeItCosts) {
  EXPECT_EQ(verdict(""), "FF01 not-xml ");
  EXPECT_EQ(verdict("hello"), "FF01 not-xml ");
  EXPECT_EQ(verdict("<a>"), "FF01 not-xml ");
  EXPECT_EQ(verdict("<a>&undefined;</a>"), "FF01 not-xml ");
  EXPECT_EQ(verdict("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>"),
            "FF01 has-doctype ");
  EXPECT_EQ(verdict("<!DOCTYPE a SYSTEM \"http://example.org/a.dtd\"><a/>"), "FF01 has-doctype ");
  EXPECT_EQ(verdict("<!DOCTYPE a [<!ENTITY b \"bbbbbbbbbb\"><!ENTITY c \"&b;&b;&b;&b;&b;\">]>"
                    "<a>&c;&c;</a>"),
            "FF01 has-doctype ");
  EXPECT_EQ(verdict("<a>\xFF</a>"), "FF01 not-utf8 ");
  EXPECT_EQ(verdict("<a>\xC0\x80</a>"), "FF01 not-utf8 ");
  EXPECT_EQ(verdict("<a>\xED\xA0\x80</a>"), "FF01 not-utf8 ");
  EXPECT_EQ(verdict(std::string{"<a>\0</a>", 8}), "FF01 not-utf8 ");
  EXPECT_EQ(verdict("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>"), "FF01 not-utf8 ");
  EXPECT_EQ(verdict(std::string(5'000'000, ' ')), "FF01 too-large ");
  std::string many_elements = "<a>";
  for (int i = 0; i < 600'000; ++i) many_elements += "<b/>";
  EXPECT_EQ(verdict(many_elements + "</a>"), "FF01 too-large ");
  std::string many_attributes = "<a";
  for (int i = 0; i < 100'000; ++i) many_attributes += " b" + std::to_string(i) + "=''";
  EXPECT_EQ(verdict(many_attributes + "/>"), "FF01 too-large ");
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<a>";
  for (int i = 0; i < 100; ++i) deep += "</a>";
  EXPECT_EQ(verdict(deep), "FF01 too-deep ");
  std::string deeper;
  for (int i = 0; i < 200'000; ++i) deeper += "<a>";
  EXPECT_EQ(verdict(deeper), "FF01 not-xml ");
}

TEST(ThirdPartySamples, ValidOnesAreUnderstood) {
  const auto samples = test::samples("valid");
  if (samples.empty()) GTEST_SKIP() << "no samples at " << test::conformance_folder();
  for (const auto& sample : samples) {
    if (sample.is_header()) {
      const auto header = parse_header(sample.text);
      EXPECT_TRUE(header) << sample.name << ": " << header.error().describe();
      EXPECT_EQ(verdict(sample.text), "FF01 header-alone AppHdr") << sample.name;
    } else {
      const auto message = parse(sample.text);
      EXPECT_TRUE(message) << sample.name << ": " << message.error().describe();
    }
  }
}

TEST(ThirdPartySamples, InvalidOnesAreRefusedWithoutASchema) {
  const auto samples = test::samples("invalid");
  if (samples.empty()) GTEST_SKIP() << "no samples at " << test::conformance_folder();
  for (const auto& sample : samples) {
    const auto message = parse(sample.text);
    ASSERT_FALSE(message) << sample.name;
    EXPECT_EQ(message.error().code, ReadErrorCode::kUnexpectedElement) << sample.name;
    EXPECT_EQ(message.error().reason, "FF01");
  }
}

TEST(SchemaValidation, IsAskedWhenAFolderIsGiven) {
  const auto folder = test::conformance_folder() / "xsd";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no schemas at " << folder;
  const Validator validator{folder.string()};
  EXPECT_TRUE(parse(test::kCustomerTransfer, &validator).has_value());
  EXPECT_TRUE(validator.check_text("<x/>", "pacs.008.001.08").has_value());
  const auto error =
      validator.check_text(with(test::kReturn, "<RtrId>", "<RtrId>\n<x/>"), "pacs.004.001.09");
  ASSERT_TRUE(error.has_value());
  EXPECT_TRUE(error->sentence.contains("RtrId") || error->sentence.contains("'x'"))
      << error->describe();
}

TEST(SchemaValidation, IsNeverSkippedWhenTheSchemaIsMissing) {
  const Validator nowhere{"/nonexistent"};
  const auto message = parse(test::kCustomerTransfer, &nowhere);
  ASSERT_FALSE(message);
  EXPECT_TRUE(message.error().sentence.contains("pacs.008.001.08.xsd"));
  EXPECT_FALSE(nowhere.has_schema("../etc/passwd"));
}

}  // namespace
}  // namespace hugang::iso20022
