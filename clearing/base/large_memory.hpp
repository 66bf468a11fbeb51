// Memory for tables that grow to gigabytes: zeroed by the kernel page by page as it is first
// touched, so that a large table costs nothing before it is used, and in huge pages where the
// kernel gives them, so that a random access misses the cache but not the address translation too.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>
#include <utility>

namespace hugang::base {

/// Zeroed bytes, aligned to a page. Movable.
class LargeMemory {
 public:
  /// Throws std::bad_alloc, as new does.
  explicit LargeMemory(std::size_t bytes) : bytes_{bytes} {
    if (bytes == 0) return;
    void* const memory =
        mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc{};
    data_ = static_cast<std::byte*>(memory);
    // Advice only: a kernel without huge pages says no, and nothing else changes.
    if (bytes >= kHugeFrom) static_cast<void>(madvise(data_, bytes, MADV_HUGEPAGE));
  }
  LargeMemory() = default;
  LargeMemory(LargeMemory&& other) noexcept
      : data_{std::exchange(other.data_, nullptr)}, bytes_{std::exchange(other.bytes_, 0)} {}
  LargeMemory& operator=(LargeMemory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~LargeMemory() {
    if (data_ != nullptr) munmap(data_, bytes_);
  }

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return bytes_; }

 private:
  /// Below this, huge pages would mostly be unused.
  static constexpr std::size_t kHugeFrom = std::size_t{8} << 20;

  std::byte* data_ = nullptr;
  std::size_t bytes_ = 0;
};

}  // namespace hugang::base
