// How far a long run is, on standard error, and only where a person watches.
#pragma once

#include <chrono>
#include <string>

#include "clearing/base/strong_id.hpp"

namespace hugang::audit {

/// One line that is rewritten a few times a second and cleared at the end. Silent when standard
/// error is no terminal.
class Progress {
 public:
  explicit Progress(std::string what);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress();

  void show(base::Seqno done, base::Seqno last);

 private:
  std::string what_;
  bool is_watched_;
  bool has_line_ = false;
  std::chrono::steady_clock::time_point shown_;
};

}  // namespace hugang::audit
