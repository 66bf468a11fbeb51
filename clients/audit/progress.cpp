#include "clients/audit/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace hugang::audit {

Progress::Progress(std::string what)
    : what_{std::move(what)}, is_watched_{isatty(STDERR_FILENO) == 1} {}

Progress::~Progress() {
  if (has_line_) fmt::print(stderr, "\r\x1b[K");
}

void Progress::show(base::Seqno done, base::Seqno last) {
  if (!is_watched_) return;
  const auto now = std::chrono::steady_clock::now();
  if (has_line_ && now - shown_ < std::chrono::milliseconds{200}) return;
  shown_ = now;
  has_line_ = true;
  const std::uint64_t percent = last.is_none() ? 100 : done.value() * 100 / last.value();
  fmt::print(stderr, "\r\x1b[K{}: entry {} of {} ({} %)", what_, done.value(), last.value(),
             percent);
  std::fflush(stderr);
}

}  // namespace hugang::audit
