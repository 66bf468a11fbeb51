// A sequence whose first elements lie in the object itself: for lists that are nearly always short,
// where an allocation each would cost more than the elements.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "clearing/base/check.hpp"

namespace hugang::base {

/// Up to N elements in place, more of them on the heap. Elements are copied as bytes. Pointers and
/// references are valid until the next change of the size, and not after a move.
template <class T, std::size_t N>
class InlineVector {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
  static_assert(N >= 1);

 public:
  using value_type = T;

  InlineVector() = default;
  ~InlineVector() = default;
  InlineVector(const InlineVector& other) { assign(other); }
  InlineVector(InlineVector&& other) noexcept { take(std::move(other)); }
  InlineVector& operator=(const InlineVector& other) {
    if (this != &other) assign(other);
    return *this;
  }
  InlineVector& operator=(InlineVector&& other) noexcept {
    if (this != &other) take(std::move(other));
    return *this;
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] T* data() { return heap_ ? heap_.get() : inline_; }
  [[nodiscard]] const T* data() const { return heap_ ? heap_.get() : inline_; }
  [[nodiscard]] T* begin() { return data(); }
  [[nodiscard]] T* end() { return data() + size_; }
  [[nodiscard]] const T* begin() const { return data(); }
  [[nodiscard]] const T* end() const { return data() + size_; }
  [[nodiscard]] T& operator[](std::size_t index) {
    HG_CHECK(index < size_);
    return data()[index];
  }
  [[nodiscard]] const T& operator[](std::size_t index) const {
    HG_CHECK(index < size_);
    return data()[index];
  }
  [[nodiscard]] T& front() { return (*this)[0]; }
  [[nodiscard]] const T& front() const { return (*this)[0]; }
  [[nodiscard]] T& back() { return (*this)[size_ - 1]; }
  [[nodiscard]] const T& back() const { return (*this)[size_ - 1]; }

  void clear() { size_ = 0; }
  void push_back(const T& value) {
    const T copy = value;  // it may be one of ours
    if (size_ == capacity_) grow(std::size_t{capacity_} * 2);
    data()[size_] = copy;
    size_ += 1;
  }
  T& emplace_back() {
    push_back(T{});
    return back();
  }

 private:
  void grow(std::size_t capacity) {
    auto larger = std::make_unique_for_overwrite<T[]>(capacity);
    std::copy_n(data(), size_, larger.get());
    heap_ = std::move(larger);
    capacity_ = static_cast<std::uint32_t>(capacity);
  }
  void assign(const InlineVector& other) {
    size_ = 0;
    if (other.size_ > capacity_) grow(other.size_);
    std::copy_n(other.data(), other.size_, data());
    size_ = other.size_;
  }
  void take(InlineVector&& other) {
    heap_ = std::move(other.heap_);
    // Not std::copy_n: GCC 12 takes its memmove in optimised builds for an overflow of a member.
    for (std::size_t i = 0; !heap_ && i < N; ++i) inline_[i] = other.inline_[i];
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, static_cast<std::uint32_t>(N));
  }

  T inline_[N]{};
  std::unique_ptr<T[]> heap_;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = N;
};

}  // namespace hugang::base
