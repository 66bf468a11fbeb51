// The short texts that come from outside: amounts, numbers, account numbers, ids, times, durations,
// dates, identities in certificates, addresses, and the values of ISO 20022 fields. Every reader
// that has a writer must read what was written as the same value; where the form is strict, the
// text itself comes back.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "clearing/base/check.hpp"
#include "clearing/machine/text.hpp"
#include "clients/format/amount_text.hpp"
#include "clients/format/duration_text.hpp"
#include "clients/format/id_text.hpp"
#include "clients/format/minor_text.hpp"
#include "clients/format/time_text.hpp"
#include "clients/iso20022/currency.hpp"
#include "clients/iso20022/identifiers.hpp"
#include "clients/iso20022/value_form.hpp"
#include "services/edge/identity.hpp"
#include "services/runtime/config.hpp"
#include "tests/fuzz/input.hpp"

namespace {

using namespace hugang;

void check_amounts(std::string_view text, std::uint8_t scale) {
  if (const auto amount = format::parse_amount(text, scale)) {
    HG_CHECK(amount->minor() >= 0 && amount->minor() <= base::Amount::kMaxMinor);
    HG_CHECK(format::parse_amount(format::amount_text(*amount, scale), scale) == *amount);
  } else {
    HG_CHECK(!format::to_text(amount.error()).empty());
  }
  const std::uint32_t decimals = scale % 10;  // currency.hpp takes no more than nine
  if (const auto amount = iso20022::parse_decimal(text, decimals)) {
    HG_CHECK(iso20022::parse_decimal(iso20022::format_decimal(*amount, decimals), decimals) ==
             *amount);
  }
  if (const auto minor = format::parse_minor(text)) {
    HG_CHECK(format::minor_text(*minor) == text || text == "-0");
  }
  (void)iso20022::is_decimal(text, {.digits_max = 18, .fraction_max = 5, .is_from_zero = true});
}

void check_times(std::string_view text) {
  if (const auto at = format::parse_time(text)) {
    HG_CHECK(at->ns() >= 0);
    HG_CHECK(format::parse_time(format::time_text(*at)) == *at);
    HG_CHECK(!format::short_time_text(*at).empty());
    HG_CHECK(format::parse_business_date(format::business_date_text(
                 format::business_date_of(*at))) == format::business_date_of(*at));
  }
  if (const auto duration = format::parse_duration(text)) {
    HG_CHECK(duration->count_ns() > 0);
    HG_CHECK(!format::duration_text(*duration).empty());
  }
  if (const auto date = format::parse_business_date(text)) {
    HG_CHECK(format::parse_business_date(format::business_date_text(*date)) == *date);
  }
  (void)iso20022::is_date(text);
  (void)iso20022::is_date_time(text);
  (void)iso20022::is_time(text);
  if (const auto day = iso20022::parse_day(text)) {
    HG_CHECK(day->month >= 1 && day->month <= 12 && day->day >= 1 && day->day <= 31);
  }
}

void check_names(std::string_view text) {
  if (const auto account = format::parse_account(text)) {
    HG_CHECK(format::account_text(*account) == text);
    HG_CHECK(base::parse_account_number(*account).has_value());
  }
  if (const auto id = format::parse_uuid(text)) {
    const std::string again = format::uuid_text(*id);
    HG_CHECK(std::ranges::equal(again, text, [](char a, char b) { return a == (b | 0x20); }) ||
             format::parse_uuid(again) == *id);
  }
  if (iso20022::is_uetr(text)) {
    const auto id = iso20022::to_command_id(text);
    HG_CHECK(!id || iso20022::to_uetr(*id) == text);
  }
  if (iso20022::is_lei(text)) {
    HG_CHECK(iso20022::make_lei_check_digits(text.substr(0, 18)) == text.substr(18));
  }
  if (iso20022::is_iban(text)) {
    HG_CHECK(iso20022::make_iban_check_digits(text.substr(0, 2), text.substr(4)) ==
             text.substr(2, 2));
  }
  if (iso20022::is_bic(text)) HG_CHECK(iso20022::is_same_bic(text, text));
  if (const auto identity = edge::parse_identity(text)) {
    HG_CHECK(edge::is_code(identity->node) && edge::is_code(identity->code));
    HG_CHECK("hugang://" + identity->node + "/" + identity->code == text);
  }
  if (const auto address = runtime::parse_address(text)) {
    const auto again = runtime::parse_address(address->text());
    HG_CHECK(again.has_value());
    HG_CHECK(again->host == address->host && again->port == address->port);
  }
}

/// UTF-8: what the core lets in has a length in code points, and its head is a head of it.
void check_unicode(std::string_view text) {
  if (!machine::is_clean_utf8(text)) return;
  const std::size_t count = iso20022::count_code_points(text);
  HG_CHECK(count <= text.size());
  HG_CHECK(iso20022::first_code_points(text, count) == text);
  const std::string_view head = iso20022::first_code_points(text, count / 2);
  HG_CHECK(text.starts_with(head) && machine::is_clean_utf8(head));
  HG_CHECK(iso20022::count_code_points(head) == count / 2);
  if (machine::is_code_text(text)) HG_CHECK(count == text.size());
}

}  // namespace

/// The first byte chooses the number of decimals; every reader is asked about the rest.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text = fuzz::text_of(data + 1, size - 1);
  check_amounts(text, static_cast<std::uint8_t>(data[0] % (format::kScaleMax + 1)));
  check_times(text);
  check_names(text);
  check_unicode(text);
  return 0;
}
