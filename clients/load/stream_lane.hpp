// One stream of batches to the node: several under way, answers in the order of the requests,
// opened again when it breaks.
#pragma once

#include <deque>
#include <functional>

#include "clients/load/call.hpp"

namespace hugang::load {

/// One of the batches that wait for an answer.
struct PendingBatch {
  Nanos intended = 0;
  Nanos sent = 0;
  std::uint64_t number = 0;  ///< the owner's own
};

/// Its owner sends when is_ready(); all else happens as completions of the queue. Not safe by
/// itself: the owner keeps send() and completions apart by a lock.
class StreamLane {
 public:
  struct Owner {
    virtual ~Owner() = default;
    /// A batch was answered, or (with an error) never will be. True where it keeps its place until
    /// free_place() all the same.
    virtual bool answered(StreamLane& lane, const PendingBatch& batch, const Answer& answer) = 0;
    /// May be ready now.
    virtual void lane_changed(StreamLane& lane) = 0;
    [[nodiscard]] virtual Nanos now() const = 0;
  };

  /// What the stream speaks.
  struct Protocol {
    const std::string& method;
    Answer (*read)(grpc::ByteBuffer& message);
  };
  /// `window`: batches under way at most, at least 1.
  StreamLane(std::shared_ptr<grpc::Channel> channel, grpc::CompletionQueue& queue,
             Protocol protocol, std::uint32_t window, Owner& owner);

  /// Opens the stream; it becomes ready when the node is reached.
  void open();
  /// To be called a few times a second by the thread of completions: opens the stream again where
  /// it broke and the pause after that is over, and tells of batches that found it broken.
  void look_after(Nanos now);

  [[nodiscard]] bool is_ready() const {
    return state_ == State::kOpen && !is_reserved_ && !is_writing_ && !is_closing_ &&
           pending_.size() + kept_ < window_;
  }
  /// Since when it is ready. Requires is_ready().
  [[nodiscard]] Nanos ready_since() const { return ready_since_; }
  /// The caller is about to send(): nobody else may meanwhile. Requires is_ready().
  void reserve() { is_reserved_ = true; }
  /// Sends; where the stream broke since, look_after() tells so. Requires reserve() before.
  void send(const grpc::ByteBuffer& message, PendingBatch batch);
  [[nodiscard]] std::uint64_t next_tag() { return ++last_tag_; }

  /// A batch that kept its place is over.
  void free_place();
  [[nodiscard]] std::size_t pending() const { return pending_.size() + kept_ + lost_.size(); }
  /// No more is sent; the stream ends when all is answered.
  void close();
  /// Ends the stream now; what is unanswered becomes errors.
  void cancel();
  [[nodiscard]] bool is_ended() const { return state_ == State::kClosed; }

 private:
  enum class State : std::uint8_t { kClosed, kOpening, kOpen, kEnding };
  /// A completion that calls one function of the lane.
  class Step final : public Completion {
   public:
    Step(StreamLane& lane, void (StreamLane::*action)(bool)) : lane_{lane}, action_{action} {}
    void complete(bool ok) override { (lane_.*action_)(ok); }

   private:
    StreamLane& lane_;
    void (StreamLane::*action_)(bool);
  };

  void opened(bool ok);
  void written(bool ok);
  void read(bool ok);
  void ended(bool ok);
  void end_when_quiet();
  void note_change();

  grpc::GenericStub stub_;
  grpc::CompletionQueue& queue_;
  const Protocol protocol_;
  const std::uint32_t window_;
  Owner& owner_;

  Step opened_{*this, &StreamLane::opened};
  Step written_{*this, &StreamLane::written};
  Step read_{*this, &StreamLane::read};
  Step ended_{*this, &StreamLane::ended};

  State state_ = State::kClosed;
  bool is_reserved_ = false;
  bool is_writing_ = false;
  bool is_reading_ = false;
  bool is_finishing_ = false;
  bool is_closing_ = false;
  bool is_half_closed_ = false;
  Nanos ready_since_ = 0;
  Nanos reopen_at_ = 0;
  std::uint64_t last_tag_ = 0;
  std::size_t kept_ = 0;  ///< places of batches that were answered and are not over
  std::deque<PendingBatch> pending_;
  std::vector<PendingBatch> lost_;  ///< made while the stream broke
  std::optional<grpc::ClientContext> context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> stream_;
  grpc::ByteBuffer answer_;
  grpc::Status status_;
};

}  // namespace hugang::load
