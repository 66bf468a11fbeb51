// Hears from the node how settlements end, and goes on where it was when the stream breaks.
#pragma once

#include "clients/load/call.hpp"

namespace hugang::load {

/// Everything happens as completions of the queue, under the owner's lock.
class WatchLane {
 public:
  struct Owner {
    virtual ~Owner() = default;
    /// The watch stands: ends of what is instructed from now on will be told.
    virtual void watch_stands() = 0;
    virtual void told(const v1::WatchSettlementsResponse& response) = 0;
  };

  WatchLane(std::shared_ptr<grpc::Channel> channel, grpc::CompletionQueue& queue, Owner& owner);

  void open();
  /// To be called a few times a second: opens it again where it broke.
  void look_after(Nanos now);
  /// Ends it for good.
  void close();
  [[nodiscard]] bool is_ended() const { return !is_open_; }

 private:
  class Step final : public Completion {
   public:
    Step(WatchLane& lane, void (WatchLane::*action)(bool)) : lane_{lane}, action_{action} {}
    void complete(bool ok) override { (lane_.*action_)(ok); }

   private:
    WatchLane& lane_;
    void (WatchLane::*action_)(bool);
  };

  void opened(bool ok);
  void asked(bool ok);
  void read(bool ok);
  void ended(bool ok);
  void finish();

  grpc::GenericStub stub_;
  grpc::CompletionQueue& queue_;
  Owner& owner_;
  Step opened_{*this, &WatchLane::opened};
  Step asked_{*this, &WatchLane::asked};
  Step read_{*this, &WatchLane::read};
  Step ended_{*this, &WatchLane::ended};
  bool is_open_ = false;
  bool is_closing_ = false;
  bool is_asking_ = false;
  bool is_reading_ = false;
  bool is_finishing_ = false;
  bool has_stood_ = false;
  std::uint64_t told_up_to_ = 0;
  Nanos reopen_at_ = 0;
  Nanos now_ = 0;
  std::optional<grpc::ClientContext> context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  grpc::ByteBuffer answer_;
  grpc::Status status_;
};

}  // namespace hugang::load
