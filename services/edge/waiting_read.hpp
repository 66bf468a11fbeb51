// A read that may wait: answered as soon as what it asks for has come to its end, or with what is
// known when the time is over.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <utility>

#include "services/edge/call.hpp"

namespace hugang::edge {

/// wait_ms above this is taken as this.
inline constexpr std::chrono::milliseconds kWaitMax{60'000};

/// One waiting call. The read, the event, the timer and the caller's cancellation race: who sets
/// is_answered may touch the call, the others may not.
template <class Copy>
class WaitingRead : public std::enable_shared_from_this<WaitingRead<Copy>> {
 public:
  using Take = Copy (*)(const machine::State&, base::CommandId, const Caller&);
  using IsFinal = bool (*)(const Copy&);
  using Tell = void (*)(Call&, Copy, base::Seqno);
  struct Reader {
    Take take;
    IsFinal is_final;  ///< also true for what does not exist: there is nothing to wait for
    Tell tell;
  };

  WaitingRead(Call& call, base::CommandId id, Reader reader)
      : call_{call}, desk_{call.desk()}, caller_{call.caller()}, id_{id}, reader_{reader} {}

  void start(std::chrono::milliseconds wait) {
    const auto self = this->shared_from_this();
    if (wait.count() > 0) {
      // Registered before the first read, so that an end between the two is not missed.
      const auto until = DurableWaits::Clock::now() + std::min(wait, kWaitMax);
      const auto ticket = desk_.waits.add(id_, until, [self] { self->look(true); });
      if (!ticket) return call_.fail(Failure{EdgeError::kTooManyWaits});
      ticket_ = *ticket;
      call_.on_cancel([self] { self->give_up(); });
    }
    look(wait.count() == 0);
  }

 private:
  /// Reads, and answers when that is the end or `is_last`.
  void look(bool is_last) {
    const auto self = this->shared_from_this();
    desk_.reads.read(
        [self, is_last](const machine::State& state) -> std::move_only_function<void(base::Seqno)> {
          return [self, is_last, copy = self->reader_.take(state, self->id_, self->caller_)](
                     base::Seqno seqno) mutable {
            if (is_last || self->reader_.is_final(copy)) self->tell(std::move(copy), seqno);
          };
        },
        [self](node::SubmitError error) { self->fail(to_edge_error(error)); });
  }
  void tell(Copy copy, base::Seqno seqno) {
    if (is_answered_.exchange(true)) return;
    desk_.waits.remove(ticket_);
    reader_.tell(call_, std::move(copy), seqno);
  }
  void fail(EdgeError error) {
    if (is_answered_.exchange(true)) return;
    desk_.waits.remove(ticket_);
    call_.fail(Failure{error});
  }
  void give_up() { fail(EdgeError::kCancelled); }

  Call& call_;
  Desk& desk_;
  const Caller caller_;
  const base::CommandId id_;
  const Reader reader_;
  std::atomic<DurableWaits::Ticket> ticket_{0};
  std::atomic<bool> is_answered_{false};
};

}  // namespace hugang::edge
