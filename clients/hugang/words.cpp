// Protobuf enumerations are open: a newer node may send a number that this program does not know,
// and the generated sentinels force a default branch.
#include "clients/hugang/to_json.hpp"

namespace hugang::program {

const char* word_of(v1::AccountKind kind) {
  switch (kind) {
    case v1::ACCOUNT_KIND_CUSTOMER:
      return "customer";
    case v1::ACCOUNT_KIND_RESERVE:
      return "reserve";
    case v1::ACCOUNT_KIND_CORRIDOR:
      return "corridor";
    default:
      return "unknown";
  }
}

const char* word_of(v1::SettlementKind kind) {
  switch (kind) {
    case v1::SETTLEMENT_KIND_PAYMENT:
      return "payment";
    case v1::SETTLEMENT_KIND_PVP:
      return "pvp";
    case v1::SETTLEMENT_KIND_DVP:
      return "dvp";
    case v1::SETTLEMENT_KIND_RETURN:
      return "return";
    default:
      return "unknown";
  }
}

const char* word_of(v1::SettlementStatus status) {
  switch (status) {
    case v1::SETTLEMENT_STATUS_SENT:
      return "sent";
    case v1::SETTLEMENT_STATUS_PENDING:
      return "pending";
    case v1::SETTLEMENT_STATUS_SETTLED:
      return "settled";
    case v1::SETTLEMENT_STATUS_REFUSED:
      return "refused";
    default:
      return "unknown";
  }
}

const char* word_of(v1::ReconciliationStatus status) {
  switch (status) {
    case v1::RECONCILIATION_STATUS_OPEN:
      return "open";
    case v1::RECONCILIATION_STATUS_AGREED:
      return "agreed";
    case v1::RECONCILIATION_STATUS_DIFFERS:
      return "differs";
    default:
      return "unknown";
  }
}

const char* word_of(v1::Role role) {
  switch (role) {
    case v1::ROLE_OPERATOR:
      return "operator";
    case v1::ROLE_PARTICIPANT:
      return "participant";
    case v1::ROLE_REGULATOR:
      return "regulator";
    case v1::ROLE_MONITOR:
      return "monitor";
    case v1::ROLE_PEER:
      return "peer";
    default:
      return "unknown";
  }
}

}  // namespace hugang::program
