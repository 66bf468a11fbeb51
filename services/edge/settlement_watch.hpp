// Tells a caller how the settlements that it takes part in end, as it becomes durable. One look at
// the state at a time, and the next only when the client has taken what the one before found: a
// slow client costs nothing but its own delay.
#pragma once

#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "hugang/v1/settlement_service.pb.h"
#include "services/edge/call.hpp"
#include "services/edge/desk.hpp"

namespace hugang::edge {

/// Settlements that one look passes over at most, and hence ends in one response.
inline constexpr std::uint32_t kEndsPerLook = 8'192;

/// What a watch asks for and how far it has come.
struct WatchPlace {
  v1::SettlementSide side = v1::SETTLEMENT_SIDE_UNSPECIFIED;
  std::optional<base::Seqno> after;     ///< where to begin; none: at the present
  std::optional<std::size_t> next_end;  ///< place in the order of ends; none: not begun
};

/// What one look found.
struct WatchFind {
  WatchPlace place;  ///< where to go on
  base::Seqno told;  ///< all ends up to this entry are told with this
  std::vector<base::CommandId> settled;
  struct Refusal {
    base::CommandId id;
    machine::Code code;
  };
  std::vector<Refusal> refused;
  bool has_more = false;
};

/// On the core thread.
[[nodiscard]] WatchFind look_for_ends(const machine::State& state, const WatchPlace& place,
                                      const Caller& caller);
void fill(const WatchFind& found, v1::WatchSettlementsResponse& message);

/// Owns itself until gRPC is done with it.
class SettlementWatch final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
 public:
  SettlementWatch(Desk& desk, grpc::CallbackServerContext& context,
                  const grpc::ByteBuffer& request);

 private:
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  /// Who asks for what, or why it is refused.
  [[nodiscard]] std::expected<void, Failure> open(const grpc::CallbackServerContext& context,
                                                  const grpc::ByteBuffer& request);
  /// A settlement may have ended. Release thread.
  void wake();
  void end_with(grpc::Status status);
  void look();
  void take(WatchFind found);
  /// Looks at what may go on and starts it. Called after every change, without the lock.
  void step();

  Desk& desk_;
  Caller caller_;
  OpenCalls::Id open_id_ = 0;
  SettlementWatches::Id watch_id_ = 0;
  grpc::ByteBuffer response_;  ///< of the write under way

  std::mutex mutex_;  ///< guards what follows
  WatchPlace place_;
  bool has_news_ = true;  ///< there may be something that no look has seen
  bool is_looking_ = false;
  bool is_writing_ = false;
  bool is_first_ = true;  ///< nothing was told yet
  bool is_finished_ = false;
  std::optional<grpc::Status> end_;
};

}  // namespace hugang::edge
