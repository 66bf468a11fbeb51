#include "clients/iso20022/xml_writer.hpp"

#include <algorithm>

#include "clearing/base/check.hpp"
#include "clients/iso20022/currency.hpp"
#include "clients/iso20022/identifiers.hpp"
#include "clients/iso20022/value_form.hpp"
#include "clients/iso20022/xml_node.hpp"

namespace hugang::iso20022 {
namespace {

constexpr int kLinesPerParagraph = 8;

const xmlChar* as_xml(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

/// The longest well-formed character that the text begins with, 0 when there is none.
std::size_t character_length(std::string_view text) {
  for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    if (is_utf8(text.substr(0, length))) return length;
  }
  return 0;
}

bool is_xml_character(std::string_view character) {
  if (character.size() == 1) {
    const auto c = static_cast<unsigned char>(character[0]);
    return c >= 0x20 || c == '\t' || c == '\n' || c == '\r';
  }
  return character != "\xEF\xBF\xBE" && character != "\xEF\xBF\xBF";  // U+FFFE, U+FFFF
}

}  // namespace

std::string fit_for_xml(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0 || !is_xml_character(text.substr(0, length))) {
      result += '?';
    } else {
      result += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

XmlWriter::XmlWriter(const char* root, const std::string& name_space) {
  initialise_xml();
  buffer_.reset(xmlBufferCreate());
  writer_.reset(xmlNewTextWriterMemory(buffer_.get(), 0));
  // Only memory can be short here, and then nothing sensible can be answered.
  HG_CHECK(writer_ != nullptr);
  note(xmlTextWriterSetIndent(writer_.get(), 1));
  note(xmlTextWriterStartDocument(writer_.get(), nullptr, "UTF-8", nullptr));
  start(root);
  note(xmlTextWriterWriteAttribute(writer_.get(), as_xml("xmlns"), as_xml(name_space.c_str())));
}

void XmlWriter::note(int result) {
  if (result < 0 && !error_) error_ = WriteError{"the document could not be written"};
}

void XmlWriter::fail(const char* name, std::string_view value, std::string_view why) {
  if (error_) return;
  std::string sentence;
  for (const char* step : path_) sentence += "/" + std::string{step};
  sentence += "/" + std::string{name} + ": ";
  sentence += value.empty() ? "it is empty but" : quoted(fit_for_xml(value));
  error_ = WriteError{sentence + " " + std::string{why}};
}

void XmlWriter::start(const char* name) {
  note(xmlTextWriterStartElement(writer_.get(), as_xml(name)));
  path_.push_back(name);
}

void XmlWriter::end() {
  note(xmlTextWriterEndElement(writer_.get()));
  path_.pop_back();
}

void XmlWriter::plain(const char* name, std::string_view value) {
  note(xmlTextWriterWriteElement(writer_.get(), as_xml(name), as_xml(std::string{value}.c_str())));
}

void XmlWriter::code(const char* name, std::string_view value,
                     std::initializer_list<std::string_view> words) {
  if (std::ranges::find(words, value) == words.end())
    return fail(name, value, "is not a known code");
  plain(name, value);
}

void XmlWriter::id(const char* name, std::string_view value) {
  // A changed identifier would name something else, so nothing is cut or replaced here.
  if (value.empty() || count_code_points(value) > 35 || fit_for_xml(value) != value) {
    return fail(name, value, "must be 1 to 35 characters");
  }
  plain(name, value);
}

void XmlWriter::optional_id(const char* name, std::string_view value) {
  if (!value.empty()) id(name, value);
}

void XmlWriter::text(const char* name, std::string_view value, std::size_t max) {
  if (value.empty()) return;
  const std::string fitting = fit_for_xml(value);
  plain(name, first_code_points(fitting, max));
}

void XmlWriter::optional_uetr(const char* name, std::string_view value) {
  if (value.empty()) return;
  if (!is_uetr(value)) return fail(name, value, "is not a UETR");
  plain(name, value);
}

void XmlWriter::optional_date(const char* name, std::string_view value) {
  if (value.empty()) return;
  if (!is_date(value)) return fail(name, value, "is not a date YYYY-MM-DD");
  plain(name, value);
}

void XmlWriter::date_time(const char* name, std::string_view value) {
  if (!is_date_time(value)) return fail(name, value, "is not a date and time");
  plain(name, value);
}

void XmlWriter::optional_date_time(const char* name, std::string_view value) {
  if (!value.empty()) date_time(name, value);
}

void XmlWriter::money(const char* name, const Money& money) {
  const auto decimals = currency_decimals(money.currency);
  if (!decimals || *decimals != money.decimals) {
    return fail(name, money.currency, "is not a currency with these decimals");
  }
  note(xmlTextWriterStartElement(writer_.get(), as_xml(name)));
  note(xmlTextWriterWriteAttribute(writer_.get(), as_xml("Ccy"), as_xml(money.currency.c_str())));
  const std::string number = format_decimal(money.amount, money.decimals);
  note(xmlTextWriterWriteString(writer_.get(), as_xml(number.c_str())));
  note(xmlTextWriterEndElement(writer_.get()));
}

void XmlWriter::agent(const char* name, const Agent& agent) {
  const auto outer = in(name);
  const auto institution = in("FinInstnId");
  if (!agent.bic.empty()) {
    if (!is_bic(agent.bic)) return fail("BICFI", agent.bic, "is not a BIC");
    plain("BICFI", agent.bic);
  }
  if (!agent.lei.empty()) {
    if (!is_lei(agent.lei)) return fail("LEI", agent.lei, "is not an LEI");
    plain("LEI", agent.lei);
  }
  text("Nm", agent.name, 140);
}

void XmlWriter::optional_agent(const char* name, std::string_view bic) {
  if (bic.empty()) return;
  Agent named;
  named.bic = bic;
  agent(name, named);
}

void XmlWriter::assignee(const char* name, const Agent& who) {
  const auto choice = in(name);
  agent("Agt", who);
}

void XmlWriter::reason(const char* name, const StatusReason& reason) {
  const auto block = in(name);
  if (!reason.code.empty()) {
    const auto choice = in("Rsn");
    const std::string fitting = fit_for_xml(reason.code);
    text(count_code_points(fitting) <= 4 ? "Cd" : "Prtry", fitting, 35);
  }
  for (const std::string& paragraph : reason.text) {
    // Longer text goes on in further lines, of which the schema allows any number.
    const std::string fitting = fit_for_xml(paragraph);
    std::string_view rest = fitting;
    for (int line = 0; line < kLinesPerParagraph && !rest.empty(); ++line) {
      const std::string_view part = first_code_points(rest, 105);
      plain("AddtlInf", part);
      rest.remove_prefix(part.size());
    }
  }
}

void XmlWriter::optional_original_group(const OriginalPayment& original) {
  if (original.message_id.empty() || original.message_name.empty()) return;
  const auto group = in("OrgnlGrpInf");
  id("OrgnlMsgId", original.message_id);
  id("OrgnlMsgNmId", original.message_name);
  optional_date_time("OrgnlCreDtTm", original.created);
}

std::expected<std::string, WriteError> XmlWriter::finish() {
  note(xmlTextWriterEndDocument(writer_.get()));
  writer_.reset();
  if (error_) return std::unexpected{std::move(*error_)};
  return std::string{view(xmlBufferContent(buffer_.get()))};
}

}  // namespace hugang::iso20022
