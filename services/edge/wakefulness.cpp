#include "services/edge/wakefulness.hpp"

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <pthread.h>

#include <chrono>

namespace hugang::edge {
namespace {

/// Well below the second after which a callback thread falls asleep.
constexpr std::chrono::milliseconds kPeriod{400};

}  // namespace

Wakefulness::Wakefulness(std::shared_ptr<grpc::Channel> in_process)
    : channel_{std::move(in_process)}, thread_{[this] { run(); }} {}

Wakefulness::~Wakefulness() {
  {
    const std::lock_guard lock{mutex_};
    is_stopping_ = true;
  }
  stops_.notify_one();
  thread_.join();
}

void Wakefulness::run() {
  pthread_setname_np(pthread_self(), "hg-awake");
  std::unique_lock lock{mutex_};
  while (!stops_.wait_for(lock, kPeriod, [this] { return is_stopping_; })) {
    lock.unlock();
    call_once();
    lock.lock();
  }
}

void Wakefulness::call_once() {
  grpc::GenericStub stub{channel_};
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPeriod);
  const grpc::ByteBuffer request;
  grpc::ByteBuffer response;
  grpc::Status status;
  const auto call =
      stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
  call->StartCall();
  call->Finish(&response, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
}

}  // namespace hugang::edge
