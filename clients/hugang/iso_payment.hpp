// From ISO 20022 transactions to what the ledger is asked: accounts in Othr/Id are ledger account
// numbers, the UETR is the id, two nodes make it a settlement. Pure: no node is spoken to.
#pragma once

#include <hugang/v1/settlement_service.pb.h>
#include <hugang/v1/transfer_service.pb.h>

#include <expected>
#include <string>
#include <string_view>
#include <variant>

#include "clearing/base/strong_id.hpp"
#include "clients/hugang/asset_book.hpp"
#include "clients/iso20022/message.hpp"

namespace hugang::program {

/// Why a transaction is refused before the ledger is asked; `reason` is an
/// ExternalStatusReason1Code.
struct Objection {
  std::string reason;
  std::string sentence;
};

using PaymentRequest = std::variant<v1::SubmitRequest, v1::InstructRequest>;

/// The id of a payment: its UETR, or where it has none an id derived from `message_id` and the
/// transaction's own ids, so that the same file sent twice pays once.
[[nodiscard]] base::CommandId payment_id(const iso20022::PaymentIds& ids,
                                         std::string_view message_id);

/// An id that is the same for the same text: a UUID of version 8 (RFC 9562) over FNV-1a of 128
/// bits. Not secret: whoever makes two texts collide gets the second refused, since the content
/// differs.
[[nodiscard]] base::CommandId derived_id(std::string_view text);

/// The asset that settles an ISO 4217 currency: of that code, or the only one whose code begins
/// with it and a point (CNY: CNY.D). With the amount in the asset's minor units.
[[nodiscard]] std::expected<AssetAmount, Objection> settle_in(const iso20022::Money& money,
                                                              const AssetBook& assets);

/// 0.1 mg of fine gold in minor units of the node's gold asset (code XAU or XAU.x).
[[nodiscard]] std::expected<AssetAmount, Objection> gold_of(const iso20022::GoldLeg& gold,
                                                            const AssetBook& assets);

/// What the ledger is asked for one payment. Gold against it makes it a DvP.
[[nodiscard]] std::expected<PaymentRequest, Objection> request_of(
    const iso20022::TransferTerms& terms, const v1::PaymentDetails& details, base::CommandId id,
    const AssetBook& assets);

[[nodiscard]] v1::PaymentDetails details_of(const iso20022::CustomerTransfer& transfer);
[[nodiscard]] v1::PaymentDetails details_of(const iso20022::InstitutionTransfer& transfer);

}  // namespace hugang::program
