// Validation against the ISO 20022 schema files, for who has them: `hugang submit --schemas DIR`.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "clients/iso20022/read_error.hpp"

struct _xmlNode;

namespace hugang::iso20022 {

/// Finds DIR/<message name>.xsd, e.g. DIR/pacs.008.001.08.xsd, loads it at the first use and keeps
/// it. Schemas come from the folder alone, never from the network. One thread at a time.
class Validator {
 public:
  explicit Validator(std::string directory);
  ~Validator();
  Validator(Validator&&) noexcept;
  Validator& operator=(Validator&&) noexcept;

  /// Whether the folder has a usable schema for this message ("pacs.002.001.10").
  [[nodiscard]] bool has_schema(std::string_view message) const;

  /// The first thing wrong with this Document or AppHdr element by the schema of `message`, nothing
  /// when it is valid. When the schema is missing or broken that is the refusal: a check that was
  /// asked for is never skipped.
  [[nodiscard]] std::optional<ReadError> check(const _xmlNode* element,
                                               std::string_view message) const;

  /// The same for a text whose root is the element.
  [[nodiscard]] std::optional<ReadError> check_text(std::string_view xml,
                                                    std::string_view message) const;

 private:
  struct Schemas;
  std::unique_ptr<Schemas> schemas_;
};

}  // namespace hugang::iso20022
