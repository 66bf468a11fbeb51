// Keeps gRPC's callback threads awake. In gRPC 1.51 a callback thread that saw nothing for a second
// sleeps for a tenth of one without listening: on a quiet node a request waited up to 100 ms (about
// 52 ms in the median when requests came every 1.05 s). A thread that saw something within the last
// second listens, so a call inside the process twice a second is enough.
#pragma once

#include <grpcpp/channel.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace hugang::edge {

class Wakefulness {
 public:
  /// `in_process`: to the server that is to stay awake. Any answer will do.
  explicit Wakefulness(std::shared_ptr<grpc::Channel> in_process);
  /// Before the server shuts down.
  ~Wakefulness();
  Wakefulness(const Wakefulness&) = delete;
  Wakefulness& operator=(const Wakefulness&) = delete;

 private:
  void run();
  void call_once();

  const std::shared_ptr<grpc::Channel> channel_;
  std::mutex mutex_;
  std::condition_variable stops_;
  bool is_stopping_ = false;
  std::thread thread_;
};

}  // namespace hugang::edge
