// A part of a value that is seldom there: a pointer while it is not, a copy of its own when it is.
#pragma once

#include <memory>

namespace hugang::base {

/// Reads as T{} until it is first edited. Copies are deep.
template <class T>
class Boxed {
 public:
  Boxed() = default;
  ~Boxed() = default;
  Boxed(const Boxed& other) : value_{other.value_ ? std::make_unique<T>(*other.value_) : nullptr} {}
  Boxed(Boxed&&) noexcept = default;
  Boxed& operator=(const Boxed& other) {
    if (this != &other) value_ = other.value_ ? std::make_unique<T>(*other.value_) : nullptr;
    return *this;
  }
  Boxed& operator=(Boxed&&) noexcept = default;

  [[nodiscard]] const T& operator*() const {
    static const T kNothing{};
    return value_ ? *value_ : kNothing;
  }
  [[nodiscard]] const T* operator->() const { return &**this; }
  [[nodiscard]] T& edit() {
    if (!value_) value_ = std::make_unique<T>();
    return *value_;
  }
  [[nodiscard]] bool is_set() const { return value_ != nullptr; }

 private:
  std::unique_ptr<T> value_;
};

}  // namespace hugang::base
