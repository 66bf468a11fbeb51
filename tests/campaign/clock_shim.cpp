// Loaded before a node (LD_PRELOAD), so that a test can step its wall clock: what CLOCK_REALTIME
// says is the system's time plus the nanoseconds that the file named by HUGANG_CLOCK_FILE holds
// (one int64 in the machine's byte order, changed in place by the test at any time). The monotonic
// clock is left alone. Waits until an instant of the wall clock are translated once, when they
// begin: the kernel, too, lets only the end of such a wait move with the clock, never the start.
// Without the file it does nothing.
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <ctime>

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
// Above it a number of seconds is a date, below it the time since this machine was started.
constexpr std::int64_t kFirstDate = 1'000'000'000;

using ClockGettime = int (*)(clockid_t, timespec*);
using Syscall = long (*)(long, ...);

const std::int64_t* map_offset() {
  static const std::int64_t kNone = 0;
  const char* const path = std::getenv("HUGANG_CLOCK_FILE");
  if (path == nullptr) return &kNone;
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return &kNone;
  void* const mapped = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  return mapped == MAP_FAILED ? &kNone : static_cast<const std::int64_t*>(mapped);
}

std::int64_t offset_ns() {
  static const std::int64_t* const kOffset = map_offset();
  return __atomic_load_n(kOffset, __ATOMIC_RELAXED);
}

template <class Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

int real_time(clockid_t clock, timespec* time) {
  static const auto kReal = next<ClockGettime>("clock_gettime");
  return kReal(clock, time);
}

timespec shifted(const timespec& time, std::int64_t by) {
  std::int64_t ns = time.tv_nsec + by % kSecond;
  std::int64_t seconds = time.tv_sec + by / kSecond;
  if (ns < 0) {
    ns += kSecond;
    seconds -= 1;
  } else if (ns >= kSecond) {
    ns -= kSecond;
    seconds += 1;
  }
  return {.tv_sec = seconds, .tv_nsec = ns};
}

bool is_date(const timespec* time) { return time != nullptr && time->tv_sec > kFirstDate; }

}  // namespace

extern "C" {

int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const int result = real_time(clock, time);
  const bool is_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
  if (result == 0 && is_wall) *time = shifted(*time, offset_ns());
  return result;
}

int gettimeofday(timeval* time, void*) noexcept {
  timespec now{};
  const int result = clock_gettime(CLOCK_REALTIME, &now);
  if (result == 0) *time = {.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1'000};
  return result;
}

time_t time(time_t* result) noexcept {
  timespec now{};
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  if (result != nullptr) *result = now.tv_sec;
  return now.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                           const timespec* until) {
  if (!is_date(until)) {
    return pthread_cond_clockwait(condition, mutex, CLOCK_MONOTONIC, until);
  }
  const timespec real = shifted(*until, -offset_ns());
  return pthread_cond_clockwait(condition, mutex, CLOCK_REALTIME, &real);
}

// Abseil waits with the system call itself.
long syscall(long number, ...) noexcept {
  static const auto kReal = next<Syscall>("syscall");
  va_list list;
  va_start(list, number);
  long argument[6];
  for (long& each : argument) each = va_arg(list, long);
  va_end(list);
  timespec real{};
  if (number == SYS_futex && (argument[1] & FUTEX_CLOCK_REALTIME) != 0) {
    const auto* const until = reinterpret_cast<const timespec*>(argument[3]);
    if (is_date(until)) {
      real = shifted(*until, -offset_ns());
      argument[3] = reinterpret_cast<long>(&real);
    }
  }
  return kReal(number, argument[0], argument[1], argument[2], argument[3], argument[4],
               argument[5]);
}

}  // extern "C"
