// Any bytes: the reader answers with a message or with a refusal that can itself be answered.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "clearing/base/check.hpp"
#include "clients/iso20022/reader.hpp"
#include "clients/iso20022/writer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hugang;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto message = iso20022::parse(text);
  const iso20022::AnswerIdentity identity{"HG-1", base::Timestamp{1}, "HFBKHKHHXXX"};
  if (!message) {
    HG_CHECK(!message.error().sentence.empty());
    HG_CHECK(message.error().reason.size() == 4);
    const auto answer =
        iso20022::write_status_report(iso20022::refuse_message(message.error(), identity));
    HG_CHECK(answer.has_value());
    return 0;
  }
  const auto answer = iso20022::write_status_report(iso20022::start_report(*message, identity));
  // A message that the grammar let through has no field that an answer could not carry, but for
  // control characters in identifiers, which XML text cannot hold in the first place.
  HG_CHECK(answer.has_value());
  return 0;
}
