// Which role may call which method: one row per method, nothing else decides it. What a method may
// do to whose accounts is the ledger's decision; what of the answer a caller may see is filtered by
// the readers. tests/scenario/edge/access.txt shows the table and is compared with it cell by cell.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "clearing/wire/records.hpp"

namespace hugang::edge {

enum class Method : std::uint8_t {
  kSubmit,
  kSubmitBatch,
  kSubmitStream,
  kGetTransfer,
  kListTransfers,
  kOpenAccount,
  kGetAccount,
  kListAccounts,
  kListAssets,
  kInstruct,
  kInstructBatch,
  kInstructStream,
  kWatchSettlements,
  kAffirm,
  kRecall,
  kGetSettlement,
  kListSettlements,
  kListPositions,
  kReconcile,
  kGetReconciliation,
  kRegisterParticipant,
  kUpdateParticipant,
  kListParticipants,
  kRegisterAsset,
  kUpdateAccount,
  kRegisterPeer,
  kRotateKey,
  kResumePeer,
  kSetRules,
  kGetNodeStatus,
  kLink,
  kHealthCheck,
  kHealthWatch,
  kReflection,
};

struct AccessRow {
  Method method;
  std::string_view path;  ///< as HTTP/2 carries it: /package.Service/Method
  std::uint32_t roles;    ///< of wire::role
};

namespace access {
inline constexpr std::uint32_t kO = wire::role::kOperator;
inline constexpr std::uint32_t kPart = wire::role::kParticipant;
inline constexpr std::uint32_t kReg = wire::role::kRegulator;
inline constexpr std::uint32_t kMon = wire::role::kMonitor;
inline constexpr std::uint32_t kPeer = wire::role::kPeer;
}  // namespace access

inline constexpr std::array kAccessTable = std::to_array<AccessRow>({
    {Method::kSubmit, "/hugang.v1.TransferService/Submit", access::kO | access::kPart},
    {Method::kSubmitBatch, "/hugang.v1.TransferService/SubmitBatch", access::kO | access::kPart},
    {Method::kSubmitStream, "/hugang.v1.TransferService/SubmitStream", access::kO | access::kPart},
    {Method::kGetTransfer, "/hugang.v1.TransferService/GetTransfer",
     access::kO | access::kPart | access::kReg},
    {Method::kListTransfers, "/hugang.v1.TransferService/ListTransfers",
     access::kO | access::kPart | access::kReg},

    {Method::kOpenAccount, "/hugang.v1.AccountService/OpenAccount", access::kO | access::kPart},
    {Method::kGetAccount, "/hugang.v1.AccountService/GetAccount",
     access::kO | access::kPart | access::kReg},
    {Method::kListAccounts, "/hugang.v1.AccountService/ListAccounts",
     access::kO | access::kPart | access::kReg},
    {Method::kListAssets, "/hugang.v1.AccountService/ListAssets",
     access::kO | access::kPart | access::kReg},

    {Method::kInstruct, "/hugang.v1.SettlementService/Instruct", access::kO | access::kPart},
    {Method::kInstructBatch, "/hugang.v1.SettlementService/InstructBatch",
     access::kO | access::kPart},
    {Method::kInstructStream, "/hugang.v1.SettlementService/InstructStream",
     access::kO | access::kPart},
    {Method::kWatchSettlements, "/hugang.v1.SettlementService/WatchSettlements",
     access::kO | access::kPart | access::kReg},
    {Method::kAffirm, "/hugang.v1.SettlementService/Affirm", access::kO | access::kPart},
    {Method::kRecall, "/hugang.v1.SettlementService/Recall", access::kO | access::kPart},
    {Method::kGetSettlement, "/hugang.v1.SettlementService/GetSettlement",
     access::kO | access::kPart | access::kReg},
    {Method::kListSettlements, "/hugang.v1.SettlementService/ListSettlements",
     access::kO | access::kPart | access::kReg},

    {Method::kListPositions, "/hugang.v1.PositionService/ListPositions", access::kO | access::kReg},
    {Method::kReconcile, "/hugang.v1.PositionService/Reconcile", access::kO},
    {Method::kGetReconciliation, "/hugang.v1.PositionService/GetReconciliation",
     access::kO | access::kReg},

    {Method::kRegisterParticipant, "/hugang.v1.AdminService/RegisterParticipant", access::kO},
    {Method::kUpdateParticipant, "/hugang.v1.AdminService/UpdateParticipant", access::kO},
    {Method::kListParticipants, "/hugang.v1.AdminService/ListParticipants",
     access::kO | access::kReg},
    {Method::kRegisterAsset, "/hugang.v1.AdminService/RegisterAsset", access::kO},
    {Method::kUpdateAccount, "/hugang.v1.AdminService/UpdateAccount", access::kO},
    {Method::kRegisterPeer, "/hugang.v1.AdminService/RegisterPeer", access::kO},
    {Method::kRotateKey, "/hugang.v1.AdminService/RotateKey", access::kO},
    {Method::kResumePeer, "/hugang.v1.AdminService/ResumePeer", access::kO},
    {Method::kSetRules, "/hugang.v1.AdminService/SetRules", access::kO},
    {Method::kGetNodeStatus, "/hugang.v1.AdminService/GetNodeStatus",
     access::kO | access::kReg | access::kMon},

    {Method::kLink, "/hugang.v1.PeerService/Link", access::kPeer},

    {Method::kHealthCheck, "/grpc.health.v1.Health/Check",
     access::kO | access::kPart | access::kReg | access::kMon},
    {Method::kHealthWatch, "/grpc.health.v1.Health/Watch",
     access::kO | access::kPart | access::kReg | access::kMon},
    {Method::kReflection, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
     access::kO | access::kPart | access::kReg},
});

consteval bool access_table_is_in_order() {
  for (std::size_t i = 0; i < kAccessTable.size(); ++i) {
    if (static_cast<std::size_t>(kAccessTable[i].method) != i) return false;
  }
  return true;
}
static_assert(access_table_is_in_order());

/// True when one of the roles allows the method.
[[nodiscard]] constexpr bool is_permitted(Method method, std::uint32_t roles) {
  return (kAccessTable[static_cast<std::size_t>(method)].roles & roles) != 0;
}

/// The method of that path, or nothing.
[[nodiscard]] constexpr std::optional<Method> method_of_path(std::string_view path) {
  for (const AccessRow& row : kAccessTable) {
    if (row.path == path) return row.method;
  }
  return std::nullopt;
}

}  // namespace hugang::edge
