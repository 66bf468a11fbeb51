#include "clients/iso20022/currency.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace hugang::iso20022 {
namespace {

struct CurrencyGroup {
  std::uint32_t decimals;
  std::string_view codes;
};

// ISO 4217 list one, amendment 176 (2024): codes of circulating money. Three letters and a space.
constexpr std::array kCurrencies{
    CurrencyGroup{0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF "},
    CurrencyGroup{2,
                  "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN "
                  "BWP BYN BZD "
                  "CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL "
                  "GHS GIP GMD "
                  "GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR "
                  "LRD LSL MAD "
                  "MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB "
                  "PEN PGK PHP "
                  "PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP "
                  "SZL THB TJS "
                  "TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG "},
    CurrencyGroup{3, "BHD IQD JOD KWD LYD OMR TND "},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::optional<std::uint32_t> currency_decimals(std::string_view code) {
  if (code.size() != 3 || code.contains(' ')) return std::nullopt;
  for (const CurrencyGroup& group : kCurrencies) {
    for (std::size_t i = 0; i < group.codes.size(); i += 4) {
      if (group.codes.substr(i, 3) == code) return group.decimals;
    }
  }
  return std::nullopt;
}

std::expected<base::Amount, DecimalError> parse_decimal(std::string_view text,
                                                        std::uint32_t decimals) {
  HG_CHECK(decimals <= 9);
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() && fraction.empty()) return std::unexpected{DecimalError::kMalformed};
  if (!std::ranges::all_of(whole, is_digit) || !std::ranges::all_of(fraction, is_digit)) {
    return std::unexpected{DecimalError::kMalformed};
  }
  if (fraction.size() > decimals) return std::unexpected{DecimalError::kTooManyDecimals};

  std::int64_t minor = 0;
  const auto append = [&minor](char digit) {
    // kMaxMinor is below INT64_MAX / 90, so one more digit cannot wrap before the check below.
    static_assert(base::Amount::kMaxMinor < INT64_MAX / 90);
    minor = minor * 10 + (digit - '0');
    return minor <= base::Amount::kMaxMinor;
  };
  for (const char digit : whole) {
    if (!append(digit)) return std::unexpected{DecimalError::kTooLarge};
  }
  for (std::size_t i = 0; i < decimals; ++i) {
    if (!append(i < fraction.size() ? fraction[i] : '0')) {
      return std::unexpected{DecimalError::kTooLarge};
    }
  }
  if (is_negative && minor != 0) return std::unexpected{DecimalError::kMalformed};
  return *base::Amount::from_minor(minor);
}

std::string format_decimal(base::Amount amount, std::uint32_t decimals) {
  std::string digits = std::to_string(amount.minor());
  if (decimals == 0) return digits;
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  digits.insert(digits.size() - decimals, 1, '.');
  return digits;
}

}  // namespace hugang::iso20022
