// Cross-border payments at volume: a stream of batches of instructions, and the watch that tells
// how the settlements end. The stream answers when a batch is held, durable and under way; open the
// watch before it, and every end is told there.
#pragma once

#include <hugang/v1/settlement_service.pb.h>

#include <memory>

#include "clients/library/error.hpp"

namespace hugang::client {

struct Stubs;

/// One thread may send while another receives; no two threads may do the same at once.
/// A stream that broke is not opened again by itself: the caller knows which tags are unanswered
/// and sends those batches again, with the same ids, on a new stream.
class InstructStream {
 public:
  explicit InstructStream(std::shared_ptr<Stubs> stubs);
  /// Cancels the call where finish() was not called.
  ~InstructStream();
  InstructStream(InstructStream&&) noexcept;
  InstructStream& operator=(InstructStream&&) noexcept;

  /// False when the stream is broken: finish() tells why.
  [[nodiscard]] bool send(const v1::InstructStreamRequest& request);
  /// No more requests; answers still come.
  void close();
  /// Waits for the next answer. False when there is none any more: finish() tells why.
  [[nodiscard]] bool receive(v1::InstructStreamResponse& answer);
  /// How the stream ended. Call after receive() returned false.
  [[nodiscard]] Result<void> finish();

 private:
  struct Call;
  std::unique_ptr<Call> call_;
};

/// What WatchSettlements tells. One thread receives; cancel may be called by any other.
/// A watch that broke is not opened again by itself: open a new one with after_seqno = the last
/// seqno that was received.
class SettlementWatch {
 public:
  SettlementWatch(std::shared_ptr<Stubs> stubs, const v1::WatchSettlementsRequest& request);
  /// Cancels the call where finish() was not called.
  ~SettlementWatch();
  SettlementWatch(SettlementWatch&&) noexcept;
  SettlementWatch& operator=(SettlementWatch&&) noexcept;

  /// Waits for the next response: the first comes at once, and the watch stands from then on. False
  /// when it is over: finish() tells why.
  [[nodiscard]] bool receive(v1::WatchSettlementsResponse& response);
  /// Ends the watch; receive() returns false soon.
  void cancel();
  /// How the watch ended; cancelling it is no error. Call after receive() returned false.
  [[nodiscard]] Result<void> finish();

 private:
  struct Call;
  std::unique_ptr<Call> call_;
};

}  // namespace hugang::client
