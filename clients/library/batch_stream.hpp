// A stream of transfer batches: several may be under way, answers come in the order of requests.
#pragma once

#include <hugang/v1/transfer_service.pb.h>

#include <memory>

#include "clients/library/error.hpp"

namespace hugang::client {

struct Stubs;

/// One thread may send while another receives; no two threads may do the same at once.
/// A stream that broke is not opened again by itself: the caller knows which tags are unanswered
/// and sends those batches again, with the same ids, on a new stream.
class BatchStream {
 public:
  explicit BatchStream(std::shared_ptr<Stubs> stubs);
  /// Cancels the call where finish() was not called.
  ~BatchStream();
  BatchStream(BatchStream&&) noexcept;
  BatchStream& operator=(BatchStream&&) noexcept;

  /// False when the stream is broken: finish() tells why.
  [[nodiscard]] bool send(const v1::SubmitStreamRequest& request);
  /// No more requests; answers still come.
  void close();
  /// Waits for the next answer. False when there is none any more: finish() tells why.
  [[nodiscard]] bool receive(v1::SubmitStreamResponse& answer);
  /// How the stream ended. Call after receive() returned false.
  [[nodiscard]] Result<void> finish();

 private:
  struct Call;
  std::unique_ptr<Call> call_;
};

}  // namespace hugang::client
