// Any bytes, and messages of ours with any bytes put into them: the reader answers with a message
// or with a refusal, and either can itself be answered.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "clearing/base/check.hpp"
#include "clients/iso20022/reader.hpp"
#include "clients/iso20022/writer.hpp"
#include "tests/unit/clients/iso20022_messages.hpp"

namespace {

using namespace hugang;

void read_and_answer(std::string_view text) {
  const auto message = iso20022::parse(text);
  const iso20022::AnswerIdentity identity{"HG-1", base::Timestamp{1}, "HFBKHKHHXXX"};
  if (!message) {
    HG_CHECK(!message.error().sentence.empty());
    HG_CHECK(message.error().reason.size() == 4);
    const auto refusal = iso20022::refuse_message(message.error(), identity);
    HG_CHECK(iso20022::write_status_report(refusal).has_value());
    return;
  }
  const auto report = iso20022::start_report(*message, identity);
  HG_CHECK(iso20022::write_status_report(report).has_value());
  if (const auto* recall = std::get_if<iso20022::CancellationRequest>(&message->body)) {
    const auto resolution = iso20022::start_resolution(*recall, identity);
    HG_CHECK(iso20022::write_resolution(resolution).has_value());
  }
  if (const auto* payments = std::get_if<iso20022::PaymentReturn>(&message->body)) {
    HG_CHECK(iso20022::write_return(*payments).has_value());
  }
}

/// The first four bytes choose a message, a place in it and how much is replaced there by the rest.
std::string spliced(const std::uint8_t* data, std::size_t size) {
  static const std::array<const std::string*, 4> kMessages{
      &iso20022::test::kCustomerTransfer, &iso20022::test::kInstitutionTransfer,
      &iso20022::test::kReturn, &iso20022::test::kRecall};
  std::string text = *kMessages[data[0] % kMessages.size()];
  const std::size_t at = (data[1] * 256UL + data[2]) % text.size();
  const std::size_t length = std::min<std::size_t>(data[3], text.size() - at);
  return text.replace(at, length, reinterpret_cast<const char*>(data + 4), size - 4);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read_and_answer({reinterpret_cast<const char*>(data), size});
  if (size >= 4) read_and_answer(spliced(data, size));
  return 0;
}
